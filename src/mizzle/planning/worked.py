"""How far work reaches: to the tables that hold the rows, and to all indexes of a table that is written anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from mizzle import names
from mizzle.catalog import inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.constraint import Exclusion, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation
from mizzle.planning.steps import Statement

Indexed = PrimaryKey | Unique | Exclusion | Index


def spread(operations: Iterable[Operation], context: Context) -> Iterator[Operation]:
    """Yield `operations` in which each statement names the tables and indexes that hold what it goes through."""
    tables = {each.address.sql: each for each in context.old.tables}
    partitioned = {
        names.dotted(table.schema, part.name): (table, part)
        for table in (*context.old.tables, *context.new.tables)
        for part in _indexed(table)
        if table.partition_by is not None
    }
    gone: set[Address] = set()
    for operation in operations:
        yield replace(
            operation,
            statements=tuple(_spread(each, tables, partitioned, gone, context) for each in operation.statements),
        )
        gone |= operation.drops - operation.makes


def _spread(
    statement: Statement,
    tables: dict[str, Table],
    partitioned: dict[str, tuple[Table, Indexed]],
    gone: set[Address],
    context: Context,
) -> Statement:
    work = statement.work
    if not work:
        return statement

    def holding(listed: Iterable[str]) -> tuple[str, ...]:
        found = (each for name in listed for each in _holding(statement, name, tables.get(name), context))
        return tuple(dict.fromkeys(name for name in found if name not in tables or tables[name].address not in gone))

    rewrites = holding(work.rewrites)
    builds = [each for name in work.builds for each in _parts(name, partitioned, context)]
    builds += [each for name in rewrites if name in tables for each in _all(tables[name], gone, context)]
    return msgspec.structs.replace(
        statement, rewrites=rewrites, scans=holding(work.scans), builds=tuple(dict.fromkeys(builds))
    )


def _holding(statement: Statement, name: str, table: Table | None, context: Context) -> Iterator[str]:
    """Yield the tables that hold the rows of one, as far as they are locked: itself, or its partitions, those below it.

    A foreign key is one of the table itself, unless that is partitioned.
    """
    if table is None or table.partition_by is None:
        yield name
    if table is None or (table.partition_by is None and "FOREIGN KEY" in statement.sql):
        return
    for each in inheritance.descendants(table, context.old_children):
        if each.partition_by is None and each.address.sql in statement.locks:
            yield each.address.sql


def _parts(name: str, partitioned: dict[str, tuple[Table, Indexed]], context: Context) -> Iterator[str]:
    """Yield what a partitioned index is called on each of the partitions that were there, as PostgreSQL names them."""
    if name not in partitioned:
        yield name
        return
    table, part = partitioned[name]
    for each in inheritance.descendants(table, context.old_children):
        if each.partition_by is None:
            yield names.dotted(each.schema, inheritance.usual_name(each.name, part))


def _all(table: Table, gone: set[Address], context: Context) -> Iterator[str]:
    """Yield all indexes of a table that are there still."""
    whole = inheritance.expanded(table, context.old_tables)
    for part in _indexed(whole):
        if table.address_of(part) not in gone:
            yield names.dotted(table.schema, part.name)


def _indexed(table: Table) -> Iterator[Indexed]:
    yield from () if table.primary_key is None else (table.primary_key,)
    yield from (*table.uniques, *table.exclusions, *table.indexes)
