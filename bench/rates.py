"""`python -m bench.rates`: bytes of a table in a second that PostgreSQL reads, indexes and writes again.

A dry run's estimates rest on these (runner/forecast.py). One table of ten columns and a million rows, in memory, on
PostgreSQL 18 with durability off and no parallel workers; medians of --runs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

import psycopg

from bench import server

_TABLE = """
CREATE TABLE t AS SELECT n AS id, n % 1000 AS tenant, md5(n::text) AS name, now() AS at, n::numeric / 7 AS amount,
    n % 3 = 0 AS done, repeat('x', n % 40) AS note, n::bigint AS other, NULL::text AS nothing, 'open'::text AS state
FROM generate_series(1, 1000000) AS n
"""
_WORK = {
    "TABLE_SCAN": ("ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0)", "ALTER TABLE t DROP CONSTRAINT c"),
    "INDEX_BUILD": ("CREATE INDEX i ON t (tenant, at)", "DROP INDEX i"),
    "TABLE_REWRITE": ("ALTER TABLE t ALTER other TYPE numeric", "ALTER TABLE t ALTER other TYPE bigint"),
}


def main() -> None:
    """Print the table of the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with server.running() as running, psycopg.connect(running.create(), autocommit=True) as conn:
        conn.execute("SET max_parallel_maintenance_workers = 0")
        conn.execute(_TABLE)
        conn.execute("VACUUM ANALYZE t")
        row = conn.execute("SELECT pg_table_size('t')").fetchone()
        assert row is not None
        seconds: dict[str, list[float]] = {name: [] for name in _WORK}
        for _ in range(runs):
            for name, (work, undo) in _WORK.items():
                began = time.monotonic()
                conn.execute(work.encode())
                seconds[name].append(time.monotonic() - began)
                conn.execute(undo.encode())
        for name, each in seconds.items():
            median = statistics.median(each)
            sys.stdout.write(f"{name:<13} {median:6.2f} s  {row[0] / median / 1e6:6.0f} MB/s\n")


if __name__ == "__main__":
    main()
