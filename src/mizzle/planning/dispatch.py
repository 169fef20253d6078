"""Which recipe makes which change. A new kind of object is a type error here until it has one."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.enum import Enum
from mizzle.catalog.extension import Extension
from mizzle.catalog.index import Index
from mizzle.catalog.schema import Schema
from mizzle.catalog.sequence import Sequence
from mizzle.catalog.table import Table
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation
from mizzle.planning.recipes import column, constraint, enum, index, schema, sequence, table


def operations(change: Change, context: Context) -> list[Operation]:
    """Return the operations that make one change."""
    match change:
        case Create():
            return _create(change, context)
        case Drop():
            return _drop(change, context)
        case Alter():
            return _alter(change, context)
        case Rename():
            return _rename(change, context)


def recreate(where: Address, context: Context) -> list[Operation]:
    """Return the operations that drop a column and add it again."""
    old, new = context.before[where], context.after[where]
    old_table, new_table = _tables(where, context)
    assert isinstance(old, Column) and isinstance(new, Column)
    return column.recreate(old_table, old, new_table, new)


def without_default(change: Alter, swapped: frozenset[Address]) -> Alter:
    """Return the change without its default, where the column is of one of the `swapped` types."""
    old, new = change.old, change.new
    if isinstance(old, Column) and isinstance(new, Column) and any(enum.uses(new, each) for each in swapped):
        return Alter(change.address, replace(old, default=new.default), new)
    return change


def _create(change: Create, context: Context) -> list[Operation]:
    match change.new:
        case Schema() as new:
            return schema.create(new)
        case Extension() as new:
            return schema.create_extension(new)
        case Enum() as new:
            return enum.create(new)
        case Sequence() as new:
            return sequence.create(new, context)
        case Table() as new:
            return table.create(new)
        case Column() as new:
            return column.create(_table(change.address, context.after), new)
        case PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey() as new:
            return constraint.create(_owner(change.address), new, fresh=False)
        case Index() as new:
            return index.create(_index_table(change.address, context.new.tables), new, fresh=False)
        case _ as other:
            assert_never(other)


def _drop(change: Drop, context: Context) -> list[Operation]:
    match change.old:
        case Schema() as old:
            return schema.drop(old)
        case Extension() as old:
            return schema.drop_extension(old)
        case Enum() as old:
            return enum.drop(old)
        case Sequence() as old:
            return sequence.drop(old, context)
        case Table() as old:
            return table.drop(old, circular=context.circular)
        case Column() as old:
            return column.drop(_table(change.address, context.before), old)
        case PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey() as old:
            return constraint.drop(_owner(change.address), old)
        case Index() as old:
            return index.drop(_index_table(change.address, context.old.tables), old)
        case _ as other:
            assert_never(other)


def _alter(change: Alter, context: Context) -> list[Operation]:
    where = change.address
    match change.old, change.new:
        case (Schema() as old, Schema() as new):
            return schema.alter(old, new)
        case (Extension() as old, Extension() as new):
            return schema.alter_extension(old, new)
        case (Enum() as old, Enum() as new):
            return enum.alter(old, new, context)
        case (Sequence() as old, Sequence() as new):
            return sequence.alter(old, new)
        case (Table() as old, Table() as new):
            return table.alter(old, new)
        case (Column() as old, Column() as new):
            return column.alter(_table(where, context.after), old, new)
        case (Index() as old, Index() as new):
            return index.alter(_index_table(where, context.new.tables), old, new)
        case (
            (PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey()) as old,
            (PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey()) as new,
        ):
            return constraint.alter(_owner(where), old, new)
        case (old, new):  # another kind of object under one address: a table that is a sequence now, say
            return [*_drop(Drop(where, old), context), *_create(Create(where, new), context)]


def _rename(change: Rename, context: Context) -> list[Operation]:
    where, name = change.address, change.to.name
    match change.old:
        case Table() as old:
            return [table.rename(old, name)]
        case Column() as old:
            return [column.rename(_owner(where), old, name)]
        case Enum() as old:
            return [enum.rename_value(old, where.name, name)]
        case Sequence() as old:
            return sequence.rename(old, name)
        case Index() as old:
            return index.rename(_index_table(where, context.old.tables), old, name)
        case PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey() as old:
            return constraint.rename(_owner(where), old, name)
        case Schema() | Extension():
            raise AssertionError(change)  # nothing pairs these: renames.py resolves tables, columns and values only
        case _ as other:
            assert_never(other)


def _owner(where: Address) -> Address:
    return address.table(*where.names[:2])


def _table(where: Address, objects: dict[Address, object]) -> Table:
    found = objects[_owner(where)]
    assert isinstance(found, Table)
    return found


def _tables(where: Address, context: Context) -> tuple[Table, Table]:
    return _table(where, dict(context.before)), _table(where, dict(context.after))


def _index_table(where: Address, tables: tuple[Table, ...]) -> Address:
    for each in tables:
        if each.schema == where.names[0] and any(i.name == where.name for i in each.indexes):
            return each.address
    raise KeyError(where)
