"""Which recipe makes which change. A new kind of object is a type error here until it has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mizzle.catalog import address, inheritance
from mizzle.catalog.access import Access, DefaultPrivileges, Grants, Owner
from mizzle.catalog.address import Address
from mizzle.catalog.aggregate import Aggregate
from mizzle.catalog.catalog import Catalog, Object
from mizzle.catalog.column import Column
from mizzle.catalog.composite import Composite
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.defined import Defined
from mizzle.catalog.domain import Domain
from mizzle.catalog.enum import Enum
from mizzle.catalog.event_trigger import EventTrigger
from mizzle.catalog.extension import Extension
from mizzle.catalog.index import Index
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.policy import Policy
from mizzle.catalog.publication import Publication
from mizzle.catalog.range_type import RangeType
from mizzle.catalog.routine import Routine
from mizzle.catalog.rule import Rule
from mizzle.catalog.schema import Schema
from mizzle.catalog.sequence import Sequence
from mizzle.catalog.statistics import Statistics
from mizzle.catalog.table import Table
from mizzle.catalog.trigger import Trigger
from mizzle.catalog.view import View
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.operations import Operation
from mizzle.planning.recipes import (
    access,
    aggregate,
    attached,
    column,
    composite,
    constraint,
    domain,
    enum,
    event_trigger,
    index,
    materialized_view,
    parents,
    policy,
    publication,
    renaming,
    routine,
    rule,
    schema,
    sequence,
    statistics,
    swap,
    table,
    trigger,
    view,
    whole,
)

T = TypeVar("T", bound=Object)

_RECIPES: dict[type[Object], Any] = {
    Aggregate: aggregate,
    EventTrigger: event_trigger,
    Policy: policy,
    Routine: routine,
    Trigger: trigger,
    MaterializedView: materialized_view,
    Rule: rule,
    Statistics: statistics,
    Publication: publication,
    Domain: domain,
    Composite: composite,
    View: view,
    **whole.RECIPES,
}
"""The module of each kind that is made by one definition: create, drop, in_place, alter, definition."""


def operations(change: Change, context: Context) -> list[Operation]:
    """Return the operations that make one change."""
    match change:
        case Create():
            below = _passed_to(change.address, context.new_tables, context.new_children)
            made = _behind_parent(change, _create(change, context), context)
            return [replace(each, takes=each.takes | below) for each in made] if below else made
        case Drop():
            below = _passed_to(change.address, context.old_tables, context.old_children)
            made = _behind_parent(change, _drop(change, context), context)
            return [replace(each, frees=each.frees | below) for each in made] if below else made
        case Alter():
            return _behind_parent(change, _alter(change, context), context)
        case Rename():
            return _rename(change, context)


def _passed_to(where: Address, tables: Mapping[Address, Table], children: inheritance.Children) -> frozenset[Address]:
    """Return what a column is called in the tables below its own, where no other can have its name."""
    table = tables.get(_owner(where)) if where.kind == "column" else None
    below = inheritance.descendants(table, children) if table is not None else ()
    return frozenset(address.column(each.schema, each.name, where.name) for each in below)


def _behind_parent(change: Create | Drop | Alter, made: list[Operation], context: Context) -> list[Operation]:
    """Let what deviates from a parent come when the parent's column is changed: that is passed on, and overrides it."""
    where = change.address
    table = context.new_tables.get(_owner(where)) if where.kind == "column" else None
    if isinstance(change, Drop) and isinstance(change.old, Column) and not change.old.inherited:
        return made  # a column of its own, which makes room for the parent's
    above = inheritance.origin(table, where.name, context.new_tables) if table is not None else None
    if above is None:
        return made
    return [replace(each, follows=each.follows | {above, default_of(above)}) for each in made]


def recreate(where: Address, context: Context) -> list[Operation]:
    """Return the operations that drop a column and add it again."""
    old, new = _as(Column, context.before[where]), _as(Column, context.after[where])
    return column.recreate(_table(where, context.before), old, _table(where, context.after), new, context)


def in_place(old: Object, new: Object, context: Context) -> bool:
    """Say whether an object can be changed into another of the same name without being dropped, by its own recipe."""
    recipe = _RECIPES.get(type(new))
    return recipe is None or recipe.in_place(old, new, context)


def definition(thing: Defined) -> str:
    """Return the statement that makes `thing`, without what is said of it in others."""
    return _RECIPES[type(thing)].definition(thing)


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
            return table.create(new, context)
        case Column() as new:
            owner = _table(change.address, context.after)
            if new.inherited == "also" and _passed_on(change.address, context.old_tables):
                raise parents.refuse_owning(change.address, own=True)
            if new.inherited != "only":
                return column.create(owner, new, context)
            there = context.old_tables.get(owner.address)
            if there is not None and there.inherits != owner.inherits and owner.bound is None:
                raise parents.refuse_owning(change.address, own=False)
            return column.deviate(owner, new, context)
        case PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey() as new:
            return constraint.create(_owner(change.address), new, fresh=False)
        case Index() as new:
            return index.create(_holder(change.address, context.new), new, fresh=False)
        case Grants() | Owner() | DefaultPrivileges() as new:
            return _said(None, new, context)
        case new:
            return _RECIPES[type(new)].create(new)


def _drop(change: Drop, context: Context) -> list[Operation]:
    if change.address in context.fates.swapped and change.address not in context.after:
        return swap.replaced(change.address, context)
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
            return table.drop(old, context)
        case Column(inherited="only") as old:
            owner = _table(change.address, context.after)
            above = inheritance.inherited(owner, old.name, context.new_tables)
            if above is None:
                left = context.old_tables[_owner(change.address)].inherits != owner.inherits
                return column.drop(owner, old, context) if left else []
            return column.alter(owner, old, replace(above, inherited="only"), context)
        case Column() as old:
            if old.inherited == "also" and _passed_on(change.address, context.new_tables):
                raise parents.refuse_owning(change.address, own=False)
            return column.drop(_table(change.address, context.before), old, context)
        case PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey() as old:
            return constraint.drop(_owner(change.address), old)
        case Index() as old:
            return index.drop(_holder(change.address, context.old), old)
        case Grants() | Owner() | DefaultPrivileges() as old:
            return [] if change.address in context.after else _said(old, None, context)
        case old:
            return _RECIPES[type(old)].drop(old, context)


def _alter(change: Alter, context: Context) -> list[Operation]:
    where, old = change.address, change.old
    match change.new:
        case Grants() | Owner() | DefaultPrivileges() as new:
            return _said(_as(type(new), old), new, context)
        case Schema() as new:
            return schema.alter(_as(Schema, old), new)
        case Extension() as new:
            return schema.alter_extension(_as(Extension, old), new)
        case Enum() as new:
            return enum.alter(_as(Enum, old), new, context)
        case Sequence() as new:
            return sequence.alter(_as(Sequence, old), new, context)
        case Table() as new:
            return table.alter(_as(Table, old), new, context)
        case Column() as new:
            return column.alter(_table(where, context.after), _as(Column, old), new, context)
        case Index() as new:
            return index.alter(_holder(where, context.new), _as(Index, old), new)
        case PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey() as new:
            assert isinstance(old, PrimaryKey | Unique | Check | Exclusion | ForeignKey)
            return constraint.alter(_owner(where), old, new)
        case new:
            return _RECIPES[type(new)].alter(_as(type(new), old), new, context)


def _said(old: Access | None, new: Access | None, context: Context) -> list[Operation]:
    """Return what is done where roles have more, less or something else to do with an object."""
    match new or old:
        case Grants() as grants:
            return access.settle(grants.subject, context)
        case Owner() as owner:
            return access.own(owner.subject, owner.role) if new else access.disown(owner.subject, context)
        case _:
            assert not isinstance(old, Grants | Owner)
            assert not isinstance(new, Grants | Owner)
            return access.by_default(old, new, context)


def _rename(change: Rename, context: Context) -> list[Operation]:
    where, name = change.address, change.to.name
    if where.names[:-1] != change.to.names[:-1]:
        return renaming.renamed(where, change.to)
    match change.old:
        case Table() as old:
            return [table.rename(old, name)]
        case Column() as old:
            return [column.rename(_owner(where), old, name)]
        case Enum() as old:
            return [enum.rename(old, name) if where.kind == "type" else enum.rename_value(old, where.name, name)]
        case Sequence() as old if old.owned_by is not None:
            return sequence.rename(old, change.to, context)
        case Index() as old:
            return index.rename(_holder(where, context.old), old, change.to, context)
        case PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey() as old:
            return constraint.rename(_owner(where), old, change.to, context)
        case Trigger() | Policy() as old:
            return attached.rename(old, change.to, context)
        case Sequence() | Schema() | View() | MaterializedView() | Domain() | Composite() | RangeType():
            return renaming.renamed(where, change.to)
        case _:
            raise AssertionError(change)  # nothing pairs others


def _as(kind: type[T], thing: Object) -> T:
    """Return `thing`, which is of the `kind` that its address says."""
    assert isinstance(thing, kind)
    return thing


def _passed_on(column: Address, tables: Mapping[Address, Table]) -> bool:
    """Say whether the table of a column has it from a parent."""
    table = tables.get(_owner(column))
    return table is not None and inheritance.inherited(table, column.name, tables) is not None


def _owner(where: Address) -> Address:
    return address.table(*where.names[:2])


def _table(where: Address, objects: Mapping[Address, Object]) -> Table:
    return _as(Table, objects[_owner(where)])


def _holder(index: Address, catalog: Catalog) -> Address:
    """Return the table or the materialized view that an index is of."""
    holders = (*catalog.tables, *catalog.materialized_views)
    schema, name = index.names
    return next(each.address for each in holders if each.schema == schema and any(i.name == name for i in each.indexes))
