"""Locks of a statement that commits on its own, which none can read inside: it is held up wherever it waits for others.

A session of ours reads every table and leaves its transaction open. Statements such as CREATE INDEX CONCURRENTLY wait
for it, and what they hold and want meanwhile is read. Before it lets go, a second one does the same, so that the
statement is seen at each place where it waits.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo

from mizzle import names
from mizzle.server import session

if TYPE_CHECKING:
    from mizzle.server.session import Connection

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = '{patience}'; SELECT 1"
_PATIENCE = "100ms"
_READABLE = r"""
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY c.oid
"""
_LOCKS = """
SELECT l.relation, l.mode, l.locktype, l.granted FROM pg_catalog.pg_locks l WHERE l.pid = %s
"""
_MOMENT = 0.001  # seconds between two looks


def held_up(connection: Connection, sql: str) -> list[tuple[int, str]]:
    """Run a statement outside a transaction and return the relations, by oid, that it locked and in which mode.

    What it wanted and had to wait for counts. Raises psycopg.Error.
    """
    pid = connection.info.backend_pid
    with ThreadPoolExecutor(1) as pool, _beside(connection) as one, _beside(connection) as other:
        _stand(one)
        running = pool.submit(session.run, connection, sql)
        try:
            seen = _relay(one, other, pid, running)
        finally:  # nothing of ours is left in its way
            one.close()
            other.close()
        running.result()
    return sorted(seen)


def _relay(one: Connection, other: Connection, pid: int, running: Future[None]) -> set[tuple[int, str]]:
    seen: set[tuple[int, str]] = set()
    while not running.done():
        rows = one.execute(_LOCKS, (pid,)).fetchall()
        seen |= {(relation, mode) for relation, mode, kind, _ in rows if kind == "relation"}
        if all(granted for *_, granted in rows):
            time.sleep(_MOMENT)
            continue
        _stand(other)
        one.rollback()
        one, other = other, one
    return seen


def _beside(connection: Connection) -> Connection:
    """Open another session in the same database."""
    info = connection.info
    conninfo = make_conninfo("", **{**info.get_parameters(), "password": info.password})
    return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)


def _stand(connection: Connection) -> None:
    """Begin a transaction that has a snapshot, and a lock on every table and index.

    Where the statement has locked one against readers, or waits to, nobody need stand in its way there.
    """
    readable = connection.execute(_READABLE.encode()).fetchall()
    connection.execute(_BEGIN.format(patience=_PATIENCE).encode())
    try:
        for schema, name in readable:
            connection.execute(f"EXPLAIN SELECT FROM ONLY {names.dotted(schema, name)}".encode())
    except (errors.LockNotAvailable, errors.UndefinedTable):
        connection.rollback()
