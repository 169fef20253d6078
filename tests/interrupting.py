"""Runs of `mizzle` that are ended at a known moment of a known step, by a signal or by the server.

A run stops before the step (stopping.py). There another session takes what the step will wait for, the run goes on, and
is ended when the server says that it waits: nothing is left to the clock.
"""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import psycopg

from mizzle import names
from mizzle.planning.steps import Lock
from mizzle.runner import notes
from stopping import Process

if TYPE_CHECKING:
    from mizzle.planning.steps import Step

Moment = Literal["before", "waiting", "inside", "after"]
Way = Literal["kill", "terminate"]
WAYS: tuple[Way, ...] = ("kill", "terminate")
HELD = """
CREATE FUNCTION mizzle.held() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
CREATE TRIGGER held BEFORE INSERT OR UPDATE ON mizzle.steps FOR EACH ROW WHEN (NEW.state = 'done')
EXECUTE FUNCTION mizzle.held();
"""
"""What lets a run wait, where it records that a step is done, for who holds advisory lock 1."""

_LONGEST = 90  # seconds for whatever is waited for
_COMMENT = {"i": "INDEX", "I": "INDEX", "v": "VIEW", "r": "TABLE", "p": "TABLE"}
_RUNNERS = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mizzle'"
_WAITS = f"SELECT count(*) > 0 {_RUNNERS} AND %s = ANY (pg_blocking_pids(pid))"
# The session that does the work holds the migrators' lock; another one only looks, and may end by itself meanwhile.
_WORKING = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"
_END = f"SELECT pg_terminate_backend(pid, {_LONGEST * 1000}) {_RUNNERS} AND {_WORKING}"


@dataclass(frozen=True, slots=True)
class Interruption:
    """Where and how a run ends: the number of a step, the moment, and what ends it."""

    number: int
    moment: Moment
    way: Way

    def __str__(self) -> str:
        return f"{self.way} {self.moment} step {self.number}"


def moments(step: Step) -> tuple[Moment, ...]:
    """Return the moments of a step; only what runs outside a transaction is begun before it has its lock."""
    outside = not step.transaction and step.backfill is None
    return ("before", "waiting", "inside", "after") if outside else ("before", "inside", "after")


def interrupt(command: list[str], *, migration: str, url: str, step: Step, at: Interruption) -> None:
    """Run `mizzle` with `command` against a database, and end it at a moment of a step, whose text is `step`."""
    process = Process.start(command, before=(migration, at.number))
    try:
        process.wait_until_it_stops()
        with psycopg.connect(url, application_name="holder") as holder:
            if at.moment != "before":
                _hold(holder, step, at.moment)
                process.go_on()
                _until_it_waits(url, process, holder.info.backend_pid)
            _end(process, url, at)
            holder.rollback()
    finally:
        process.kill()


def _hold(holder: psycopg.Connection, step: Step, moment: Moment) -> None:
    """Take what the step will wait for at that moment."""
    if moment == "after":
        statement = "SELECT pg_advisory_xact_lock(1)"
    elif step.backfill is not None:
        statement = _row_in_the_middle(holder, step)
    elif step.transaction or moment == "waiting":
        statement = _own_lock(holder, _last_locked(step) if step.transaction else _worked_on(step))
    else:
        statement = f"LOCK TABLE ONLY {_worked_on(step)} IN ROW EXCLUSIVE MODE"
    holder.execute(statement.encode())


def _row_in_the_middle(holder: psycopg.Connection, step: Step) -> str:
    assert step.backfill is not None
    table, key = names.dotted(*step.backfill.table), names.ident(step.backfill.key[0])
    (number,) = holder.execute(f"SELECT count(*) / 2 FROM {table}".encode()).fetchall()[0]
    return f"SELECT FROM {table} ORDER BY {key} OFFSET {number} LIMIT 1 FOR UPDATE"


def _own_lock(holder: psycopg.Connection, relation: str) -> str:
    """Return what takes the weakest lock that no DDL gets along with, on one relation of whatever kind."""
    query = b"SELECT relkind::text FROM pg_class WHERE oid = %s::regclass"
    ((kind,),) = holder.execute(query, (relation,)).fetchall()
    return f"COMMENT ON {_COMMENT[kind]} {relation} IS 'held'"


def _last_locked(step: Step) -> str:
    """Return the relation whose lock a step in a transaction takes last: by then most of it is done."""
    return max(notes.read(step).locks, key=step.sql.rfind)


def _worked_on(step: Step) -> str:
    """Return the table that a step outside a transaction works on, beside others who read and write it."""
    (found,) = (name for name, lock in notes.read(step).locks.items() if lock is Lock.SHARE_UPDATE_EXCLUSIVE)
    return found


def _until_it_waits(url: str, process: Process, holder: int) -> None:
    deadline = time.monotonic() + _LONGEST
    with psycopg.connect(url, autocommit=True) as connection:
        while not connection.execute(_WAITS.encode(), (holder,)).fetchall()[0][0]:
            assert process.runs(), process.ended()
            assert time.monotonic() < deadline, "it does not wait"
            time.sleep(0.005)


def _end(process: Process, url: str, at: Interruption) -> None:
    """End the run, and see that it ends as that way lets it."""
    if at.way == "kill":
        process.kill()
        assert process.ended()[0] == -signal.SIGKILL
        return
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute(_END.encode()).fetchall() == [(True,)]
    if at.moment == "before":
        process.go_on()
    code, said = process.ended()
    assert code == 4, said
    assert "hint: " in said
    assert "Traceback" not in said
