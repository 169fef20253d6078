"""Whether a plan tells the truth about its locks: what it says beside what PostgreSQL holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mizzle.planning.steps import Lock, Step

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]
    Tables = dict[int, str]

_TABLES = """
SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
"""
_KEYS_LOCK_PARTITIONS = 180000
"""The first version in which a new key of a partitioned table takes more than a SHARE lock on its partitions."""

_HELD = "SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' AND pid = pg_backend_pid()"
_LOCKS = {lock.value.title().replace(" ", "") + "Lock": lock for lock in Lock}


def tables(connection: Connection) -> Tables:
    """Return the tables that are there, by OID: a rename does not change that."""
    return dict(connection.execute(_TABLES.encode()).fetchall())


def expect_as_told(connection: Connection, step: Step, before: Tables) -> None:
    """In the transaction of a step that ran: see that it holds the locks it said on the tables that were there before.

    What stands in nobody's way but that of DDL is not looked at: up to ROW EXCLUSIVE, all of them get along with rows.
    """
    held = dict.fromkeys(before.values(), Lock.NONE)
    for oid, mode in connection.execute(_HELD).fetchall():
        if oid in before:
            held[before[oid]] = max(held[before[oid]], _LOCKS[mode], key=lambda lock: lock.rank)
    told = {name: step.locks.get(name, Lock.NONE) for name in held}
    if connection.info.server_version < _KEYS_LOCK_PARTITIONS and "ADD CONSTRAINT" in step.sql:
        held = {name: told[name] if lock is Lock.SHARE else lock for name, lock in held.items()}
    assert _strong(told) == _strong(held)


def _strong(locks: dict[str, Lock]) -> dict[str, str]:
    return {name: lock.value for name, lock in locks.items() if lock.rank > Lock.ROW_EXCLUSIVE.rank}
