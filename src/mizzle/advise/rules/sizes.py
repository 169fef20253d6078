"""What grows until it hurts: sequences near their end, tables that only grow, space that is never given back."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.advise.facts import Column, Facts, Index, Sequence, Table
from mizzle.advise.findings import Code, Finding
from mizzle.advise.thresholds import Thresholds
from mizzle.advise.wording import count, extent, share, size, span

_ENDS = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1}
_TIMES = frozenset({"timestamptz", "timestamp", "date"})
_HEADER, _LINE, _PAGE_HEADER = 24, 4, 24
"""Bytes of a row's header, of its line pointer, and of a page's header (storage/bufpage.h, access/htup_details.h)."""
_ENTRY = 8
_WRITES = 0.1


def near_end(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Yield sequences that have given out a large share of what they, or the column they fill, can hold."""
    for table in facts.ordinary():
        for sequence in table.sequences:
            column = table.column(sequence.column)
            end = _end(sequence, column)
            start = sequence.minimum if sequence.increment > 0 else sequence.maximum
            if sequence.last is None or sequence.cycle or not end or start == end:
                continue
            used = (sequence.last - start) / (end - start)
            if used >= limits.sequence:
                yield _ending(table, sequence, column, end, used)


def _end(sequence: Sequence, column: Column) -> int:
    last = _ENDS.get(column.base, 0)
    if sequence.increment < 0:
        return max(sequence.minimum, -last - 1)
    return min(sequence.maximum, last)


def _ending(table: Table, sequence: Sequence, column: Column, end: int, used: float) -> Finding:
    name = names.dotted(sequence.schema, sequence.name)
    wider = column.base != "int8"
    change = f"ALTER TABLE {table.sql} ALTER COLUMN {names.ident(column.name)} TYPE bigint"
    raised = f"ALTER SEQUENCE {name} AS bigint"
    return Finding(
        Code.SEQUENCE_NEAR_END,
        name,
        f"{name} has given out {share(used)} of the numbers that {table.sql_of(column)} can hold",
        evidence=(
            f"last value {sequence.last:,} of {end:,}",
            f"{column.name} is {column.type}, the sequence {sequence.type}",
        ),
        gain="inserts do not fail on the day of the last number",
        cost="bigint rewrites the table under an exclusive lock; what refers to the column must become bigint, too"
        if wider
        else "",
        statements=(change, raised) if wider and not column.identity else (change,) if wider else (),
        instead="" if wider else "let the sequence give out more: ALTER SEQUENCE … MAXVALUE",
        weight=used,
    )


def partitioning(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Yield large tables that hardly anything is changed in, with a column of time to part them by."""
    if not facts.live:
        return
    for table in facts.ordinary():
        large = table.bytes + table.toast_bytes >= limits.partition_bytes or table.rows >= limits.partition_rows
        counts = table.counts
        times = [each for each in table.columns if each.base in _TIMES and each.not_null]
        grows = counts.inserted > 0 and counts.updated + counts.deleted <= counts.inserted * _WRITES
        if table.partition_by or not large or not times or not grows:
            continue
        by = next((each for each in times if each.default), times[0])
        yield Finding(
            Code.NEEDS_PARTITIONING,
            table.sql,
            f"{table.sql} only grows, and is large: old rows cannot be given up but by long deletions",
            evidence=(
                extent(table),
                (
                    f"{counts.inserted:,} inserts, {counts.updated:,} updates, {counts.deleted:,} deletions "
                    f"in {span(facts.server.counted)}"
                ),
            ),
            gain="old months go by DROP TABLE at once; VACUUM, ANALYZE and index builds work on one part at a time",
            cost="the primary key has to contain the column; queries without it look into every partition",
            instead=f"PARTITION BY RANGE ({names.ident(by.name)}), by month: make it beside, and attach this one to it",
            weight=table.bytes + table.toast_bytes,
        )


def bloat(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Yield tables and btree indexes that have far more pages than their rows need, as the statistics estimate it."""
    if not facts.live:
        return
    for table in facts.tables:
        if table.kind == "p" or table.rows <= 0:
            continue
        needed = _table_pages(facts, table)
        if needed is not None:
            yield from _bloated_table(facts, table, needed, limits)
        for index in table.indexes:
            pages = _index_pages(facts, table, index)
            if pages is not None:
                yield from _bloated_index(facts, table, index, pages, limits)


def _table_pages(facts: Facts, table: Table) -> float | None:
    widths = [(each.width, each.nulls) for each in table.columns]
    if any(width is None for width, _ in widths):
        return None
    row = sum((width or 0) * (1 - (nulls or 0)) for width, nulls in widths)
    row = _HEADER + _LINE + row * 1.1 + len(table.columns) / 8  # a tenth for what alignment adds
    held = (facts.server.block - _PAGE_HEADER) * table.fillfactor / 100 // row
    return table.rows / max(held, 1)


def _index_pages(facts: Facts, table: Table, index: Index) -> float | None:
    columns = [number for number in index.columns if number > 0]
    if index.method != "btree" or index.predicate is not None or len(columns) != len(index.columns):
        return None
    widths = [table.column(number).width for number in columns]
    if any(width is None for width in widths):
        return None
    entry = _ENTRY + _LINE + sum(-(-(width or 0) // 8) * 8 for width in widths)
    return index.rows * entry / ((facts.server.block - 2 * _PAGE_HEADER) * index.fillfactor / 100)


def _bloated_table(facts: Facts, table: Table, needed: float, limits: Thresholds) -> Iterator[Finding]:
    wasted = (table.pages - needed) * facts.server.block
    part = wasted / max(table.pages * facts.server.block, 1)
    if part < limits.bloat or wasted < limits.bloat_bytes:
        return
    dead = table.counts.dead
    yield Finding(
        Code.BLOATED_TABLE,
        table.sql,
        f"about {share(part)} of {table.sql} is empty or dead",
        evidence=(
            (
                f"{size(table.pages * facts.server.block)} for {count(table.rows)} rows "
                f"that need about {size(int(needed * facts.server.block))}"
            ),
            f"{dead:,} dead rows now",
        ),
        gain=f"{size(int(wasted))}; scans read that much less",
        cost="VACUUM FULL holds an exclusive lock while it rewrites; pg_repack and pg_squeeze do not",
        instead="let autovacuum come more often: SET (autovacuum_vacuum_scale_factor = 0.02); then pg_repack, once",
        weight=wasted,
    )


def _bloated_index(facts: Facts, table: Table, index: Index, needed: float, limits: Thresholds) -> Iterator[Finding]:
    wasted = (index.pages - needed) * facts.server.block
    part = wasted / max(index.pages * facts.server.block, 1)
    if part < limits.bloat or wasted < limits.bloat_bytes:
        return
    name = names.dotted(table.schema, index.name)
    yield Finding(
        Code.BLOATED_INDEX,
        name,
        f"about {share(part)} of {name} is empty",
        evidence=(
            (
                f"{size(index.bytes)} for {count(index.rows)} entries "
                f"that need about {size(int(needed * facts.server.block))}"
            ),
            extent(table),
        ),
        gain=f"{size(int(wasted))}",
        cost="a second copy while it is built; writes go on",
        instead=f"REINDEX INDEX CONCURRENTLY {name}",
        weight=wasted,
    )


def read_whole(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Yield tables that are read from one end to the other again and again, where no queries say by what."""
    if not facts.live:
        return
    for table in facts.tables:
        counts = table.counts
        if counts.scans < limits.read_whole_scans or counts.rows_scanned < limits.read_whole:
            continue
        each = counts.rows_scanned / counts.scans
        if each < limits.read_whole_rows:  # no index reads so few rows faster
            continue
        if table.rows > 0 and each < table.rows * 0.1:  # a LIMIT ended them
            continue
        yield Finding(
            Code.READ_WHOLE,
            table.sql,
            f"{table.sql} was read whole {counts.scans:,} times",
            evidence=(
                f"{count(counts.rows_scanned)} rows read by scans of the whole table in {span(facts.server.counted)}",
                f"{counts.index_scans:,} scans by an index",
                extent(table),
            ),
            gain="an index for what these queries search for",
            instead="say which queries: --queries FILE, or install pg_stat_statements",
            weight=counts.rows_scanned,
        )
