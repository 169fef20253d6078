"""A catalog of another server, told by this one: rendered, loaded and read again, for what has texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from mizzle.catalog import prune
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.catalog.table import Part, Table
from mizzle.planning.plan import plan

AnyPart = TypeVar("AnyPart", bound=Part)


def rehome(
    live: Catalog,
    load: Callable[[str], Catalog],
    *,
    available: frozenset[str],
    major: int,
    near: Catalog | None = None,
) -> Catalog:
    """Return `live` with each text as the server behind `load` prints it; everything else stays what it was.

    `available` are that server's extensions. What depends on something unmanaged, or on an extension that is not
    available, cannot be loaded there and keeps its texts; so does a table that is equal in `near` already.
    """
    texts = _texts(live, near)
    if not texts.tables:
        return live
    missing = [Address("extension", (e.name,)) for e in live.extensions if e.name not in available]
    loadable = replace(prune.without(texts, [*missing, *live.unmanaged]), unmanaged=())
    told = {table.address: table for table in load(plan(EMPTY, loadable, major=major).sql).tables}
    return replace(live, tables=tuple(_retold(table, told.get(table.address)) for table in live.tables))


def _texts(live: Catalog, near: Catalog | None) -> Catalog:
    """Return what must be sent through: the tables that differ, without foreign keys (they have no texts)."""
    same = frozenset[Table]() if near is None else frozenset(near.tables)
    tables = tuple(replace(table, foreign_keys=()) for table in live.tables if table not in same)
    kept = {table.address for table in tables}
    needed = tuple(
        d for d in live.dependencies if d.dependent.kind == "index" or (d.dependent.table or d.dependent) in kept
    )
    sequences = tuple(s for s in live.sequences if s.owned_by is None or Address("table", s.owned_by[:2]) in kept)
    return replace(live, tables=tables, sequences=sequences, dependencies=needed)


def _retold(table: Table, told: Table | None) -> Table:
    if told is None:
        return table
    parts = dict(told.parts())

    def again(part: AnyPart) -> AnyPart:
        found = parts.get(table.address_of(part))
        return found if isinstance(found, type(part)) else part

    return replace(
        table,
        columns=tuple(again(c) for c in table.columns),
        primary_key=table.primary_key and again(table.primary_key),
        uniques=tuple(again(c) for c in table.uniques),
        checks=tuple(again(c) for c in table.checks),
        exclusions=tuple(again(c) for c in table.exclusions),
        indexes=tuple(replace(again(i), valid=i.valid) for i in table.indexes),
    )
