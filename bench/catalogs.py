"""`python -m bench.catalogs`: how long reading, comparing and planning large schemas takes, in this process.

The synthetic tables are those of the synthetic projects: 11 columns, 3 indexes, 2 foreign keys, checks and defaults.
The plain ones have 5 columns, a key, a foreign key and an index. Both are 1,000 in a schema. What is read lies in a
database on PostgreSQL 18; each reading has a session of its own, as a command has. Medians of --runs, the least and the
most.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg

from bench import schemas, server
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.catalog.read import read
from mizzle.planning.plan import plan
from mizzle.planning.session import pin_sql
from mizzle.project.library import scratch
from mizzle.sources import reading
from mizzle.sources.reading import Request

_COMPARED = 1_000
_PLAIN = "".join(
    f"CREATE TABLE t{n} (id bigint PRIMARY KEY, parent_id bigint REFERENCES t{max(n - 1, 0)}, name text NOT NULL,"
    f" at timestamptz NOT NULL DEFAULT now(), note text);\nCREATE INDEX ON t{n} (parent_id);\n"
    for n in range(_COMPARED)
)


def main() -> None:
    """Measure, and print a line for each figure."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        ddl = _ddl(Path(folder))
    with server.running() as running:
        for kind, made in {"plain": _PLAIN, "synthetic": ddl}.items():
            url = running.create()
            fill(url, made, schemas=asked.tables // _COMPARED)
            _tell(f"read {asked.tables:,} {kind} tables", asked.runs, partial(_read, url))
            running.drop(url)
    with scratch() as home:
        old, same, other = (home.load(each) for each in (ddl, ddl, _changed(ddl)))
    _tell(f"compare {_COMPARED:,} tables with the same", asked.runs, lambda: plan(old, same))
    _tell(f"compare and plan {_COMPARED:,} tables, one column added to each", asked.runs, lambda: plan(old, other))
    _tell(f"plan {_COMPARED:,} tables from nothing", asked.runs, lambda: plan(EMPTY, old))


def fill(url: str, ddl: str, *, schemas: int) -> None:
    """Load `ddl` into so many schemas of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(schemas):
            connection.execute(f"CREATE SCHEMA s{number}; SET search_path TO s{number}".encode())
            connection.execute(ddl.encode())
        connection.execute(b"VACUUM ANALYZE")


def _ddl(folder: Path) -> str:
    sample = schemas.write(folder, _COMPARED)
    request = Request(specs=(sample.models,), root=str(sample.root), major=server.MAJOR, ignore=())
    return "".join(f"{each};\n" for each in reading.read(request))


def _changed(ddl: str) -> str:
    """Return the DDL with one more column in each table."""
    return re.sub(r"\nCREATE TABLE ([^ ]+) \(", r"\nCREATE TABLE \1 (added text,", f"\n{ddl}")


def _read(url: str) -> Catalog:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(pin_sql().encode())
        return read(connection)


def _tell(what: str, runs: int, work: Callable[[], object]) -> None:
    took: list[float] = []
    for _ in range(runs + 1):  # one to warm up
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    took = sorted(took[1:])
    sys.stdout.write(f"{what}: {statistics.median(took):.2f} s ({took[0]:.2f} to {took[-1]:.2f})\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=10_000, help="tables to read, in thousands")
    parser.add_argument("--runs", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    main()
