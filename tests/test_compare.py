"""Two catalogs in, changes out: what is equal, what is renamed, what must be asked, and how a difference is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mizzle.differ.changes import Rename
from mizzle.differ.compare import compare, describe
from mizzle.differ.questions import questions
from schemas import EVERYTHING

if TYPE_CHECKING:
    from mizzle.prove import Scratch

# From, to, and the changes.
CHANGES = {
    "a table comes with its parts": (
        "",
        "CREATE TABLE t (a int UNIQUE); CREATE INDEX i ON t (a)",
        ["create table public.t"],
    ),
    "a table goes with its parts": ("CREATE TABLE t (a int UNIQUE)", "", ["drop table public.t"]),
    "an index with another name is renamed": (
        "CREATE TABLE t (a int); CREATE INDEX i ON t (a)",
        "CREATE TABLE t (a int); CREATE INDEX j ON t (a)",
        ["rename index public.i to j"],
    ),
    "an index of another table is another one": (
        "CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE INDEX i ON t (a)",
        "CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE INDEX j ON u (a)",
        ["drop index public.i", "create index public.j"],
    ),
    "a key with another name is renamed, each once": (
        "CREATE TABLE t (a int CONSTRAINT x UNIQUE); ALTER TABLE t ADD CONSTRAINT y UNIQUE (a)",
        "CREATE TABLE t (a int CONSTRAINT y UNIQUE); ALTER TABLE t ADD CONSTRAINT z UNIQUE (a)",
        ["rename constraint public.t.x to z"],
    ),
    "a sequence of a column is renamed": (
        "CREATE TABLE t (a int); CREATE SEQUENCE s OWNED BY t.a",
        "CREATE TABLE t (a int); CREATE SEQUENCE r OWNED BY t.a",
        ["rename sequence public.s to r"],
    ),
    "a sequence of its own is not": (
        "CREATE SEQUENCE s",
        "CREATE SEQUENCE r",
        ["drop sequence public.s", "create sequence public.r"],
    ),
    "a column is not": (
        "CREATE TABLE t (a int)",
        "CREATE TABLE t (b int)",
        ["drop column public.t.a", "create column public.t.b"],
    ),
    "what has changed is told": (
        "CREATE TABLE t (a int NOT NULL, b text DEFAULT 'x'); CREATE TYPE e AS ENUM ('a')",
        "CREATE TABLE t (a bigint, b text); COMMENT ON TABLE t IS 'c'; CREATE TYPE e AS ENUM ('a', 'b')",
        [
            "type public.e: labels (a) -> (a, b)",
            "table public.t: comment none -> c",
            "column public.t.a: NOT NULL dropped; type integer -> bigint",
            "column public.t.b: default 'x'::text -> none",
        ],
    ),
}

# From, to, and what is asked: what is gone, and what it may be now, the likeliest first.
QUESTIONS = {
    "nothing, where nothing is gone": ("CREATE TABLE t (a int)", "CREATE TABLE t (a int, b int)", []),
    "nothing, where nothing is new": ("CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int)", []),
    "a column of the same type": (
        "CREATE TABLE t (name text, n int)",
        "CREATE TABLE t (full_name text, note text NOT NULL, n int, m int)",
        ["column public.t.name: full_name, note"],
    ),
    "nothing about a column of another type": ("CREATE TABLE t (a int)", "CREATE TABLE t (b text)", []),
    "a table with the same columns": (
        "CREATE TABLE users (id int, name text, x int)",
        "CREATE TABLE people (id int, name text, y int); CREATE TABLE log (line text)",
        ["table public.users: people"],
    ),
    "a value": (
        "CREATE TYPE e AS ENUM ('on', 'off')",
        "CREATE TYPE e AS ENUM ('on', 'disabled', 'offline')",
        ["value public.e.off: offline, disabled"],
    ),
    "nothing about a value that is added": ("CREATE TYPE e AS ENUM ('on')", "CREATE TYPE e AS ENUM ('on', 'off')", []),
}


@pytest.mark.parametrize("sql", ["", EVERYTHING])
def test_a_schema_equals_itself(sql: str, scratch: Scratch) -> None:
    assert compare(scratch.load(sql), scratch.load(sql)) == ()


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES.values(), ids=CHANGES)
def test_changes(old: str, new: str, expected: list[str], scratch: Scratch) -> None:
    assert list(describe(compare(scratch.load(old), scratch.load(new)))) == expected


@pytest.mark.parametrize(("old", "new", "expected"), QUESTIONS.values(), ids=QUESTIONS)
def test_asks_about(old: str, new: str, expected: list[str], scratch: Scratch) -> None:
    asked = questions(compare(scratch.load(old), scratch.load(new)))
    assert [f"{each.gone}: {', '.join(to.name for to in each.candidates)}" for each in asked] == expected


def test_an_answered_question_is_not_asked_again(scratch: Scratch) -> None:
    old, new = scratch.load("CREATE TABLE t (a int, b int)"), scratch.load("CREATE TABLE t (c int, d int)")
    changes = compare(old, new, renames={"public.t.a": "d"})
    assert [str(each) for each in changes if isinstance(each, Rename)] == ["rename column public.t.a to d"]
    assert [f"{each.gone}: {each.candidates[0].name}" for each in questions(changes)] == ["column public.t.b: c"]
