"""Plans: their steps, what they say of themselves, their text, and what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mizzle.catalog.catalog import EMPTY
from mizzle.errors import Unsupported
from mizzle.planning import script
from mizzle.planning.plan import plan
from mizzle.planning.steps import Lock
from schemas import EVERYTHING, UNMANAGED

if TYPE_CHECKING:
    from mizzle.prove import Scratch

TABLE = "CREATE TABLE t (id integer PRIMARY KEY, a text NOT NULL, b text)"


def test_no_change_is_no_step(scratch: Scratch) -> None:
    planned = plan(scratch.load(EVERYTHING), scratch.load(EVERYTHING))
    assert (planned.changes, planned.steps, planned.sql, planned.hazards) == ((), (), "", ())


def test_one_step_unless_something_must_be_committed_first(scratch: Scratch) -> None:
    old = scratch.load(f"CREATE TYPE e AS ENUM ('x'); {TABLE}")
    new = scratch.load("CREATE TYPE e AS ENUM ('x', 'y'); CREATE TABLE t (id integer PRIMARY KEY, a e DEFAULT 'y')")
    planned = plan(old, new, online=False)
    assert [[s.sql for s in step.statements if "TYPE" in s.sql][:1] for step in planned.steps] == [
        ["ALTER TYPE public.e ADD VALUE 'y' AFTER 'x'"],
        ["ALTER TABLE public.t ALTER COLUMN a TYPE public.e USING a::public.e"],
    ]
    assert all(step.transaction for step in planned.steps)


def test_what_is_printed_is_what_is_in_the_steps(scratch: Scratch) -> None:
    planned = plan(EMPTY, scratch.load(EVERYTHING))
    read = script.parse(planned.sql, name="up.sql")
    assert len(read.steps) == len(planned.steps) == 1
    for statement in planned.steps[0].statements:
        assert f"{statement.sql};" in read.steps[0].sql


def test_each_statement_names_the_change_it_came_from(scratch: Scratch) -> None:
    old, new = (
        scratch.load(TABLE),
        scratch.load("CREATE TABLE t (id bigint PRIMARY KEY, a text, c text); CREATE INDEX i ON t (c)"),
    )
    planned = plan(old, new, online=False)
    assert [s.change for step in planned.steps for s in step.statements] == [
        "alter column public.t.id",
        "alter column public.t.a",
        "create column public.t.c",
        "drop column public.t.b",
        "create index public.i",
    ]
    assert planned.steps[0].lock is Lock.ACCESS_EXCLUSIVE
    assert planned.steps[0].locks == {"public.t": Lock.ACCESS_EXCLUSIVE}


def test_hazards_name_what_they_threaten(scratch: Scratch) -> None:
    planned = plan(
        scratch.load(f"{TABLE}; CREATE TABLE u (a int)"),
        scratch.load("CREATE TABLE t (id integer, a text, b text NOT NULL)"),
    )
    assert [f"{h.code} {h.subject}" for h in planned.hazards] == [
        "INDEX_DROPPED constraint public.t.t_pkey",
        "DELETES_DATA table public.u",
        "BREAKS_OLD_CODE table public.u",
        "BREAKS_OLD_CODE column public.t.b",
        "DATA_DEPENDENT column public.t.b",
    ]


def test_the_undo_is_the_plan_back(scratch: Scratch) -> None:
    old, new = scratch.load(EVERYTHING), scratch.load(TABLE)
    forward = plan(old, new)
    assert (forward.undo().old, forward.undo().new) == (new, old)
    assert forward.undo().sql == plan(new, old).sql
    assert forward.undo().undo().sql == forward.sql


def test_is_for_the_oldest_major_it_is_told(scratch: Scratch) -> None:
    old = scratch.load("CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a + 1) STORED)")
    new = scratch.load("CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a + 2) STORED)")
    assert "SET EXPRESSION" in plan(old, new).sql
    assert "SET EXPRESSION" in plan(old, new, major=17).sql
    assert "SET EXPRESSION" not in plan(old, new, major=16).sql


def test_refuses_to_make_what_is_not_managed_by_its_name(scratch: Scratch) -> None:
    with pytest.raises(Unsupported) as caught:
        plan(EMPTY, scratch.load(UNMANAGED))
    assert caught.value.message.startswith("cannot create what is not managed: conversion public.conv, operator class")
    assert "typed table public.typed" in caught.value.objects
    assert "--custom" in caught.value.hint


def test_leaves_alone_what_is_not_managed_and_not_in_the_way(scratch: Scratch) -> None:
    old = scratch.load(f"{TABLE}; CREATE OPERATOR FAMILY fam USING btree")
    new = scratch.load(TABLE.replace("b text", "b integer"))
    assert [str(change) for change in plan(old, new).changes] == ["alter column public.t.b"]
    assert plan(old, scratch.load(TABLE)).steps == ()


def test_refuses_a_circle_that_only_a_person_can_break(scratch: Scratch) -> None:
    old = scratch.load("CREATE TABLE a (id int); CREATE TABLE t (x a)")
    new = scratch.load("CREATE TYPE a AS ENUM ('x'); CREATE TABLE t (x a[])")
    with pytest.raises(Unsupported) as caught:
        plan(old, new)
    assert caught.value.objects == ("column public.a.id", "column public.t.x", "table public.a", "type public.a")
