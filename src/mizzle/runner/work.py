"""What a migrator does that has something to do: attempts, under its lock."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from mizzle.runner import preflight
from mizzle.runner.attempt import Attempts
from mizzle.runner.connection import Connection
from mizzle.runner.events import Applied, Listener, Reverted, ignore
from mizzle.runner.history import Attempt, Ledger
from mizzle.runner.lock import migrator_lock
from mizzle.runner.units import Unit


def apply(attempts: Attempts, units: tuple[Unit, ...]) -> tuple[tuple[str, float], ...]:
    """Apply migrations in their order; return the id of each and the seconds it took."""
    applied: list[tuple[str, float]] = []
    for foreseen in preflight.look(attempts.conn, units, tenant=attempts.ledger.scope.tenant):
        attempts.on_event(foreseen)
    for unit in units:
        applied.append((unit.id, attempts.run(unit, "up")))
        attempts.on_event(Applied(*applied[-1]))
    return tuple(applied)


def revert(attempts: Attempts, down: Unit) -> float:
    """Revert a migration; return the seconds it took."""
    seconds = attempts.run(down, "down")
    attempts.on_event(Reverted(down.id, seconds))
    return seconds


@contextmanager
def attempting(
    ledger: Ledger, units: Sequence[Unit], *, timeouts: tuple[int, int | None], wait: float, on_event: Listener | None
) -> Generator[Attempts]:
    """Take the lock, make the history's tables where there are none, and give who makes attempts."""
    emit = on_event or ignore
    with opened(ledger, units, wait=wait, on_event=emit) as history:
        yield Attempts(ledger.conn, _backend(ledger.conn), ledger, history, *timeouts, emit)


@contextmanager
def opened(
    ledger: Ledger, units: Sequence[Unit], *, wait: float, on_event: Listener
) -> Generator[Mapping[str, Attempt]]:
    """Hold the lock of the ledger's scope, with the history's tables made or upgraded: by one session for all tenants.

    Gives what ledger.read() returns.
    """
    conn, schema, tenant = ledger.conn, ledger.schema, ledger.scope.tenant
    if tenant and not ledger.is_current():
        with migrator_lock(conn, schema, wait=wait, on_event=on_event):
            ledger.open()
    with migrator_lock(conn, schema, tenant, wait=wait, on_event=on_event):
        yield ledger.open(units)


def _backend(conn: Connection) -> int:
    row = conn.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    assert row is not None
    return int(row[0])
