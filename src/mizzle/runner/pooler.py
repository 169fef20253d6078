"""Tells a pooler that shares one backend among many clients, where neither a lock nor a setting holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from mizzle.errors import DatabaseError

if TYPE_CHECKING:
    from mizzle.runner.connection import Connection

_TRIES = 5


def refuse_transaction_pooling(conn: Connection, other: Connection, place: str) -> None:
    """Raise DatabaseError where two connections through a pooler share backends.

    In transaction mode the backend that ran the last statement of `conn` is free, and goes to `other` when that begins
    a transaction; or, where a third client took it, `conn` gets another one. In session mode neither ever happens.
    Nothing is set and no lock taken before this is known: both would stay in a backend that belongs to others.
    """
    try:
        shared = any(_shared(conn, other) for _ in range(_TRIES))
    except psycopg.Error as error:  # statement mode refuses the BEGIN
        raise _refusal(place) from error
    if shared:
        raise _refusal(place)


def _shared(conn: Connection, other: Connection) -> bool:
    mine = _backend(conn)
    other.execute("BEGIN")
    try:
        # The comparison with `other` comes first: were there one backend only, `conn` would wait for it.
        return _backend(other) == mine or _backend(conn) != mine
    finally:
        other.execute("ROLLBACK")


def _backend(conn: Connection) -> int:
    row = conn.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    return row[0] if row else 0


def _refusal(place: str) -> DatabaseError:
    return DatabaseError(
        f"{place} leads to a pooler in transaction mode, where a session's locks and settings do not hold",
        hint="give the URL of PostgreSQL itself (port 5432 as a rule), or of a pooler in session mode",
    )
