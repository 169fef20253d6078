"""Proof: what a plan is held against on the scratch server, and how its failure is told."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mizzle.catalog.catalog import EMPTY
from mizzle.errors import DatabaseError, ProofError
from mizzle.planning import script
from mizzle.planning.plan import plan
from mizzle.prove import Past, Scratch, Stage, prove, replayed
from mizzle.server.embedded import launch_scratch
from schemas import EVERYTHING

if TYPE_CHECKING:
    from mizzle.planning.script import Script
    from servers import Server

OLD, NEW = "CREATE TABLE t (a integer)", "CREATE TABLE t (a integer, b text)"
UP, DOWN = "ALTER TABLE public.t ADD b text", "ALTER TABLE public.t DROP b"


def _script(sql: str) -> Script:
    return script.parse(sql, name="up.sql")


def test_proves_forward_and_back(scratch: Scratch) -> None:
    scratch.prove(plan(EMPTY, scratch.load(EVERYTHING)))
    scratch.prove(plan(scratch.load(EVERYTHING), EMPTY))


def test_returns_what_was_reached_with_its_notes(scratch: Scratch) -> None:
    old, new = scratch.load(OLD), scratch.load(NEW)
    wanted = replace(new, tables=tuple(replace(table, order=()) for table in new.tables))
    reached = prove(
        scratch, [_script(OLD.replace(" t ", " public.t "))], _script(UP), _script(DOWN), old=old, wanted=wanted
    )
    assert reached == new
    assert reached.tables[0].order == ("a", "b")


@pytest.mark.parametrize(
    ("history", "up", "down", "message", "difference"),
    [
        (
            "CREATE TABLE public.t (a bigint)",
            UP,
            DOWN,
            "replaying the migrations does not give the snapshot of the last one",
            "column public.t.a: type bigint -> integer",
        ),
        (
            "CREATE TABLE public.t (a integer)",
            "ALTER TABLE public.t ADD b varchar",
            DOWN,
            "the migration does not reach the wanted schema",
            "column public.t.b: type character varying -> text",
        ),
        (
            "CREATE TABLE public.t (a integer)",
            UP,
            "ALTER TABLE public.t ADD c text",
            "undoing the migration does not lead back",
            "drop column public.t.b",
        ),
    ],
)
def test_says_what_is_different(
    history: str, up: str, down: str, message: str, difference: str, scratch: Scratch
) -> None:
    with pytest.raises(ProofError) as caught:
        prove(scratch, [_script(history)], _script(up), _script(down), old=scratch.load(OLD), wanted=scratch.load(NEW))
    assert caught.value.message.startswith(f"{message}:\n")
    assert difference in caught.value.differences
    assert caught.value.hint


def test_a_refused_statement_is_told_with_its_line(scratch: Scratch) -> None:
    with pytest.raises(DatabaseError, match=r'up\.sql:2: column "nothing" of relation "t" does not exist'):
        prove(
            scratch,
            [_script("CREATE TABLE public.t (a integer)")],
            _script("SELECT 1;\nALTER TABLE public.t DROP nothing"),
            _script(DOWN),
            old=scratch.load(OLD),
            wanted=scratch.load(NEW),
        )


def test_leaves_no_database_behind(pg18: Server) -> None:
    def databases() -> list[str]:
        with mine.connect("postgres") as connection:
            return sorted(name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall())

    with Scratch(pg18.admin_url, private=False) as mine:
        before = databases()
        mine.prove(plan(EMPTY, mine.load(OLD)))
        with pytest.raises(ProofError):
            prove(mine, [], _script("SELECT 1"), _script("SELECT 1"), old=EMPTY, wanted=mine.load(NEW))
        mine.close()
        assert databases() == before


def test_a_replay_that_nobody_waits_for_is_ended(scratch: Scratch) -> None:
    """It would take ten minutes."""
    history = [Past.of(_script("SELECT pg_sleep(600)")), Past.of(_script("SELECT pg_sleep(600)"))]
    with pytest.raises(KeyError), Stage(scratch, history, EMPTY):
        raise KeyError
    with Stage(scratch, history, EMPTY):
        pass
    assert scratch.load(OLD).tables


def test_a_replay_goes_on_from_the_last_one() -> None:
    run, ran = secrets.token_hex(), list[str]()

    def past(name: str) -> Past:
        def script() -> Script:
            ran.append(name)
            return _script(f"CREATE TABLE public.{name} ()")

        return Past(f"{run} {name}", script)

    def tables(*names: str) -> list[str]:
        with replayed(server, list(map(past, names))) as connection:
            return [table.name for table in server.read(connection).tables]

    with launch_scratch() as cluster, Scratch(cluster.conninfo, private=True, ready=cluster.wait) as server:
        assert tables("a", "b") == ["a", "b"]
        assert tables("a", "b", "c") == ["a", "b", "c"]
        assert ran == ["a", "b", "c"]
        assert tables("a", "b") == ["a", "b"]
        assert tables("a", "d", "c") == ["a", "c", "d"]
        assert ran == ["a", "b", "c", "a", "d", "c"], "of b, other than d, nothing may be taken"
