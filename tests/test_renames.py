"""Renames that a person answered: how they are written, what follows them, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mizzle.differ import texts
from mizzle.differ.compare import compare, describe
from mizzle.errors import ConfigError
from mizzle.planning.plan import plan

if TYPE_CHECKING:
    from mizzle.prove import Scratch

OLD = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE users (id serial PRIMARY KEY, name text, feels mood DEFAULT 'ok', CHECK (feels <> 'sad' OR name > ''));
CREATE TABLE "My orders" ("user" integer REFERENCES users);
"""
NEW = """
CREATE TYPE feeling AS ENUM ('sad', 'fine');
CREATE TABLE people (uid serial PRIMARY KEY, "full name" text, feels feeling DEFAULT 'fine',
    CONSTRAINT users_check CHECK (feels <> 'sad' OR "full name" > ''));
CREATE TABLE orders (person integer REFERENCES people);
"""
RENAMES = {
    "public.users": "people",
    "public.users.id": "uid",
    "public.users.name": '"full name"',
    "public.mood": "feeling",
    "public.mood.ok": "fine",
    'public."My orders"': "orders",
    'public."My orders".user': "person",
}

REFUSED = {
    "nothing of that name": ({"public.nothing": "people"}, "cannot rename public.nothing: there is no table, column"),
    "nothing that is wanted": (
        {"public.users": "folk"},
        "cannot rename table public.users to folk: the wanted schema has no",
    ),
    "a column that is wanted under another name of its table": (
        {"public.users.name": "full name"},
        "cannot rename column public.users.name to full name: the wanted schema has no column public.users.",
    ),
    "no name": ({"public..users": "people"}, "not a name: public..users"),
    "an open quote": ({'public."users': "people"}, 'not a name: public."users'),
}

COLUMNS = {
    "CHECK ((a > 0))": "CHECK ((z > 0))",
    "(lower(lower) || 'a') || a": "(lower(lower) || 'a') || z",
    "USING btree (a, b) INCLUDE (a) WHERE (a IS NOT NULL)": "USING btree (z, b) INCLUDE (z) WHERE (z IS NOT NULL)",
    "a('a'::public.a, a)": "a('a'::public.a, z)",
    '"A" + a + "a b"': '"A" + z + "a b"',
    "(a)::a": "(z)::a",
    "E'a' || U&\"a\" || $$a$$ || a": "E'a' || U&\"a\" || $$a$$ || z",
}
VALUES = {
    "'ok'::public.mood": "'it''s \\ fine'::public.mood",
    "(f = ANY (ARRAY['ok'::public.mood, 'sad'::public.mood]))": (
        "(f = ANY (ARRAY['it''s \\ fine'::public.mood, 'sad'::public.mood]))"
    ),
    "'ok'::public.mood_2": "'ok'::public.mood_2",
    "'ok'::other.mood": "'ok'::other.mood",
    "'ok'::text": "'ok'::text",
    "'not ''ok'::public.mood": "'not ''ok'::public.mood",
}
TYPES = {
    "public.mood[]": 'public."A b"[]',
    "'public.mood'::public.mood": "'public.mood'::public.\"A b\"",
    "public.mood(1)": "public.mood(1)",
    "x.public.mood": "x.public.mood",
    '"public".mood': '"public"."A b"',
}


def test_everything_that_has_the_name_in_it_follows(scratch: Scratch) -> None:
    changes = compare(scratch.load(OLD), scratch.load(NEW), renames=RENAMES)
    assert [str(each) for each in changes if str(each).startswith("rename")] == list(describe(changes))
    assert list(describe(changes)) == [
        'rename column public."My orders"."user" to person',
        "rename column public.users.id to uid",
        "rename column public.users.name to full name",
        "rename value public.mood.ok to fine",
        'rename table public."My orders" to orders',
        "rename table public.users to people",
        "rename type public.mood to feeling",
        "rename sequence public.users_id_seq to people_uid_seq",
        'rename constraint public.orders."My orders_user_fkey" to orders_person_fkey',
        "rename constraint public.people.users_pkey to people_pkey",
    ]


def test_a_part_may_be_named_under_the_new_name_of_what_it_is_in(scratch: Scratch) -> None:
    old, new = scratch.load(OLD), scratch.load(NEW)
    also = {key.replace("users.", "people.").replace("mood.", "feeling."): value for key, value in RENAMES.items()}
    assert compare(old, new, renames=also) == compare(old, new, renames=RENAMES)


def test_the_undo_takes_each_of_them_back(scratch: Scratch) -> None:
    forward = plan(scratch.load(OLD), scratch.load(NEW), renames=RENAMES)
    assert forward.undo().undo().sql == forward.sql
    scratch.prove(forward)


@pytest.mark.parametrize(("renames", "message"), REFUSED.values(), ids=REFUSED)
def test_refuses(renames: dict[str, str], message: str, scratch: Scratch) -> None:
    with pytest.raises(ConfigError) as caught:
        compare(scratch.load(OLD), scratch.load(NEW), renames=renames)
    assert caught.value.message.startswith(message)
    assert caught.value.hint


@pytest.mark.parametrize(("before", "after"), COLUMNS.items())
def test_a_column_in_a_text(before: str, after: str) -> None:
    assert texts.with_column(before, "a", "z") == after


@pytest.mark.parametrize(("before", "after"), VALUES.items())
def test_a_value_in_a_text(before: str, after: str) -> None:
    assert texts.with_value(before, ("public", "mood"), "ok", "it's \\ fine") == after


@pytest.mark.parametrize(("before", "after"), TYPES.items())
def test_a_type_in_a_text(before: str, after: str) -> None:
    assert texts.with_type(before, ("public", "mood"), "A b") == after
