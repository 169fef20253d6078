"""Migrations applied to a database, each once and wholly, and reverted."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from mizzle.errors import DatabaseError
from mizzle.names import ident
from mizzle.runner import contracts, judge
from mizzle.runner.connection import Connection, lost, session
from mizzle.runner.history import Attempt, Ledger
from mizzle.runner.observe import observed
from mizzle.runner.scope import WHOLE, Scope
from mizzle.runner.timeouts import milliseconds
from mizzle.runner.units import Held, Report, Unit

if TYPE_CHECKING:
    from mizzle.runner.events import Listener

SCHEMA = "mizzle"
"""The schema of the history where none is named."""


def migrate(  # noqa: PLR0913 - one keyword for each setting
    target: str | Connection,
    units: Sequence[Unit],
    *,
    schema: str = SCHEMA,
    scope: Scope = WHOLE,
    to: str | None = None,
    contract: bool = False,
    dry_run: bool = False,
    lock_timeout: str = "4s",
    statement_timeout: str | None = None,
    wait: float = 60.0,
    on_event: Listener | None = None,
) -> Report:
    """Apply what is pending of `units`, the folder in its order, up to and with `to`; finish what a crash left.

    A contract migration, and what is behind it, waits in a database that has others, unless `contract` or `to` says it.

    `target` is a URL, or a psycopg connection that is in no transaction; `schema` that of the history, `scope` one
    tenant's schema and the role to take. The timeouts are PostgreSQL durations for steps in a transaction that state
    none (without a `statement_timeout` that goes by their kind); `wait` is how many seconds to leave another migrator.
    A dry run changes nothing. Where nothing is pending neither lock nor tables are touched.

    Raises ConfigError, HistoryError (folder and history do not fit), DatabaseError (no connection, or a statement
    refused) and LockedError; what was applied before stays applied and recorded.
    """
    timeouts = milliseconds(lock_timeout), None if statement_timeout is None else milliseconds(statement_timeout)
    with (
        observed("migrate", target, schema, scope, on_event) as emit,
        open_ledger(target, schema, scope) as ledger,
    ):
        waiting, held = _pending(units, ledger.read(units), to=to, contract=contract)
        if dry_run and waiting:
            return _foreseen(ledger, waiting, held, on_event and emit)
        if not waiting:
            return Report(held=held)
        from mizzle.runner import work  # noqa: PLC0415 - most runs find nothing to do

        with work.attempting(ledger, units, timeouts=timeouts, wait=wait, on_event=emit) as attempts:
            waiting, held = _pending(units, attempts.history, to=to, contract=contract)
            return Report(applied=work.apply(attempts, waiting), held=held)


def rollback(  # noqa: PLR0913 - as migrate()
    target: str | Connection,
    units: Sequence[Unit],
    down: Unit,
    *,
    schema: str = SCHEMA,
    scope: Scope = WHOLE,
    lock_timeout: str = "4s",
    statement_timeout: str | None = None,
    wait: float = 60.0,
    on_event: Listener | None = None,
) -> Report:
    """Revert one migration of `units`, the folder as migrate() takes it, by the steps of `down`, its other direction.

    Whether data would be lost is for the caller to ask. Raises as migrate() does; HistoryError too where the migration
    is not applied, or one above it is.
    """
    from mizzle.runner import work  # noqa: PLC0415 - as in migrate()

    timeouts = milliseconds(lock_timeout), None if statement_timeout is None else milliseconds(statement_timeout)
    with (
        observed("rollback", target, schema, scope, on_event) as emit,
        open_ledger(target, schema, scope) as ledger,
    ):
        judge.check_revertible(units, ledger.read(units), down.id)
        with work.attempting(ledger, units, timeouts=timeouts, wait=wait, on_event=emit) as attempts:
            judge.check_revertible(units, attempts.history, down.id)
            return Report(reverted=((down.id, work.revert(attempts, down)),))


def held(
    target: str | Connection, units: Sequence[Unit], *, schema: str = SCHEMA, scope: Scope = WHOLE
) -> tuple[Held, ...]:
    """Return what of `units` waits for a contract in a database; changes nothing. Where its history is broken: none."""
    with open_ledger(target, schema, scope) as ledger:
        latest = ledger.read(units)
    waiting = [unit for unit in units if judge.state_of(unit, latest.get(unit.id)) == "pending"]
    return contracts.apart(waiting, latest, to=None, contract=False)[1]


@contextmanager
def open_ledger(target: str | Connection, schema: str, scope: Scope = WHOLE) -> Generator[Ledger]:
    """Give the history in `schema` over a pinned connection; errors of the driver come out as DatabaseError.

    Raises DatabaseError too where the tenant of `scope` has no schema.
    """
    with session(target, scope) as conn:
        try:
            if scope.tenant:
                _expect_schema(conn, scope.tenant)
            yield Ledger(conn, schema, scope)
        except psycopg.Error as error:
            raise lost(conn, error, doing=f"the history in schema {schema}") from error


def _pending(
    units: Sequence[Unit], latest: Mapping[str, Attempt], *, to: str | None, contract: bool
) -> tuple[tuple[Unit, ...], tuple[Held, ...]]:
    return contracts.apart(judge.pending(units, latest, to=to), latest, to=to, contract=contract)


def _foreseen(ledger: Ledger, waiting: tuple[Unit, ...], held: tuple[Held, ...], on_event: Listener | None) -> Report:
    """Return what would run; tell who would be in its way."""
    from mizzle.runner import forecast, preflight  # noqa: PLC0415 - as in migrate()

    tenant = ledger.scope.tenant
    if on_event is not None:
        for each in preflight.look(ledger.conn, waiting, tenant=tenant):
            on_event(each)
    forecasts = forecast.forecast(ledger.conn, waiting, tenant=tenant)
    return Report(pending=tuple(unit.id for unit in waiting), forecasts=forecasts, held=held)


def _expect_schema(conn: Connection, tenant: str) -> None:
    if conn.execute("SELECT FROM pg_catalog.pg_namespace WHERE nspname = %s", (tenant,)).rowcount == 0:
        raise DatabaseError(
            f"tenant {tenant} has no schema in database {conn.info.dbname}",
            hint=f"CREATE SCHEMA {ident(tenant)}, or correct the name",
            sqlstate="3F000",
        )
