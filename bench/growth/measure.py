"""Measures one size: queries cold and warm, plans, the indexes' costs, and the deletion of a tenant."""

from __future__ import annotations

import statistics
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg
from psycopg import sql
from psycopg.errors import QueryCanceled

from bench.growth.database import configure_loading, configure_measuring, connect, restart_cold, running
from bench.growth.load import load
from bench.growth.queries import EIGHT, EXTRA, ORDERED, Query, queries
from bench.growth.results import Deletion, Index, Pair, Size, Timing
from bench.growth.rows import TYPICAL, Population
from bench.results import machine
from mizzle.advise.findings import Code
from mizzle.project.advise import Asked, advise
from mizzle.project.config import Config
from mizzle.project.database import migrate
from mizzle.project.project import Project

if TYPE_CHECKING:
    from tests.servers import Server

MIGRATIONS = Path(__file__).parents[2] / "portal" / "migrations"
STARTS = 3
SLOW = 2000.0
"""Milliseconds: what takes longer is started cold once."""

SPELL = 0.8
"""Seconds of warm runs after each start, or LEAST_RUNS."""

LEAST_RUNS = 3
EXPLAINED_RUNS = 3
WRITTEN_ROWS = 20_000
WRITE_RUNS = 5
DELETION_LIMIT = "30min"

_UNIQUE = {"token": "md5('t' || ctid || n)", "email": "md5('e' || ctid || n)", "id": "md5('i' || ctid || n)::uuid"}
"""Columns whose values new rows must not share with old ones."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """A loaded server."""

    server: Server
    url: str


def measure(rows: int, seed: int, folder: Path, *, kept: Size | None = None) -> Size:
    """Load that many rows into a new server, measure, and remove it.

    What was `kept` of an earlier run is not measured again, but the warm times, which are.
    """
    population = Population(rows, seed)
    with running(folder) as server:
        url = server.create("portal")
        migrate(url, MIGRATIONS)
        configure_loading(server)
        began = time.monotonic()
        indexes = load(url, population)
        spent = time.monotonic() - began
        configure_measuring(server)
        bench = _Bench(server, url)
        size = _described(url, rows, spent)
        say(f"{rows:,}: loaded {sum(size.tables.values()):,} rows, {size.bytes / 1e9:.1f} GB, in {spent:.0f} s")
        _measure(bench, size, population, indexes, kept or Size(rows, {}, 0, 0, "", ""))
    return size


def _measure(bench: _Bench, size: Size, population: Population, indexes: dict[str, str], kept: Size) -> None:
    """Go from no index to all of them, measuring between."""
    asked = queries(population)
    before = {key: (pair.without.cold, pair.indexed.cold) for key, pair in kept.pairs.items() if pair.indexed}
    tenant = uuid.UUID(population.tenant_ids[TYPICAL])
    eight = {name: indexes[name] for name in EIGHT}
    for query in asked:
        if query.group != "dashboard":
            cold, _ = before.get(query.key, (None, None))
            size.pairs[query.key] = Pair(query.title, query.index, query.group, timing(bench, query, cold))
    built = _build(bench.url, eight)
    for query in asked:
        cold, indexed = before.get(query.key, (None, None))
        if query.group == "dashboard":
            size.pairs[query.key] = Pair(query.title, query.index, query.group, timing(bench, query, cold))
        else:
            size.pairs[query.key].indexed = timing(bench, query, indexed)
    size.deletions, size.unindexed = kept.deletions, kept.unindexed
    if not size.deletions:
        size.deletions["eight"] = _deletion(bench.url, tenant)
        _delete_as_advised(bench.url, size, tenant)
    built |= _build(bench.url, EXTRA)
    for query in asked:
        if query.group == "dashboard":
            size.pairs[query.key].indexed = timing(bench, query, before.get(query.key, (None, None))[1])
    _order(bench, size, asked, before)
    if kept.indexes:
        size.indexes = kept.indexes
        return
    for name, (table, seconds, taken) in built.items():
        size.indexes[name] = _written(bench.url, name, Index(table, seconds, taken, (0, 0), (0, 0)))


def _described(url: str, rows: int, spent: float) -> Size:
    with connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        counts = {name: _one(connection, f"SELECT count(*) FROM {name}") for (name,) in tables}
        version = _one(connection, "SHOW server_version")
        taken = _one(connection, "SELECT pg_database_size(current_database())")
        found = machine()
        where = f"{found['processor']}, {found['cores']} cores; Python {found['python']}"
        return Size(rows, counts, taken, spent, version, where)


# Queries.


def timing(bench: _Bench, query: Query, known: float | None = None) -> Timing:
    """Time a query: cold, unless that is `known`, and warm in the spell that follows each cold start.

    Of the spells' medians the least counts: what else the machine does can only add to them.
    """
    cold: list[float] = []
    spells: list[list[float]] = []
    while len(spells) < STARTS and (not cold or cold[-1] < SLOW):
        if known is None:
            restart_cold(bench.server)
        with connect(bench.url) as connection:
            cold.append(_run(connection, query))
            _run(connection, query)
            spells.append(list(_warm(connection, query)))
    with connect(bench.url) as connection:
        plan, server = _explained(connection, query)
        rows = len(connection.execute(cast("LiteralString", query.sql), query.parameters).fetchall())
    warm = min(map(statistics.median, spells))
    runs = sum(map(len, spells))
    found = Timing(
        warm, runs, statistics.median(cold) if known is None else known, rows, _pages(plan), short(plan), server
    )
    say(f"{query.title}: {warm:.3f} ms, server {server:.3f}, cold {found.cold:.1f}, {rows} rows, {found.pages} pages")
    say(f"  {found.plan}")
    return found


def _warm(connection: psycopg.Connection, query: Query) -> Iterator[float]:
    """Yield the milliseconds of runs, for a spell or three runs."""
    end = time.monotonic() + SPELL
    runs = 0
    while runs < LEAST_RUNS or time.monotonic() < end:
        yield _run(connection, query)
        runs += 1


def _run(connection: psycopg.Connection, query: Query) -> float:
    """Run a query as the application does, and return the milliseconds till all of its rows have arrived.

    They are PostgreSQL's texts then. To make Python values of them takes as long with an index as without.
    """
    began = time.perf_counter()
    connection.execute(cast("LiteralString", query.sql), query.parameters)
    return (time.perf_counter() - began) * 1000


def _explained(connection: psycopg.Connection, query: Query) -> tuple[dict[str, Any], float]:
    """Return the plan, and the milliseconds that it took the server, the least of some runs."""
    statement = cast("LiteralString", f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {query.sql}")
    runs: list[dict[str, Any]] = []
    for _ in range(EXPLAINED_RUNS):
        found = connection.execute(statement, query.parameters).fetchone()
        assert found is not None
        runs.append(found[0][0])
    return runs[-1]["Plan"], min(run["Execution Time"] for run in runs)


def _pages(plan: dict[str, Any]) -> int:
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def short(plan: dict[str, Any]) -> str:
    """Return how a plan reaches tables, the nodes that read them, with the index if there is one."""
    return ", ".join(_scans(plan))


def _scans(plan: dict[str, Any]) -> Iterator[str]:
    if "Relation Name" in plan:
        parallel = "Parallel " if plan.get("Parallel Aware") else ""
        yield f"{parallel}{plan['Node Type']} {' & '.join(_indexes(plan)) or plan['Relation Name']}"
        return
    for part in plan.get("Plans", []):
        yield from _scans(part)


def _indexes(plan: dict[str, Any]) -> Iterator[str]:
    """Yield the indexes that a scan reads, by itself or through bitmaps."""
    if "Index Name" in plan:
        yield plan["Index Name"]
    for part in plan.get("Plans", []):
        yield from _indexes(part)


# Indexes.


def _build(url: str, definitions: dict[str, str]) -> dict[str, tuple[str, float, int]]:
    """Build indexes; return the table of each, its seconds and its bytes."""
    built: dict[str, tuple[str, float, int]] = {}
    with connect(url) as connection:
        for name, definition in definitions.items():
            began = time.perf_counter()
            connection.execute(definition.encode())
            spent = time.perf_counter() - began
            table = _one(
                connection, f"SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = '{name}'::regclass"
            )
            built[name] = table, spent, _one(connection, f"SELECT pg_relation_size('{name}')")
            say(f"{name}: built in {spent:.2f} s, {built[name][2] / 1e6:.1f} MB")
        connection.execute("ANALYZE")
        connection.execute("CHECKPOINT")
    return built


def _written(url: str, name: str, index: Index) -> Index:
    """Return the index with what inserting rows costs without and with it; each insertion is rolled back."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    wal: dict[bool, list[int]] = {False: [], True: []}
    with connect(url) as connection:
        columns, text = _new_rows(connection, index.table)
        statement = f"COPY {index.table} ({columns}) FROM STDIN"
        for _ in range(WRITE_RUNS):
            for has in (False, True):
                connection.execute("CHECKPOINT")
                spent, written = _insert(connection, statement, text, "" if has else f"DROP INDEX {name}")
                seconds[has].append(spent)
                wal[has].append(written)
        connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(index.table)))
    before, after = (min(seconds[has]) for has in (False, True))
    less, more = (int(statistics.median(wal[has])) for has in (False, True))
    say(f"{name}: {WRITTEN_ROWS} rows in {before:.2f} s, with it {after:.2f} s; WAL {less:,}, with it {more:,} bytes")
    return Index(index.table, index.build, index.size, (before, after), (less, more))


def _insert(connection: psycopg.Connection, statement: str, text: bytes, first: str) -> tuple[float, int]:
    """Copy rows in a transaction that is rolled back; return the seconds and the bytes of WAL."""
    with connection.transaction(force_rollback=True):
        if first:
            connection.execute(first.encode())
        place = _one(connection, "SELECT pg_current_wal_insert_lsn()")
        began = time.perf_counter()
        with connection.cursor().copy(statement.encode()) as copy:
            copy.write(text)
        spent = time.perf_counter() - began
        return spent, int(_one(connection, f"SELECT pg_current_wal_insert_lsn() - '{place}'"))


def _new_rows(connection: psycopg.Connection, table: str) -> tuple[str, bytes]:
    """Return the columns of a table, and rows like those it has, from all over it, as COPY reads them."""
    attributes = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [table]
    ).fetchall()
    names = [str(name) for (name,) in attributes]
    count = _one(connection, f"SELECT count(*) FROM {table}")
    share = min(100.0, 150.0 * WRITTEN_ROWS / count)
    again = WRITTEN_ROWS // count + 1
    values = ", ".join(_UNIQUE.get(name, name) for name in names)
    rows = f"""COPY (SELECT {values} FROM {table} TABLESAMPLE SYSTEM ({share}) REPEATABLE (1),
        generate_series(1, {again}) n ORDER BY md5({table}.id::text || n) LIMIT {WRITTEN_ROWS}) TO STDOUT"""
    with connection.cursor().copy(rows.encode()) as copy:
        return ", ".join(names), b"".join(bytes(each) for each in copy)


# What advice adds.


def _order(bench: _Bench, size: Size, asked: list[Query], before: Mapping[str, tuple[float, float]]) -> None:
    """Time the largest tenant's latest rows with an index that has them in their order; drop it then."""
    for query in asked:
        if query.group != "largest":
            continue
        name, statement = ORDERED[query.key]
        with connect(bench.url) as connection:
            connection.execute(statement.encode())
        by_tenant = size.pairs[query.key].indexed
        assert by_tenant is not None, "it was timed before"
        cold = before.get(f"{query.key} in order", (None, None))[1]
        size.pairs[f"{query.key} in order"] = Pair(query.title, name, "ordered", by_tenant, timing(bench, query, cold))
        with connect(bench.url) as connection:
            connection.execute(f"DROP INDEX {name}".encode())


# The deletion of a tenant.


def _delete_as_advised(url: str, size: Size, tenant: uuid.UUID) -> None:
    """Delete the tenant again, with the indexes that `mizzle advise` says foreign keys lack; drop them then."""
    advice = advise(Project(Config(root=MIGRATIONS.parent, flag_url=url)), Asked())
    wanted = [each for each in advice.findings if each.code is Code.FOREIGN_KEY_WITHOUT_INDEX]
    made = {each.proposal.name: each.proposal for each in wanted if each.proposal is not None}
    size.unindexed = [f"{each.table.name} ({', '.join(each.columns)})" for each in made.values()]
    with connect(url) as connection:
        for each in made.values():
            connection.execute(each.sql.encode())
        connection.execute("ANALYZE")
        connection.execute("CHECKPOINT")
        size.deletions["all"] = _deletion(url, tenant)
        for name in made:
            connection.execute(f"DROP INDEX {name}".encode())


def _deletion(url: str, tenant: uuid.UUID) -> Deletion:
    """Delete a tenant in a transaction that is rolled back."""
    with connect(url) as connection, connection.transaction(force_rollback=True):
        before = _owned(connection, tenant)
        connection.execute(f"SET LOCAL statement_timeout = '{DELETION_LIMIT}'".encode())
        began = time.perf_counter()
        try:
            with connection.transaction():
                connection.execute("DELETE FROM tenants WHERE id = %s", [tenant])
        except QueryCanceled:
            say(f"deletion of the typical tenant: given up after {DELETION_LIMIT}")
            return Deletion(None, before)
        spent = time.perf_counter() - began
        say(f"deletion of the typical tenant, {sum(before.values()):,} rows: {spent:.3f} s")
        return Deletion(spent, before)


def _owned(connection: psycopg.Connection, tenant: uuid.UUID) -> dict[str, int]:
    """Count a tenant's rows by table."""
    tables = connection.execute("""SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid =
        attrelid WHERE attname = 'tenant_id' AND relkind = 'r' AND attnum > 0 ORDER BY 1""").fetchall()
    return {
        table: _one(connection, f"SELECT count(*) FROM {table} WHERE tenant_id = '{tenant}'") for (table,) in tables
    }


def _one(connection: psycopg.Connection, statement: str) -> Any:
    """Return the only value of a statement's only row."""
    found = connection.execute(statement.encode()).fetchone()
    assert found is not None
    return found[0]


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
