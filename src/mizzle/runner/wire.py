"""Sends a step's SQL exactly as it stands: no parameters, no placeholders, nothing split here.

Errors that the server reports come back as a Refusal; psycopg's own are raised where the connection is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from psycopg import Error, errors, generators
from psycopg.pq import ExecStatus

from mizzle.errors import ConfigError
from mizzle.runner.connection import Connection

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

_FAILED = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE})
_COPYING = frozenset({ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH})
_CHECKED = b"mizzle_step"


class Refusal(NamedTuple):
    """What the server refused: its error, and which of the statements sent it was, counted from 0."""

    error: Error
    statement: int


def run_whole(conn: Connection, sql: str) -> Refusal | None:
    """Run any number of statements by the simple query protocol, as psql -c does."""
    return _refusal(conn, _send(conn, lambda: conn.pgconn.send_query(_encoded(sql))))


def check_single(conn: Connection, sql: str) -> Refusal | None:
    """Let the server read `sql` without running it: what is malformed, or two statements, it refuses here."""
    refusal = _refusal(conn, _send(conn, lambda: conn.pgconn.send_prepare(_CHECKED, _encoded(sql))))
    if refusal is None:
        conn.execute(b"DEALLOCATE " + _CHECKED)
    return refusal


def run_single(conn: Connection, sql: str) -> Refusal | None:
    """Run one statement by the extended protocol."""
    return _refusal(conn, _send(conn, lambda: conn.pgconn.send_query_params(_encoded(sql), None)))


def run_with(conn: Connection, sql: str, values: Sequence[str]) -> Refusal | None:
    """Run one statement by the extended protocol, with values for its parameters, $1 and so on."""
    return ask(conn, sql, values)[0]


def ask(conn: Connection, sql: str, values: Sequence[str]) -> tuple[Refusal | None, tuple[str, ...]]:
    """Run one statement as run_with() does; return the first row that it gives as text too, or no value."""
    parameters = [value.encode() for value in values]
    results = _send(conn, lambda: conn.pgconn.send_query_params(_encoded(sql), parameters))
    refusal = _refusal(conn, results)
    if refusal is not None or not results[-1].ntuples:
        return refusal, ()
    row = (results[-1].get_value(0, column) or b"" for column in range(results[-1].nfields))
    return None, tuple(value.decode() for value in row)


def _encoded(sql: str) -> bytes:
    if "\0" in sql:  # libpq would send what stands before it
        raise ConfigError("a step's SQL holds a zero byte", hint="take it out of the file: PostgreSQL cannot read it")
    return sql.encode()


def _send(conn: Connection, send: Callable[[], None]) -> Sequence[PGresult]:
    with conn.lock:
        send()
        return conn.wait(generators.execute(conn.pgconn))


def _refusal(conn: Connection, results: Sequence[PGresult]) -> Refusal | None:
    for number, result in enumerate(results):
        if result.status in _FAILED:
            return Refusal(errors.error_from_result(result, encoding="utf-8"), number)
        if result.status in _COPYING:
            conn.close()  # nothing else ends the copy and undoes the step
            return Refusal(errors.FeatureNotSupported("COPY from or to the client has no data in a migration"), number)
    return None
