"""Tables that come to have other parents: compared as what they are without any, which is what stays of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.inheritance import expanded
from mizzle.catalog.table import Table


def aligned(old: Catalog, new: Catalog) -> tuple[Catalog, Catalog]:
    """Return both catalogs, in which tables that change their parents have all that these pass on as their own."""
    before = {table.address: table for table in old.tables}
    after = {table.address: table for table in new.tables}
    moved = {where for where in before.keys() & after.keys() if _place(before[where]) != _place(after[where])}
    if not moved:
        return old, new
    stay = {
        where: () if before[where].bound or after[where].bound else {*before[where].inherits} & {*after[where].inherits}
        for where in moved
    }
    return (
        replace(old, tables=tuple(_moved(table, before, stay) for table in old.tables)),
        replace(new, tables=tuple(_moved(table, after, stay) for table in new.tables)),
    )


def _moved(table: Table, tables: Mapping[Address, Table], stay: Mapping[Address, Collection[tuple[str, str]]]) -> Table:
    """Return a table with what it has from parents that do not stay the same."""
    return expanded(table, tables, but=stay[table.address]) if table.address in stay else table


def _place(table: Table) -> tuple[object, ...]:
    return table.inherits, table.bound
