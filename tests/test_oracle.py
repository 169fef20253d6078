"""The oracle: what each step of each recipe says that it does to others is what the server says that it did.

On PostgreSQL 18 and 15; with `make oracle` on the versions of MIZZLE_TEST_MAJORS, and then what is planned for the
oldest of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mizzle.planning.plan import Plan, plan
from mizzle.planning.recipes import conversion, domain
from mizzle.planning.recipes.cast import converted
from mizzle.planning.recipes.volatile import STEADY, is_volatile
from mizzle.planning.session import pin_sql
from mizzle.planning.steps import Lock
from oracle import Compared, compared
from oracle_recipes import MORE
from recipes import RECIPES, Recipe
from shared_pairs import majors

if TYPE_CHECKING:
    from mizzle.catalog.domain import Domain
    from mizzle.prove import Scratch
    from servers import Server

    Connection = psycopg.Connection[Any]
    ServerOf = Callable[[int], Server]

_MAJORS = majors("18,15")
_OLDEST = min(_MAJORS)
_WHOLE = "MIZZLE_TEST_MAJORS" in os.environ
_TARGETS = [(major, target) for major in _MAJORS for target in sorted({major, *([_OLDEST] if _WHOLE else [])})]
_ALL = [
    pytest.param(recipe, major, target, id=f"{recipe} [{major} as for {target}]")
    for recipe in (*RECIPES, *MORE)
    for major, target in _TARGETS
    if {major, target} <= {*recipe.majors}
]


@pytest.fixture
def on_server(server_of: ServerOf) -> Iterator[Callable[[int, str], Connection]]:
    """Connect to a new database of the server of a major version, and run SQL there."""
    opened: list[tuple[Server, str, Connection]] = []

    def connect(major: int, sql: str) -> Connection:
        server = server_of(major)
        url = server.create()
        connection = psycopg.connect(url, autocommit=True)
        opened.append((server, url, connection))
        connection.execute(sql.encode())
        connection.execute(pin_sql().encode())
        return connection

    yield connect
    for server, url, connection in opened:
        connection.close()
        server.drop(url)


OnServer = Callable[[int, str], psycopg.Connection[Any]]


@pytest.mark.parametrize(("recipe", "major", "target"), _ALL)
def test_an_online_step_does_what_it_says(
    recipe: Recipe,
    major: int,
    target: int,
    scratch: Scratch,
    on_server: OnServer,
    record_property: Callable[[str, object], None],
) -> None:
    forward = plan(scratch.load(recipe.old), scratch.load(recipe.new), major=target)
    _there_and_back(forward, on_server(major, f"{recipe.old};{recipe.rows}"), record_property)


def _there_and_back(forward: Plan, connection: Connection, record_property: Callable[[str, object], None]) -> None:
    for way, planned in (("forward", forward), ("back", forward.undo())):
        connection.execute(pin_sql().encode())
        for each in compared(connection, planned):
            assert each.contradictions == {}, each.step.sql
            _expect_batches(each)
            record_property(way, json.dumps(_written(each)))


def _expect_batches(each: Compared) -> None:
    backfill = each.step.backfill
    assert backfill is not None or not each.swept
    if backfill is not None:
        assert each.pairs == {**each.pairs, "rewrites": _NOTHING, "scans": _NOTHING, "builds": _NOTHING}
        copied = "INSERT INTO" in each.step.sql  # into a table that the plan has made, from one that it locks less
        assert set(each.step.locks.values()) == {Lock.ROW_EXCLUSIVE, *([Lock.ROW_SHARE] if copied else [])}
        assert each.rows == ({} if copied else each.step.locks)


_NOTHING = (frozenset[str](), frozenset[str]())


def _written(each: Compared) -> dict[str, object]:
    """Return a step as the table of the docs tells it (tools/oracle.py)."""
    locks = {**each.tables[1], **each.indexes[1]} or {name: lock.value for name, lock in each.rows.items()}
    work = {"rewrites": sorted(each.rewrites[1]), "scans": sorted(each.scans[1]), "builds": sorted(each.builds[1])}
    step = each.step
    batches, older = step.backfill is not None, sorted(each.older)
    return {"sql": step.sql, "batches": batches, "older": older, "locks": locks, **work}


@pytest.mark.parametrize(("recipe", "major", "target"), _ALL)
def test_a_plain_step_does_what_it_says(
    recipe: Recipe,
    major: int,
    target: int,
    scratch: Scratch,
    on_server: OnServer,
    record_property: Callable[[str, object], None],
) -> None:
    forward = plan(scratch.load(recipe.old), scratch.load(recipe.new), major=target, online=False)
    _there_and_back(forward, on_server(major, f"{recipe.old};{recipe.rows}"), record_property)


@pytest.mark.parametrize("major", _MAJORS)
def test_steady_functions_are_not_volatile(major: int, on_server: OnServer) -> None:
    rows = on_server(major, "").execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE provolatile = 'v' AND proname = ANY (%s)"
        " AND pronamespace = 'pg_catalog'::regnamespace",
        (sorted(STEADY),),
    )
    volatile = {signature for (signature,) in rows.fetchall()}
    assert volatile <= {"timezone(text,time with time zone)"}


def test_the_time_in_another_zone_is_volatile() -> None:
    assert is_volatile("timezone('utc'::text, CURRENT_TIME)")
    assert is_volatile("timezone('utc'::text, '12:00:00+00'::time with time zone)")
    assert not is_volatile("timezone('utc'::text, now())")
    assert not is_volatile("timezone('utc'::text, '2030-01-01 12:00:00+00'::timestamp with time zone)")


TYPES = (
    "bigint, bigint[], bit varying, bit varying(3), bit varying(5), bit varying[], bit(3), bit(3)[], bit(5), boolean,"
    " bytea, character varying, character varying(5), character varying(5)[], character varying(9),"
    " character varying(9)[], character varying[], character(3), character(5), cidr, cidr[], date, double precision,"
    " inet, inet[], integer, integer[], interval, interval day to second, interval day to second(3), interval(3), json,"
    " jsonb, money, name, numeric, numeric(5;0), numeric(6;2), numeric(6;2)[], numeric(9;2), numeric(9;2)[],"
    " numeric(9;3), numeric[], oid, oid[], real, smallint, text, text[], time with time zone, time without time zone,"
    " time(2) with time zone, time(3) without time zone, timestamp with time zone, timestamp without time zone,"
    " timestamp without time zone[], timestamp(0) without time zone, timestamp(3) with time zone,"
    " timestamp(3) without time zone, timestamp(3) without time zone[], timestamp(6) without time zone[], uuid, xml,"
    " public.free, public.over, public.small"
).split(",")
DOMAINS = """
CREATE DOMAIN public.free AS character varying(9);
CREATE DOMAIN public.over AS public.free;
CREATE DOMAIN public.small AS character varying(9) CHECK (VALUE <> 'x');
"""
FREE = {
    f"{one} -> {other}"
    for zone, none in (("with", "without"), ("without", "with"))
    for one in (f"timestamp(0) {zone} time zone", f"timestamp(3) {zone} time zone", f"timestamp {zone} time zone")
    for other in (f"timestamp {none} time zone",)
}
"""Changes of type of which rewrites() says that they write the table anew, and they do not: where TimeZone is UTC."""


@pytest.mark.parametrize("major", _MAJORS)
def test_types_that_are_said_to_be_free_are(major: int, scratch: Scratch, on_server: OnServer) -> None:
    connection = on_server(major, DOMAINS)
    domains = scratch.load(DOMAINS).domains
    found: set[str] = set()
    for old in (each.strip().replace(";", ",") for each in TYPES):
        indexed = _make(connection, old)
        for new in (each.strip().replace(";", ",") for each in TYPES):
            if old == new or (seen := _change(connection, old, new, domains)) is None:
                continue
            said = conversion.rewrites(old, new, domains=(domains, domains))
            if seen[0] and not said:
                pytest.fail(f"{old} -> {new} writes the table anew")
            if said and not seen[0]:
                found.add(f"{old} -> {new}")
            elif indexed and not said:
                assert seen[1] == conversion.reindexes(old, new, domains=(domains, domains)), f"{old} -> {new}"
    assert found - FREE == set()


_FILES = """
SELECT pg_relation_filenode('public.t'), (SELECT pg_relation_filenode(indexrelid) FROM pg_index WHERE indrelid = t.oid)
FROM (SELECT 'public.t'::regclass::oid) AS t
"""


def _make(connection: Connection, type_: str) -> bool:
    connection.execute(f"DROP TABLE IF EXISTS public.t; CREATE TABLE public.t (a {type_})".encode())
    try:
        connection.execute("CREATE INDEX t_a ON public.t (a)")
    except psycopg.errors.UndefinedObject:  # no operator class
        return False
    return True


def _change(connection: Connection, old: str, new: str, domains: tuple[Domain, ...]) -> tuple[bool, bool] | None:
    """Change the type as a plan does; say whether the table and its index were made anew, None where it cannot be."""
    plain = [domain.over(each, domains) for each in (old, new)]
    value = "" if plain[0] == plain[1] else converted("a", *plain, enums=frozenset())
    using = f" USING {value}" if value else ""
    before = connection.execute(_FILES.encode()).fetchone()
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(f"ALTER TABLE public.t ALTER a TYPE {new}{using}".encode())
            after = connection.execute(_FILES.encode()).fetchone()
    except psycopg.Error:
        return None
    assert before is not None
    assert after is not None
    return before[0] != after[0], before[1] != after[1]
