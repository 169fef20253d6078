"""A copy of a table, empty, as it is until it takes over: another name, and others for what has one in the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.online.copied import Copied
from mizzle.planning.recipes import statistics
from mizzle.planning.recipes import table as plain
from mizzle.planning.steps import Statement

Asides = Mapping[Address, str]
"""What the indexes of a table, those of keys, too, and its statistics are called (raw) on its copy, by address."""


def named(copied: Copied, context: Context) -> tuple[Address, Asides]:
    """Return where the copy is until it takes over, and what is called otherwise until then."""
    table = copied.table
    keys = (*([table.primary_key] if table.primary_key else ()), *table.uniques)
    parts = [_index(table, each.name) for each in (*keys, *table.indexes)]
    found, taken = dict[Address, str](), set[tuple[str, str]]()
    for each in (table.address, *parts, *(each.address for each in copied.statistics)):
        schema = each.names[0]
        there = context.taken(schema) | {name for other, name in taken if other == schema}
        found[each] = names.aside(each.name, there)
        taken.add((schema, found[each]))
    return address.table(table.schema, found.pop(table.address)), found


def made(copied: Copied, copy: Address, asides: Asides, context: Context) -> Iterator[Statement]:
    """Yield what makes the copy, with all that is no matter of rows that others see or write."""
    table, *more = (s for o in plain.create(_beside(copied, copy.name, asides), context) for s in o.statements)
    yield msgspec.structs.replace(table, sql=_explained(table.sql, copied))
    yield from more
    behind = f" FROM {copied.table.address.sql}"
    for each in copied.statistics:
        about = f"{each.definition.removesuffix(behind)} FROM {copy.sql}"
        aside = replace(each, name=asides[each.address], on=(copy.names[0], copy.names[1]), definition=about)
        for operation in statistics.create(aside):
            yield from operation.statements


def _explained(sql: str, copied: Copied) -> str:
    """Return CREATE TABLE with a comment in its first line that says why there is a copy."""
    added, table = names.idents(tuple(each.name for each in copied.added)), names.ident(copied.table.name)
    why = f"a copy: for {added}, {table} would be written anew, and nobody could use it meanwhile"
    head, end, rest = sql.partition("\n")
    return f"{head}  -- {why}{end}{rest}" if why.isprintable() else sql  # a name may hold what ends a comment


def _beside(copied: Copied, name: str, asides: Asides) -> Table:
    """Return the copy, empty, under the name (raw) that it has until it takes over; `asides` are those of its indexes.

    Foreign keys and identities come then: a row may refer to one that the same statement writes behind it, and a
    sequence has its name already.
    """
    table = copied.table
    key = table.primary_key
    return replace(
        table,
        name=name,
        columns=tuple(_column(each, table) for each in (*table.columns, *copied.added)),
        primary_key=None if key is None else replace(key, name=asides[_index(table, key.name)]),
        uniques=tuple(replace(each, name=asides[_index(table, each.name)]) for each in table.uniques),
        indexes=tuple(replace(each, name=asides[_index(table, each.name)]) for each in table.indexes),
        foreign_keys=(),
        replica_identity="",
        clustered="",
        order=(*(each.name for each in table.ordered_columns), *(each.name for each in copied.added)),
    )


def _index(table: Table, name: str) -> Address:
    return address.index(table.schema, name)


def _column(column: Column, table: Table) -> Column:
    """Return a column of the copy, whose NOT NULL is called as if it had always been the table's.

    That of a column that comes is demanded later, of rows that have it.
    """
    if table.part_at(table.address_of(column)) is None:
        return replace(column, nullable=True, not_null="")
    usual = names.default_name(table.name, (column.name,), "not_null")
    said = column.not_null or f"CONSTRAINT {names.ident(usual)} NOT NULL"
    return replace(column, identity=None, not_null="" if column.nullable else said)
