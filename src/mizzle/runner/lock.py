"""The lock that lets one migrator at a time into a database.

It is a session-level advisory lock, tried for and never waited for in the server: a session blocked in
pg_advisory_lock() holds a snapshot that CREATE INDEX CONCURRENTLY waits for, and both would wait for ever.
"""

from __future__ import annotations

import random
import time
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256

from psycopg.pq import TransactionStatus

from mizzle.errors import LockedError
from mizzle.runner.activity import Holder, advisory_holder, progress
from mizzle.runner.connection import Connection
from mizzle.runner.events import Listener, Waiting

_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.05, 1.0, 1.5


def lock_key(schema: str, tenant: str = "") -> int:
    """Return the key of the lock for the history in `schema`, or for one tenant in it: 64 bits, signed.

    PostgreSQL keeps advisory locks per database, so that the database need not be part of it.
    """
    name = f"{schema}\0{tenant}" if tenant else schema  # no name holds a NUL
    digest = sha256(b"mizzle\0" + name.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def lock_holder(conn: Connection, schema: str, tenant: str = "") -> Holder | None:
    """Return the session of the migrator that is at work in this database, if there is one."""
    return advisory_holder(conn, lock_key(schema, tenant))


@contextmanager
def migrator_lock(
    conn: Connection, schema: str, tenant: str = "", *, wait: float, on_event: Listener
) -> Generator[None]:
    """Hold the lock of the history, or of one tenant in it, in the session of `conn`.

    Raises LockedError where `wait` seconds were not enough.
    """
    _take(conn, schema, tenant, wait, on_event)
    try:
        yield
    finally:
        if not conn.closed and conn.info.transaction_status == TransactionStatus.IDLE:
            conn.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", (lock_key(schema, tenant),))


def _take(conn: Connection, schema: str, tenant: str, wait: float, on_event: Listener) -> None:
    deadline = time.monotonic() + wait
    pause = _FIRST_PAUSE
    told: tuple[int | None, str] = (-1, "")
    while not _try(conn, schema, tenant):
        holder = lock_holder(conn, schema, tenant)
        how_far = progress(conn, holder.pid) if holder else None
        found = (holder.pid if holder else None, how_far.phase if how_far else "")
        if found != told:
            on_event(Waiting(holder, how_far))
            told = found
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise _locked(conn, tenant or schema, holder)
        time.sleep(min(remaining, pause * random.uniform(0.5, 1.5)))  # noqa: S311 - only spreads the tries
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)


def _try(conn: Connection, schema: str, tenant: str) -> bool:
    row = conn.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", (lock_key(schema, tenant),)).fetchone()
    return row is not None and bool(row[0])


def _locked(conn: Connection, schema: str, holder: Holder | None) -> LockedError:
    who = f": {holder}" if holder else ""
    end = f", or end it with SELECT pg_terminate_backend({holder.pid})" if holder else ""
    return LockedError(
        f"another migrator is at work in database {conn.info.dbname} (history schema {schema}){who}",
        hint=f"wait longer for it (--wait SECONDS){end}",
        sqlstate="55P03",
    )
