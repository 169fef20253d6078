"""Who holds what: other sessions, as pg_stat_activity shows them to this role."""

from __future__ import annotations

from datetime import datetime

import msgspec
from psycopg.rows import class_row

from mizzle.runner.connection import Connection

_QUERY_SHOWN = 100
_MINUTE, _HOUR = 60, 3600

# What PostgreSQL does not show of other roles' sessions is NULL there.
COLUMNS = """
    a.pid,
    coalesce(a.application_name, '') AS application,
    coalesce(a.usename::text, '') AS role,
    coalesce(pg_catalog.host(a.client_addr), '') AS client,
    coalesce(a.state, '') AS state,
    a.backend_start AS since,
    coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.query_start)), 0)::float8
        AS seconds,
    coalesce(pg_catalog.left(a.query, 1000), '') AS query
"""
"""What Holder takes, of `pg_stat_activity AS a`, in its order."""

_BLOCKERS = f"""
SELECT {COLUMNS}
FROM (SELECT DISTINCT pg_catalog.unnest(pg_catalog.pg_blocking_pids(%s)) AS pid) AS b
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid
ORDER BY a.pid
"""
# Documentation, "Progress Reporting": what counts is what the phase works on; the first phases of a build count blocks.
_PROGRESS = """
SELECT phase, CASE
    WHEN phase LIKE 'waiting for %%' THEN lockers_done::float8 / nullif(lockers_total, 0)
    WHEN phase LIKE '%%loading tuples%%' OR tuples_total > 0 THEN tuples_done::float8 / nullif(tuples_total, 0)
    ELSE blocks_done::float8 / nullif(blocks_total, 0)
END AS done
FROM pg_catalog.pg_stat_progress_create_index WHERE pid = %(pid)s
UNION ALL
SELECT phase, heap_blks_scanned::float8 / nullif(heap_blks_total, 0)
FROM pg_catalog.pg_stat_progress_cluster WHERE pid = %(pid)s
"""
_ADVISORY = f"""
SELECT {COLUMNS}
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.classid = %s::int8::oid AND l.objid = %s::int8::oid
"""


class Holder(msgspec.Struct, frozen=True):
    """A session that holds something another one waits for.

    `client` is its address, empty for a Unix socket; `since` when it connected; `seconds` how long its transaction (or
    last query) has been going on. What this role may not see is empty, None or 0.
    """

    pid: int
    application: str
    role: str
    client: str
    state: str
    since: datetime | None
    seconds: float
    query: str

    def __str__(self) -> str:
        who = [self.application, f"role {self.role}" if self.role else "", f"from {self.client}" if self.client else ""]
        who += [f"connected since {self.since:%Y-%m-%d %H:%M:%S %Z}"] if self.since else []
        who += [f"{self.state} for {age(self.seconds)}"] if self.state else []
        query = " ".join(self.query.split())
        shown = query if len(query) <= _QUERY_SHOWN else f"{query[:_QUERY_SHOWN]}..."
        return f"pid {self.pid} ({', '.join(part for part in who if part)})" + (f": {shown}" if shown else "")


def age(seconds: float) -> str:
    """Return a duration as people say it: `850 ms`, `12 s`, `3 min`, `2 h`."""
    if seconds < 1:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < _HOUR else f"{seconds / _HOUR:.0f} h"


class Progress(msgspec.Struct, frozen=True):
    """How far a long statement is: the phase as the server names it, and how much of that is done (0 to 1, or None).

    Of a backfill, whose phase is `backfill`: the rows that it went through, and about how many there are, if known.
    """

    phase: str
    done: float | None
    rows: int | None = None
    about: int | None = None

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.phase, self._rows(), f"{self.done:.0%}" if self.done is not None else "")))

    def _rows(self) -> str:
        of = "" if self.about is None else f" of about {self.about:,}"
        return "" if self.rows is None else f"{self.rows:,}{of} rows"


def progress(conn: Connection, pid: int) -> Progress | None:
    """Return how far backend `pid` is with an index, or with writing a table again; None for anything else."""
    with conn.cursor(row_factory=class_row(Progress)) as cursor:
        return cursor.execute(_PROGRESS, {"pid": pid}).fetchone()


def blockers(conn: Connection, pid: int) -> tuple[Holder, ...]:
    """Return the sessions that backend `pid` waits for now."""
    with conn.cursor(row_factory=class_row(Holder)) as cursor:
        return tuple(cursor.execute(_BLOCKERS, (pid,)).fetchall())


def advisory_holder(conn: Connection, key: int) -> Holder | None:
    """Return the session that holds the advisory lock `key` (64 bits, signed) of this database."""
    with conn.cursor(row_factory=class_row(Holder)) as cursor:
        return cursor.execute(_ADVISORY, (key >> 32 & 0xFFFFFFFF, key & 0xFFFFFFFF)).fetchone()
