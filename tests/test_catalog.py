"""The reader: what it says of a database, what it names without managing it, and what does not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from mizzle.catalog import address, prune
from mizzle.catalog.address import Address
from mizzle.catalog.read import read
from mizzle.planning.session import pin_sql
from schemas import EVERYTHING, UNMANAGED

if TYPE_CHECKING:
    from mizzle.catalog.catalog import Catalog
    from mizzle.prove import Scratch

OBJECTS = """
schema "Sales Dept"
extension btree_gist
type public.mood
sequence "Sales Dept"."Order_Id_seq"
sequence public.counter
table "Sales Dept"."Order"
column "Sales Dept"."Order"."Id"
column "Sales Dept"."Order".of
column "Sales Dept"."Order".person
constraint "Sales Dept"."Order"."Order pk"
constraint "Sales Dept"."Order"."Order_of_fkey"
constraint "Sales Dept"."Order".by
constraint "Sales Dept"."Order".known
table public.cache
table public.person
column public.person.born
column public.person.code
column public.person.feels
column public.person.felt
column public.person.id
column public.person.note
column public.person.number
column public.person.shout
constraint public.person.person_pkey
constraint public.person.person_code_born_note_key
constraint public.person.code_known
constraint public.person."no two"
index public.person_code_idx
""".strip().splitlines()

NEEDS = """
column "Sales Dept"."Order"."Id" needs sequence "Sales Dept"."Order_Id_seq"
column public.person.feels needs type public.mood
column public.person.felt needs type public.mood
column public.person.number needs sequence public.counter
column public.person.shout needs column public.person.note
constraint "Sales Dept"."Order"."Order_of_fkey" needs constraint "Sales Dept"."Order"."Order pk"
constraint "Sales Dept"."Order".by needs column public.person.id
constraint "Sales Dept"."Order".by needs constraint public.person.person_pkey
constraint "Sales Dept"."Order".known needs column public.person.id
constraint "Sales Dept"."Order".known needs constraint public.person.person_pkey
constraint public.person."no two" needs extension btree_gist
index public.person_code_idx needs type public.mood
""".strip().splitlines()

NOT_MANAGED = """
conversion public.conv
operator class public.cls
operator family public.cls
operator family public.fam
typed table public.typed
""".strip().splitlines()

SERIAL = """
CREATE SEQUENCE t_a_seq AS integer;
CREATE TABLE t (a integer NOT NULL DEFAULT nextval('t_a_seq'));
ALTER SEQUENCE t_a_seq OWNED BY t.a;
"""
# Two ways to say one thing.
SAME = {
    "order of columns": ("CREATE TABLE t (a integer, b text)", "CREATE TABLE t (b text, a integer)"),
    "gaps": ("CREATE TABLE t (a integer)", "CREATE TABLE t (x text, a integer); ALTER TABLE t DROP x"),
    "order of creation": ("CREATE TABLE a (); CREATE TABLE b ()", "CREATE TABLE b (); CREATE TABLE a ()"),
    "names that PostgreSQL gave NOT NULL constraints": (
        "CREATE TABLE t (b integer NOT NULL)",
        "CREATE TABLE t (a integer NOT NULL); ALTER TABLE t RENAME a TO b",
    ),
    "spelling": (
        "CREATE TABLE t (a int4 DEFAULT 1::int)",
        "create table public.\"t\" (A INTEGER default '1'::integer)",
    ),
    "IN": (
        "CREATE TABLE t (a text CHECK (a IN ('x', 'y')))",
        "CREATE TABLE t (a text CHECK (a = ANY (ARRAY['x', 'y'])))",
    ),
    "an empty default": ("CREATE TABLE t (a text)", "CREATE TABLE t (a text DEFAULT NULL::text)"),
    "serial": ("CREATE TABLE t (a serial)", SERIAL),
    "values": ("CREATE TABLE t (a serial)", "CREATE TABLE t (a serial); INSERT INTO t DEFAULT VALUES"),
}
# What is close to one thing, and is not.
DIFFERENT = {
    "order of labels": ("CREATE TYPE e AS ENUM ('a', 'b')", "CREATE TYPE e AS ENUM ('b', 'a')"),
    "order of keys": ("CREATE TABLE t (a int, b int, UNIQUE (a, b))", "CREATE TABLE t (a int, b int, UNIQUE (b, a))"),
    "a key and an index": (
        "CREATE TABLE t (a int CONSTRAINT u UNIQUE)",
        "CREATE TABLE t (a int); CREATE UNIQUE INDEX u ON t (a)",
    ),
    "an empty comment": ("CREATE TABLE t ()", "CREATE TABLE t (); COMMENT ON TABLE t IS ' '"),
    "an owner": ("CREATE TABLE t (a int); CREATE SEQUENCE s", "CREATE TABLE t (a int); CREATE SEQUENCE s OWNED BY t.a"),
}


def _read(url: str, **scope: object) -> Catalog:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(pin_sql().encode())
        return read(connection, **scope)  # pyright: ignore[reportArgumentType]


def _run(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET standard_conforming_strings = on; SET search_path TO public")
        connection.execute(sql.encode())


def test_reads_every_kind_and_what_it_needs(scratch: Scratch) -> None:
    catalog = scratch.load(EVERYTHING)
    assert [str(where) for where, _ in catalog.objects()] == OBJECTS
    assert [f"{each.dependent} needs {each.referenced}" for each in catalog.dependencies] == NEEDS
    assert catalog.unmanaged == ()


def test_names_what_is_not_managed(scratch: Scratch) -> None:
    assert [str(where) for where in scratch.load(UNMANAGED).unmanaged] == NOT_MANAGED


def test_what_an_extension_made_is_its_own(scratch: Scratch) -> None:
    catalog = scratch.load("CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE TABLE t (a hstore)")
    assert [str(where) for where, _ in catalog.top_level()] == ["extension hstore", "extension ltree", "table public.t"]
    assert catalog.unmanaged == ()


def test_reads_the_same_whatever_the_session_is_used_to(scratch: Scratch, hostile_database: str) -> None:
    _run(hostile_database, EVERYTHING)
    assert scratch.rehome(_read(hostile_database)) == scratch.load(EVERYTHING)


def test_reads_the_schemas_it_is_told_to(database: str) -> None:
    _run(
        database,
        "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (); CREATE TABLE b.t (); CREATE VIEW b.v AS SELECT 1",
    )
    only = _read(database, schemas=["a"])
    assert [str(where) for where, _ in only.objects()] == ["schema a", "table a.t"]
    assert only.unmanaged == ()
    without = _read(database, exclude=["a", "public"])
    assert [str(where) for where, _ in without.objects()] == ["schema b", "table b.t", "view b.v"]


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_does_not_count(one: str, other: str, scratch: Scratch) -> None:
    assert scratch.load(one) == scratch.load(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_counts(one: str, other: str, scratch: Scratch) -> None:
    assert scratch.load(one) != scratch.load(other)


def test_without_takes_along_what_cannot_be_without(scratch: Scratch) -> None:
    catalog = scratch.load(EVERYTHING)
    left = {str(where) for where, _ in prune.without(catalog, [address.type_("public", "mood")]).objects()}
    assert set(OBJECTS) - left == {
        *(each for each in OBJECTS if "public.person" in each),
        "type public.mood",
        'constraint "Sales Dept"."Order".by',
        'constraint "Sales Dept"."Order".known',
    }


def test_managed_stands_by_itself(scratch: Scratch) -> None:
    catalog = prune.managed(scratch.load(UNMANAGED + "CREATE TABLE plain (id integer)"))
    assert [table.name for table in catalog.tables] == ["plain"]
    assert catalog.unmanaged == ()


@pytest.mark.parametrize(
    "where",
    [
        Address("table", ("public", "t")),
        Address("column", ("public", 'a "b" c', "d e.f")),
        Address("materialized view", ("My schema", "v 1")),
        Address("function", ("public", 'f(integer, other."my (type")')),
        Address("procedure", ("a.b", 'My "(odd) one"(double precision)')),
        Address("aggregate", ("public", "odd(int")),
        Address("operator", ("public", "===(integer,a.b)")),
        Address("event trigger", ("e t",)),
    ],
)
def test_an_address_reads_back(where: Address) -> None:
    assert address.parse(str(where)) == where


def test_a_routine_is_told_with_its_name_alone_quoted() -> None:
    assert str(Address("function", ("public", "one()"))) == "function public.one()"
    assert str(Address("procedure", ("My", 'Two"(a.b, "C")'))) == 'procedure "My"."Two"""(a.b, "C")'
    for before in ('function public."one()"', "function public.one()"):
        assert address.parse(before) == Address("function", ("public", "one()"))
