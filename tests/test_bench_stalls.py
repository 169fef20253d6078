"""The stall meter: clients are there throughout, every tool's result is looked at, and the page has a place for all."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import psycopg
import pytest
from bench.install import Tools
from bench.measure import Failed
from bench.stalls import aims, changes, report, results, terminal
from bench.stalls.crowd import crowd
from bench.stalls.measure import Bench
from bench.stalls.results import ALEMBIC, DRIZZLE, NAIVE, OURS, Conditions, Measured, Outcome, Results, Run, Spell
from bench.stalls.terminal import Answer

import mizzle

if TYPE_CHECKING:
    from servers import Server

PAGE = Path(__file__).parents[1] / "docs" / "stalls.md"
ROWS = 3000


@pytest.fixture
def bench(pg18: Server, tmp_path: Path) -> Bench:
    return Bench(pg18, Tools(Path(sys.executable).parent), tmp_path, ROWS, 1, lead=0.2)


def test_a_change_is_measured_and_finds_its_place_in_the_page(bench: Bench, tmp_path: Path) -> None:
    (change,) = changes.load(["create-index"])
    measured = bench.measure(change)
    assert [outcome.tool for outcome in measured.outcomes] == [NAIVE, OURS]
    for outcome in measured.outcomes:
        assert (outcome.failed, outcome.wrong, outcome.clients_failed) == ("", "", 0)
        (run,) = outcome.runs
        assert run.during.worst >= run.during.p999 > 0
        assert run.idle.statements > 0
        assert "INDEX" in outcome.sql
    kept = Results(Conditions("2026-12-01", "a machine", "18.1", ROWS, "ext4"), (measured,))
    results.save(tmp_path / "kept.json", kept)
    assert results.read(tmp_path / "kept.json") == kept
    page = report.filled(PAGE.read_text(), kept)
    assert "| create an index |" in page
    assert "a machine; 3,000 rows, on ext4." in page
    assert report.filled(page, kept) == page


def test_a_migration_that_fails_is_told_in_the_words_of_the_server(bench: Bench) -> None:
    (change,) = changes.load(["partition-new"])  # and rows that are in the way
    spoiled = {**change.fill["orders"], "placed_on": "date '2030-06-01' + mod({i}, 2)::int"}
    told = bench.measure(replace(change, fill={"orders": spoiled}))
    failed = told.of(NAIVE).failed
    assert "would be violated by some row" in failed
    assert aims.missed(told) == ["failed"]


@pytest.mark.parametrize("change", changes.load(), ids=lambda change: change.name)
def test_every_change_is_one_and_clients_can_work_before_and_after_it(change: changes.Change, database: str) -> None:
    with mizzle.scratch() as scratch:
        old, new = scratch.load(change.ddl("before")), scratch.load(change.ddl("after"))
    planned = mizzle.plan(old, new, renames=change.renames, online=False)
    assert planned.steps
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(change.ddl("before").encode())
        for statement in change.loading(ROWS):
            connection.execute(statement.encode())
        for number, step in enumerate((None, *planned.steps), start=1):
            if step is not None:
                connection.execute(step.sql.encode())
            for name, statement in change.statements(ROWS).items():
                new_row = name == "INSERT"
                done = connection.execute(statement.encode(), {"i": ROWS + number if new_row else ROWS})
                assert done.rowcount == 1


def test_what_clients_wait_for_and_what_fails_is_recorded(database: str, tmp_path: Path) -> None:
    (change,) = changes.load(["rename-column"])
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(change.ddl("before").encode())
        for statement in change.loading(ROWS):
            connection.execute(statement.encode())
        with crowd(database, change, ROWS, tmp_path) as found, connection.transaction():
            connection.execute("LOCK TABLE orders")
            connection.execute("SELECT pg_sleep(0.3)")
            connection.execute("ALTER TABLE orders RENAME COLUMN note TO notes")
            locked = perf_counter()
    assert {wait.statement for wait in found.waits} >= {"INSERT", "SELECT"}
    assert any(wait.begun < locked < wait.ended for wait in found.waits)
    assert any(wait.failed for wait in found.waits)
    assert 'column "note"' in found.error


def outcome(tool: str, worst: float, failed: int = 0, **fields: str) -> Outcome:
    spell = Spell(worst, worst / 2, 1000, "UPDATE", failed, "no" if failed else "")
    return Outcome(tool, (Run(worst / 1000, Spell(10, 5, 1000), spell),), **fields)


@pytest.mark.parametrize(
    ("naive", "ours", "told"),
    [
        (outcome(NAIVE, 1000), outcome(OURS, 50), "reached"),
        (outcome(NAIVE, 200), outcome(OURS, 50), "reached"),
        (outcome(NAIVE, 400), outcome(OURS, 50), "**missed**: 12% of the naive form"),
        (outcome(NAIVE, 1000), outcome(OURS, 90), "**missed**: 90 ms"),
        (outcome(NAIVE, 100), outcome(OURS, 50, failed=3), "**missed**: clients got errors"),
        (outcome(NAIVE, 100), outcome(OURS, 50, wrong="other"), "**missed**: failed"),
    ],
)
def test_an_aim_that_is_missed_is_marked(naive: Outcome, ours: Outcome, told: str) -> None:
    assert aims.verdict(Measured("x", "X", (naive, ours))) == told


def test_what_a_tool_cannot_do_and_what_went_wrong_is_noted() -> None:
    measured = Measured(
        "x",
        "change X",
        (
            outcome(NAIVE, 1000, failed=7),
            outcome(OURS, 20),
            Outcome(DRIZZLE, failed="it\nbroke"),
            Outcome(ALEMBIC, without="has no operation for it"),
        ),
    )
    told = report.parts(Results(Conditions("2026-12-01", "a machine", "18.1", ROWS, "ext4"), (measured,)))
    assert told["waits"].splitlines()[2] == (
        "| change X | 1,000 (1,000) **errors** | 20 (20) | failed | - | 2.0% | 10 | reached |"
    )
    assert told["notes"].splitlines() == [
        "- change X, naive SQL: 7 statements of clients failed: `no`.",
        "- change X, drizzle-kit: failed: `it broke`.",
        "- change X, Alembic: has no operation for it.",
    ]


def test_a_question_is_answered_at_a_terminal(tmp_path: Path) -> None:
    asks = "import os; print('starting'); print(f'you said {input(\"which? \")}', os.isatty(1))"
    command = [sys.executable, "-c", asks]
    printed = terminal.answer(command, tmp_path, os.environ, Answer("which?", ("b", "\r")))
    assert "you said b True" in printed
    with pytest.raises(Failed, match="no such thing"):
        terminal.answer([sys.executable, "-c", "exit('no such thing')"], tmp_path, os.environ, Answer("which?", ()))
