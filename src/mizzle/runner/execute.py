"""Runs one step: in a transaction together with its record, or outside of one."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from psycopg.pq import TransactionStatus

from mizzle.errors import DatabaseError
from mizzle.planning.condition import format_condition
from mizzle.runner import conditions, locate, wire
from mizzle.runner.connection import Connection, forget, regain_sql
from mizzle.runner.locate import Place
from mizzle.runner.scope import WHOLE, Scope
from mizzle.runner.timeouts import UNLIMITED, Limits

_BEGIN = (
    "BEGIN; SELECT pg_catalog.set_config('lock_timeout', '{lock}', true), "
    "pg_catalog.set_config('statement_timeout', '{statement}', true); "
    "SELECT pg_catalog.pg_current_xact_id()::text"
)
_SET = (
    "SELECT pg_catalog.set_config('lock_timeout', '{lock}', false), "
    "pg_catalog.set_config('statement_timeout', '{statement}', false)"
)


def run_inside(
    conn: Connection,
    place: Place,
    *,
    record: Callable[[], None],
    before: Callable[[], None] = lambda: None,
    limits: Limits = UNLIMITED,
    scope: Scope = WHOLE,
) -> None:
    """Run a step in one transaction with `record`, which writes that it is done; `before` comes before it there.

    Raises DatabaseError, with nothing of the step left, except where the step ended the
    transaction itself: then the error says what stays. The session forgets whatever the step set.
    """
    transaction = _begin(conn, limits)
    try:
        before()
        refusal = wire.run_whole(conn, place.step.sql)
        if refusal is not None:
            raise _refused(conn, place, refusal, transaction)
        if not _is_in(conn, transaction):
            raise _ended(conn, place, transaction)
        _settle(conn, place, scope)
        _check_condition(conn, place)
        record()
        _commit(conn, place)
    finally:
        recover(conn, scope)


def run_outside(
    conn: Connection,
    place: Place,
    *,
    begun: Callable[[], None],
    limits: Limits = UNLIMITED,
    scope: Scope = WHOLE,
) -> None:
    """Run a step of one statement outside a transaction; `begun` is called when the server has understood it.

    Raises DatabaseError; what the statement had done until then may stay. Whether its condition holds is not asked.
    """
    if (refusal := wire.check_single(conn, place.step.sql)) is not None:
        raise locate.refused(place, refusal)
    begun()
    conn.execute(_SET.format(**limits._asdict()).encode())
    try:
        if (refusal := wire.run_single(conn, place.step.sql)) is not None:
            raise locate.refused(place, refusal)
        if conn.info.transaction_status != TransactionStatus.IDLE:
            raise DatabaseError(f"{place}: it began a transaction", hint="take BEGIN out: each step has its own")
    finally:
        recover(conn, scope)


def without_effect(place: Place) -> DatabaseError:
    """Return the error of a step that ran and did not bring about what its header says."""
    condition = place.step.done_when
    written = format_condition(condition) if condition else ""
    return DatabaseError(
        f"{place}: it ran, and is not done: {written} does not hold",
        hint="correct the condition in the step's header or its SQL, then run this again",
    )


def recover(conn: Connection, scope: Scope) -> None:
    """End what is left of a transaction, and forget what the step set in the session."""
    try:
        if not conn.closed:
            conn.rollback()
            forget(conn, scope)
    except psycopg.Error:
        conn.close()  # the connection is lost; whatever uses it next says so, and what went wrong before is said first


def _begin(conn: Connection, limits: Limits) -> str:
    """Begin and return the transaction's id: a step that ends the transaction cannot get it back."""
    cursor = conn.execute(_BEGIN.format(**limits._asdict()).encode())
    while cursor.nextset():
        pass
    row = cursor.fetchone()
    assert row is not None
    return str(row[0])


def _is_in(conn: Connection, transaction: str) -> bool:
    if conn.info.transaction_status != TransactionStatus.INTRANS:
        return False
    row = conn.execute("SELECT pg_catalog.pg_current_xact_id_if_assigned()::text").fetchone()
    return row is not None and row[0] == transaction


def _check_condition(conn: Connection, place: Place) -> None:
    condition = place.step.done_when
    if condition is not None and not conditions.holds(conn, condition):
        raise without_effect(place)


def _settle(conn: Connection, place: Place, scope: Scope) -> None:
    """Let deferred constraints speak, then give up the step's role and settings, which may not fit for the record."""
    try:
        conn.execute(b"SET CONSTRAINTS ALL IMMEDIATE; " + regain_sql(conn, scope))
    except psycopg.Error as error:
        raise locate.at_the_end(place, error) from error


def _commit(conn: Connection, place: Place) -> None:
    try:
        conn.commit()
    except psycopg.Error as error:
        raise locate.at_the_end(place, error) from error


def _refused(conn: Connection, place: Place, refusal: wire.Refusal, transaction: str) -> DatabaseError:
    """Return the error of a refused statement; where one before it had ended the transaction, that is said too."""
    error = locate.refused(place, refusal)
    if conn.closed:
        return error
    inside = conn.info.transaction_status == TransactionStatus.INERROR
    conn.rollback()
    if inside and _fate(conn, transaction) == "aborted":
        return error
    ended = _ended(conn, place, transaction)
    # Without the SQLSTATE, by which a lock timeout would be tried again: what was committed must not run twice.
    return DatabaseError(f"{ended.message}; then\n{error.message}", hint=ended.hint)


def _ended(conn: Connection, place: Place, transaction: str) -> DatabaseError:
    """Return the error of a step that ended its transaction itself, and roll back what it began after that."""
    conn.rollback()
    statement = locate.ending(place.step.sql)
    where, what = (place.at(statement[0]), statement[1]) if statement else (str(place), "a statement of the step")
    match _fate(conn, transaction):
        case "committed":
            outcome = "what stands before it was committed and stays in the database, without a record"
        case "aborted":
            outcome = "what stands before it was rolled back; what stands behind it may have stayed in the database"
        case _:
            outcome = "what stands before it is in a prepared transaction (see pg_prepared_xacts), without a record"
    return DatabaseError(
        f"{where}: {what} ended the step's transaction: {outcome}",
        hint="undo by hand what stayed, take BEGIN, COMMIT and ROLLBACK out of the step, then run this again",
    )


def _fate(conn: Connection, transaction: str) -> str | None:
    row = conn.execute("SELECT pg_catalog.pg_xact_status(%s::xid8)", (transaction,)).fetchone()
    return row[0] if row else None
