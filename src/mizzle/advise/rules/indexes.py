"""Indexes that cost and do not serve: the same twice, contained in another, never used, left behind broken."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.advise.coverage import covering
from mizzle.advise.facts import Facts, Index, Table
from mizzle.advise.findings import Code, Finding
from mizzle.advise.thresholds import Thresholds
from mizzle.advise.wording import extent, size, span

_FLIPPED = 3
"""The two bits of pg_index.indoption: descending, NULLs first. A btree is read backward as well as forward."""


def duplicate(facts: Facts) -> Iterator[Finding]:
    """Yield indexes that say the same as another of their table; which one goes is what nothing depends on."""
    for table in facts.tables:
        gone: set[int] = set()
        for index in _droppable(table, constraints=True):
            twin = next(
                (each for each in table.indexes if each.oid not in {*gone, index.oid} and _same(index, each)), None
            )
            if twin is not None:
                gone.add(index.oid)
                yield _redundant(Code.DUPLICATE_INDEX, facts, table, index, twin, "the same as")


def overlapping(facts: Facts) -> Iterator[Finding]:
    """Yield indexes whose keys are the first keys of another one, which serves all that they serve."""
    for table in facts.tables:
        for index in _droppable(table):
            if index.unique:
                continue
            if any(each.oid != index.oid and _same(index, each) for each in table.indexes):
                continue  # a duplicate
            wider = [each for each in table.indexes if each.oid != index.oid and _begins(index, each)]
            if wider:
                twin = min(wider, key=lambda each: (each.keys, each.name))
                yield _redundant(Code.OVERLAPPING_INDEX, facts, table, index, twin, "the beginning of")


def _droppable(table: Table, *, constraints: bool = False) -> list[Index]:
    """Return what may be dropped, the least wanted first: what is not unique, then what was made later."""
    kinds = {None, "u"} if constraints else {None}
    free = [each for each in table.indexes if each.constraint in kinds and each.valid]
    free = [each for each in free if not each.tied and not each.referenced]
    return sorted(free, key=lambda each: (each.constraint is not None, each.unique, -each.oid))


def _drop(table: Table, index: Index) -> str:
    if index.constraint is not None:
        return f"ALTER TABLE {table.sql} DROP CONSTRAINT {names.ident(index.name)}"
    return f"DROP INDEX {names.dotted(table.schema, index.name)}"


def _same(index: Index, other: Index) -> bool:
    """Say whether `other` does all that `index` does, with the same keys."""
    if index.keys != other.keys or not other.valid or (index.unique and not other.unique):
        return False
    if index.unique and index.nulls_not_distinct != other.nulls_not_distinct:
        return False
    if index.unique and index.immediate and not other.immediate:  # ON CONFLICT and foreign keys take no deferrable one
        return False
    return _begins(index, other)


def _begins(index: Index, other: Index) -> bool:
    if index.method != other.method or index.predicate != other.predicate or not other.valid:
        return False
    if other.keys < index.keys:
        return False
    if index.method != "btree":  # what their parameters are changes what they serve
        return _said(index) == _said(other)
    n = index.keys
    if (index.texts[:n], index.operators[:n], index.collations[:n]) != (
        other.texts[:n],
        other.operators[:n],
        other.collations[:n],
    ):
        return False
    if not index.included <= (other.included | set(other.key_columns)):
        return False
    flipped = tuple(each ^ _FLIPPED for each in other.options[:n])
    return index.options[:n] in {other.options[:n], flipped}


def _said(index: Index) -> str:
    """Return the definition without the name: method, columns, parameters, predicate."""
    return index.definition.partition(" USING ")[2]


def _redundant(code: Code, facts: Facts, table: Table, index: Index, twin: Index, what: str) -> Finding:
    found = [index.definition, twin.definition]
    if facts.live:
        found.append(
            f"{index.name} has {size(index.bytes)} and was used {index.scans:,} times; "
            f"{twin.name} has {size(twin.bytes)}"
        )
    wider = (
        "a search reads a somewhat larger index"
        if code is Code.OVERLAPPING_INDEX
        else "none: every search finds the other one"
    )
    return Finding(
        code,
        names.dotted(table.schema, index.name),
        f"{index.name} on {table.sql} is {what} {twin.name}",
        evidence=tuple(found),
        gain=f"{size(index.bytes)}, and one index less to keep at each write"
        if facts.live
        else "one index less to keep at each write",
        cost=wider,
        statements=(_drop(table, index),),
        weight=index.bytes,
    )


def unused(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Yield indexes that nothing has searched since the server counts, if that is long enough to say so.

    Not those that keep something unique, and not the only one that serves a foreign key: deletions may be rare. Nor
    where one of two that overlap is a finding already: the other one serves both. A standby does not know what the
    primary reads.
    """
    server = facts.server
    if not facts.live or server.standby or server.counted < limits.unused_after:
        return
    for table in facts.tables:
        needed = {index.oid for key in table.foreign_keys if (index := covering(facts, table, key)) is not None}
        free = _droppable(table)
        for index in free:
            if index.unique or index.scans or index.bytes < limits.unused_bytes or index.oid in needed:
                continue
            if any(_begins(index, each) for each in table.indexes if each.oid != index.oid):
                continue
            if any(_begins(each, index) for each in free if each.oid != index.oid and not each.unique):
                continue
            others = "reads of standbys are not counted here"
            yield Finding(
                Code.UNUSED_INDEX,
                names.dotted(table.schema, index.name),
                f"nothing has used {index.name} on {table.sql} for {span(server.counted)}",
                evidence=(
                    index.definition,
                    f"{size(index.bytes)}; pg_stat_all_indexes counts 0 scans in {span(server.counted)}",
                    others,
                ),
                gain=f"{size(index.bytes)}, and one index less to keep at each write",
                cost="what needs it, such as a report at the end of the year, would read the whole table",
                statements=(_drop(table, index),),
                weight=index.bytes,
            )


def invalid(facts: Facts) -> Iterator[Finding]:
    """Yield what a CREATE INDEX CONCURRENTLY that failed has left: kept at each write, used by no search."""
    for table in facts.tables:
        for index in table.indexes:
            if not index.valid and table.kind == "r":
                yield Finding(
                    Code.INVALID_INDEX,
                    names.dotted(table.schema, index.name),
                    f"{index.name} on {table.sql} is not valid: it is kept at each write, and no search uses it",
                    evidence=(index.definition, "pg_index.indisvalid is false", extent(table)),
                    gain="what it was made for",
                    instead=f"REINDEX INDEX CONCURRENTLY {names.dotted(table.schema, index.name)}, or drop it",
                    weight=index.bytes,
                )
