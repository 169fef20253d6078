"""Which change is made online, and by which recipe; all others are made in their plain form."""

from __future__ import annotations

from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.table import Table
from mizzle.differ.changes import Alter, Change, Create, Drop
from mizzle.planning.context import Context
from mizzle.planning.online import check, column, foreign_key, index, key, not_null, partition
from mizzle.planning.operations import Operation

Holder = Table | MaterializedView


def made_online(change: Change, context: Context) -> list[Operation] | None:
    """Return the operations that make a change of something that is in use; None where the plain ones serve as well."""
    where = change.address
    if not context.manner.online or where.kind not in {"table", "index", "constraint", "column"}:
        return None
    match change:
        case Create(new=Table() as new):
            return partition.create(new, context)
        case Alter(new=Table()):
            return partition.alter(context.old_tables[where], context.new_tables[where], context)
        case Drop(old=Table() as old):
            return partition.drop(old, context)
        case Create(new=Index() as new):
            table = _holder(where, context)
            return index.create(table, new, context) if context.in_use(table.address, where) else None
        case Alter(old=Index() as old, new=Index() as new):
            table = _holder(where, context)
            return index.alter(table, old, new, context) if context.in_use(table.address, where) else None
        case Drop(old=Index() as old):
            table = _old_holder(where, context)
            return index.drop(table, old) if context.in_use(table.address, where) else None
        case _:
            return _of_table(change, context) if context.in_use(_table(where), where) else None


def _of_table(change: Change, context: Context) -> list[Operation] | None:
    where = change.address
    table = context.new_tables[_table(where)]
    match change:
        case Create(new=Check() as new):
            return check.create(table, new)
        case Alter(old=Check() as old, new=Check() as new):
            return check.alter(table, old, new, context)
        case Create(new=ForeignKey() as new):
            return foreign_key.create(table, new, context)
        case Alter(old=ForeignKey() as old, new=ForeignKey() as new):
            return foreign_key.alter(table, old, new, context)
        case Create(new=PrimaryKey() | Unique() as new):
            return key.create(table, new, context)
        case Alter(old=PrimaryKey() | Unique() as old, new=PrimaryKey() | Unique() as new):
            return key.alter(table, old, new, context)
        case Drop(old=PrimaryKey() as old):
            return key.drop(table, old, context)
        case Create(new=Column() as new):
            return column.create(table, new, context)
        case Alter(old=Column() as old, new=Column() as new):
            return not_null.alter(table, old, new, context)
        case _:
            return None


def _table(where: Address) -> Address:
    return Address("table", where.names[:2])


def _holder(where: Address, context: Context) -> Holder:
    return _holding(where, (*context.new.tables, *context.new.materialized_views))


def _old_holder(where: Address, context: Context) -> Holder:
    return _holding(where, (*context.old.tables, *context.old.materialized_views))


def _holding(where: Address, holders: tuple[Holder, ...]) -> Holder:
    schema, name = where.names
    return next(each for each in holders if each.schema == schema and any(i.name == name for i in each.indexes))
