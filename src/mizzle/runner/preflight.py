"""Who would be in the way, asked before anything runs: long transactions, and vacuums against wraparound.

Those vacuums, unlike others, do not make way for whoever wants the table (documentation, "Routine Vacuuming").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from mizzle.planning.steps import Lock
from mizzle.runner import notes
from mizzle.runner.activity import COLUMNS, Holder
from mizzle.runner.connection import Connection
from mizzle.runner.events import Foreseen
from mizzle.runner.units import Unit

LONG = 5.0
"""Seconds from which on a transaction is long: some more than a lock timeout."""

_OTHERS = f"""
SELECT {COLUMNS},
    a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL AS holds_snapshot,
    a.query LIKE 'autovacuum: %% (to prevent wraparound)' AS against_wraparound,
    coalesce((
        SELECT pg_catalog.array_agg(ARRAY[pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
            l.mode])
        FROM pg_catalog.pg_locks AS l
        JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation' AND n.nspname <> 'pg_catalog'
    ), '{{}}') AS locks
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
  AND (a.query LIKE 'autovacuum: %% (to prevent wraparound)' OR a.backend_type = 'client backend'
       AND a.xact_start < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %s))
ORDER BY a.xact_start
"""
# Documentation, "Explicit Locking", table "Conflicting Lock Modes": which modes each one does not bear.
_CONFLICTS: dict[Lock, frozenset[Lock]] = {
    Lock.NONE: frozenset(),
    Lock.ACCESS_SHARE: frozenset({Lock.ACCESS_EXCLUSIVE}),
    Lock.ROW_SHARE: frozenset({Lock.EXCLUSIVE, Lock.ACCESS_EXCLUSIVE}),
    Lock.ROW_EXCLUSIVE: frozenset({Lock.SHARE, Lock.SHARE_ROW_EXCLUSIVE, Lock.EXCLUSIVE, Lock.ACCESS_EXCLUSIVE}),
    Lock.SHARE_UPDATE_EXCLUSIVE: frozenset(lock for lock in Lock if lock.rank >= Lock.SHARE_UPDATE_EXCLUSIVE.rank),
    Lock.SHARE: frozenset(lock for lock in Lock if lock.rank >= Lock.ROW_EXCLUSIVE.rank and lock is not Lock.SHARE),
    Lock.SHARE_ROW_EXCLUSIVE: frozenset(lock for lock in Lock if lock.rank >= Lock.ROW_EXCLUSIVE.rank),
    Lock.EXCLUSIVE: frozenset(lock for lock in Lock if lock.rank >= Lock.ROW_SHARE.rank),
    Lock.ACCESS_EXCLUSIVE: frozenset(lock for lock in Lock if lock is not Lock.NONE),
}


class _Other(msgspec.Struct, frozen=True):
    """A session that may be in the way: whether it holds a snapshot or vacuums, and its locks by relation."""

    holder: Holder
    snapshot: bool
    vacuums: bool
    locks: tuple[tuple[str, Lock], ...]


def look(conn: Connection, units: Sequence[Unit], *, tenant: str = "") -> Iterator[Foreseen]:
    """Yield for each step who would be in its way now, as far as this role may see other sessions.

    A step in a transaction waits for whoever holds a lock that its own do not bear; one outside of it also for every
    transaction that was there before, which a backfill does not. Of another step by hand without `locks:` comments
    nothing is known.
    """
    others = _others(conn)
    if not others:
        return
    for unit in units:
        for number, step in enumerate(unit.steps, 1):
            wanted = notes.read(step).of_tenant(tenant)
            for other in others:
                reason = _reason(other, wanted, outside=not step.transaction and step.backfill is None)
                if reason:
                    yield Foreseen(unit.id, number, other.holder, reason)


def _others(conn: Connection) -> list[_Other]:
    return [_other(*row) for row in conn.execute(_OTHERS.encode(), (LONG,)).fetchall()]


def _other(*row: Any) -> _Other:
    *who, snapshot, vacuums, locks = row
    return _Other(Holder(*who), bool(snapshot), bool(vacuums), tuple((name, _mode(mode)) for name, mode in locks))


def _reason(other: _Other, wanted: dict[str, Lock], *, outside: bool) -> str:
    for name, held in other.locks:
        if name in wanted and held in _CONFLICTS[wanted[name]]:
            vacuum = ", and a vacuum against wraparound does not make way" if other.vacuums else ""
            return f"it holds {held} on {name}{vacuum}"
    return "its transaction has to end first" if outside and other.snapshot and not other.vacuums else ""


def _mode(mode: str) -> Lock:
    """Return a mode as pg_locks spells it: AccessExclusiveLock."""
    spelled = "".join(f" {letter}" if letter.isupper() else letter for letter in mode.removesuffix("Lock")).strip()
    return Lock.named(spelled.upper()) or Lock.NONE
