"""Fills the portal's tables: COPY in two sessions, without constraints and indexes, which are made afterwards."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

import psycopg
from psycopg import sql

from bench.growth.database import connect
from bench.growth.rows import Population, Table

_SNAPSHOTS_AT_ONCE = 40
"""Chunks of snapshots between two statements that give them their payloads."""

_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f')
ORDER BY contype = 'f', conrelid::regclass::text, conname
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace AND NOT indisunique ORDER BY 1
"""


def load(url: str, population: Population) -> dict[str, str]:
    """Fill the tables and return the statements that make the indexes again, by the index's name."""
    with connect(url) as connection:
        constraints = connection.execute(_CONSTRAINTS).fetchall()
        indexes = dict(connection.execute(_INDEXES).fetchall())
        _strip(connection, [(table, name) for table, name, _ in constraints], list(indexes))
    names = ["ct_raw_snapshots", *(table.name for table in population.tables)]
    size, seed = population.size, population.seed
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as workers:
        for done in [workers.submit(_fill, url, size, seed, name) for name in names]:
            done.result()
    with connect(url) as connection:
        for table, name, definition in constraints:
            with _told(f"{name}"):
                connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}".encode())
        with _told("VACUUM ANALYZE"):
            connection.execute("VACUUM (ANALYZE, PARALLEL 0)")
            connection.execute("CHECKPOINT")
    return indexes


def _strip(connection: psycopg.Connection, constraints: list[tuple[str, str]], indexes: list[str]) -> None:
    """Drop constraints, those that others need last, and indexes."""
    for table, name in reversed(constraints):
        connection.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name))
        )
    for index in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))


def _fill(url: str, size: int, seed: int, name: str) -> None:
    """Fill one table, in a process of its own."""
    population = Population(size, seed)
    with _told(name), connect(url, autocommit=False) as connection:
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(name)))  # so that no WAL is written
        if name == "ct_raw_snapshots":
            _copy_snapshots(connection, population)
        else:
            table = next(table for table in population.tables if table.name == name)
            _copy(connection, f"COPY {name} ({table.columns}) FROM STDIN (FREEZE)", _with_progress(table))


def _copy(connection: psycopg.Connection, statement: str, chunks: Iterator[str]) -> None:
    with connection.cursor().copy(statement.encode()) as copy:
        for chunk in chunks:
            copy.write(chunk)


def _copy_snapshots(connection: psycopg.Connection, population: Population) -> None:
    """Copy the snapshots with the numbers of their payloads, and have the server put the payloads in.

    The server would else parse and compress the same few thousand payloads over and over.
    """
    table = population.snapshots
    connection.execute("CREATE TEMP TABLE payloads (n int, json jsonb) ON COMMIT DROP")
    payloads = "".join(f"{n}\t{text}\n" for n, text in enumerate(population.payloads()))
    _copy(connection, "COPY payloads FROM STDIN", iter([payloads]))
    connection.execute("""CREATE TEMP TABLE arrived (id uuid, tenant_id uuid, endpoint text, fetched_at timestamp,
        payload int) ON COMMIT DROP""")
    connection.execute("ANALYZE payloads")
    chunks = _with_progress(table)
    while batch := list(islice(chunks, _SNAPSHOTS_AT_ONCE)):
        _copy(connection, "COPY arrived FROM STDIN", iter(batch))
        connection.execute("""INSERT INTO ct_raw_snapshots (id, tenant_id, endpoint, fetched_at, payload_json)
            SELECT id, tenant_id, endpoint, fetched_at, json FROM arrived JOIN payloads ON n = payload""")
        connection.execute("TRUNCATE arrived")


def _with_progress(table: Table) -> Iterator[str]:
    """Yield the table's chunks, and say so at every tenth of a large table."""
    rows, said = 0, 0
    for chunk in table.chunks():
        yield chunk
        rows += chunk.count("\n")
        if table.count >= 1_000_000 and rows * 10 // table.count > said:
            said = rows * 10 // table.count
            _say(f"{table.name}: {rows:,} of {table.count:,}")


class _told:  # noqa: N801 - read as a word of a sentence
    """Say what was done, and how long it took."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        self.began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        spent = time.monotonic() - self.began
        if spent > 1:
            _say(f"{self.what}: {spent:.0f} s")


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()
