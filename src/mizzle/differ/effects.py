"""What a catalog is after a rename ran: everything that has the name in it follows, as it does in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mizzle import names
from mizzle.catalog import address, inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Dependency
from mizzle.catalog.column import Column, Generated
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.defined import Defined
from mizzle.catalog.enum import Enum
from mizzle.catalog.index import Index
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.sequence import Sequence
from mizzle.catalog.statistics import Statistics
from mizzle.catalog.table import Table
from mizzle.catalog.view import View
from mizzle.differ import texts
from mizzle.differ.access import with_access
from mizzle.differ.changes import Rename
from mizzle.differ.relocation import with_place, with_schema

HOLDERS = frozenset({"table", "view"})
"""Kinds of objects that have triggers, rules and policies."""

RELATIONS = frozenset({"table", "view", "materialized view"})
"""Kinds of objects that are called by their name inside of queries."""

Printed = TypeVar("Printed", PrimaryKey, Unique, Check, Exclusion, Index)


def applied(old: Catalog, change: Rename) -> Catalog:
    """Return `old` after a rename, or the move of an object to another schema."""
    return with_access(old, _applied(old, change), change)


def _applied(old: Catalog, change: Rename) -> Catalog:
    where, to = change.address, change.to.name
    if where.kind == "schema":
        return with_schema(old, where.name, to)
    if where.names[:-1] != change.to.names[:-1]:
        return with_place(old, where, change.to)
    if where.kind in {"view", "materialized view"}:
        return with_place(_with_defined(old, where, to), where, change.to)
    if where.kind not in _ways:
        return with_place(old, where, change.to)
    return _ways[where.kind](_with_defined(old, where, to), where.names, to)


def _with_defined(old: Catalog, where: Address, to: str) -> Catalog:
    """Return `old` with the texts of those that need what is renamed as PostgreSQL prints them then.

    Where that is not exact, a comparison sees one more change than there is, and makes the object anew.
    """
    renamed = Address("type", where.names[:2]) if where.kind == "value" else where
    users = {each.dependent for each in old.dependencies if each.referenced == renamed}
    if where.kind in RELATIONS:  # the record of a view names the columns that it uses
        users |= {each.dependent for each in old.dependencies if each.referenced.table == where}

    def text(told: str) -> str:
        match where.kind:
            case "table" | "view" | "materialized view":
                return texts.with_relation(told, where, to)
            case "column":
                return texts.with_column_of_query(told, where.name, to)
            case "type":
                return texts.with_type(told, (where.names[0], where.name), to)
            case _:
                return texts.with_value(told, (where.names[0], where.names[1]), where.name, to)

    def retold(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(retold, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return text(value) if isinstance(value, str) else value

    called: dict[Address, Address] = {}

    def each(thing: Defined) -> Defined:
        told: dict[str, Any] = {}
        if thing.address in users:
            told = {name: retold(getattr(thing, name)) for name in thing.TEXTS}
            if where.kind == "type" and isinstance(thing, View | MaterializedView):
                told["columns"] = tuple((name, text(type_)) for name, type_ in thing.columns)
        if where.kind in HOLDERS and thing.address.names[:2] == where.names and hasattr(thing, "table"):
            told["table"] = to
        if where.kind == "table" and isinstance(thing, Statistics) and thing.on == where.names:
            told["on"] = (where.names[0], to)
        new = replace(thing, **told) if told else thing
        called[thing.address] = new.address
        return new

    return _called(old.mapped(each), called)


def _called(old: Catalog, called: Mapping[Address, Address]) -> Catalog:
    """Return `old` with its dependencies by the addresses that objects have now."""
    if all(before == after for before, after in called.items()):
        return old
    dependencies = tuple(
        Dependency(called.get(d.dependent, d.dependent), called.get(d.referenced, d.referenced))
        for d in old.dependencies
    )
    return replace(old, dependencies=dependencies)


def with_sequence(old: Catalog, change: Rename) -> Catalog:
    """Return `old` with the defaults that use a renamed sequence."""
    before, after = (f"nextval({names.literal(where.sql)}::regclass)" for where in (change.address, change.to))

    def column(each: Column) -> Column:
        return replace(each, default=after) if each.default == before else each

    return replace(old, tables=tuple(replace(t, columns=tuple(map(column, t.columns))) for t in old.tables))


def _with_table(old: Catalog, table: tuple[str, ...], to: str) -> Catalog:
    def moved(each: Table) -> Table:
        keys = tuple(
            replace(key, ref_table=to) if (key.ref_schema, key.ref_table) == table else key for key in each.foreign_keys
        )
        above = tuple((table[0], to) if parent == table else parent for parent in each.inherits)
        if (each.schema, each.name) != table:
            return replace(each, inherits=above, foreign_keys=keys)
        return replace(each, name=to, inherits=above, foreign_keys=keys, attached=_still_called(each, to, tables))

    tables = {each.address: each for each in old.tables}

    def owned(each: Sequence) -> Sequence:
        if each.owned_by is None or each.owned_by[:2] != table:
            return each
        return replace(each, owned_by=(table[0], to, each.owned_by[2]))

    def address_of(where: Address) -> Address:
        if where.kind in {"table", "column", "constraint"} and where.names[:2] == table:
            return Address(where.kind, (table[0], to, *where.names[2:]))
        return where

    return _rebuilt(old, moved, owned, address_of)


def _still_called(partition: Table, to: str, tables: Mapping[Address, Table]) -> tuple[tuple[str, str], ...]:
    """Return the names of a partition's parts of indexes after it was renamed: they stay, and are unusual then."""
    if partition.bound is None:
        return partition.attached
    kept = dict(partition.attached)
    for name in inheritance.names_above(partition, tables):
        part = inheritance.indexed(partition, name, tables)
        if part is not None:
            called = kept.pop(name, inheritance.usual_name(partition.name, part))
            if called != inheritance.usual_name(to, part):
                kept[name] = called
    return tuple(sorted(kept.items()))


def _with_column(old: Catalog, column: tuple[str, ...], to: str) -> Catalog:
    schema, table, name = column

    def refers(key: ForeignKey) -> bool:
        return (key.ref_schema, key.ref_table) == (schema, table)

    tables = {each.address: each for each in old.tables}
    renamed = tables[address.table(schema, table)]
    below = {each.address for each in inheritance.descendants(renamed, inheritance.children(tables))} | {
        renamed.address
    }

    def moved(each: Table) -> Table:
        each = table_with_column(each, name, to) if each.address in below else each
        keys = tuple(
            replace(key, ref_columns=_swapped(key.ref_columns, name, to)) if refers(key) else key
            for key in each.foreign_keys
        )
        return replace(each, foreign_keys=keys)

    def owned(each: Sequence) -> Sequence:
        return replace(each, owned_by=(schema, table, to)) if each.owned_by == column else each

    before, after = address.column(schema, table, name), address.column(schema, table, to)
    return _rebuilt(old, moved, owned, lambda where: after if where == before else where)


def table_with_column(table: Table, name: str, to: str) -> Table:
    """Return a table, without those that refer to it, after the column `name` was renamed."""

    def text(definition: str) -> str:
        return texts.with_column(definition, name, to)

    def column(each: Column) -> Column:
        generated = each.generated and Generated(text(each.generated.expression), each.generated.kind)
        return replace(each, name=to if each.name == name else each.name, generated=generated)

    def defined(each: Printed) -> Printed:
        if name not in each.columns:
            return each
        return replace(each, definition=text(each.definition), columns=_swapped(each.columns, name, to))

    keys = tuple(
        replace(k, columns=_swapped(k.columns, name, to), set_columns=_swapped(k.set_columns, name, to))
        for k in table.foreign_keys
    )
    return replace(
        table,
        columns=tuple(sorted(map(column, table.columns), key=lambda c: c.name)),
        primary_key=table.primary_key and defined(table.primary_key),
        uniques=tuple(map(defined, table.uniques)),
        checks=tuple(map(defined, table.checks)),
        exclusions=tuple(map(defined, table.exclusions)),
        indexes=tuple(map(defined, table.indexes)),
        foreign_keys=keys,
        partition_by=table.partition_by and text(table.partition_by),
        order=_swapped(table.order, name, to),
    )


def _with_type(old: Catalog, type_: tuple[str, ...], to: str) -> Catalog:
    schema, name = type_
    before, after = address.type_(schema, name), address.type_(schema, to)

    def enum(each: Enum) -> Enum:
        return replace(each, name=to) if (each.schema, each.name) == type_ else each

    def table(each: Table) -> Table:
        each = _with_texts(each, lambda text: texts.with_type(text, (schema, name), to))
        columns = tuple(replace(c, type=texts.with_type(c.type, (schema, name), to)) for c in each.columns)
        return replace(each, columns=columns)

    enums = tuple(sorted(map(enum, old.enums), key=lambda e: (e.schema, e.name)))
    rebuilt = _rebuilt(old, table, lambda each: each, lambda where: after if where == before else where)
    return replace(rebuilt, enums=enums)


def _with_value(old: Catalog, value: tuple[str, ...], to: str) -> Catalog:
    schema, name, label = value

    def enum(each: Enum) -> Enum:
        own = (each.schema, each.name) == (schema, name)
        return replace(each, labels=_swapped(each.labels, label, to)) if own else each

    def text(each: str) -> str:
        return texts.with_value(each, (schema, name), label, to)

    return replace(
        old,
        enums=tuple(map(enum, old.enums)),
        tables=tuple(_with_texts(table, text) for table in old.tables),
    )


def _with_texts(table: Table, text: Callable[[str], str]) -> Table:
    """Return the table with each of its expressions changed by `text`."""

    def column(each: Column) -> Column:
        generated = each.generated and Generated(text(each.generated.expression), each.generated.kind)
        return replace(each, default=each.default and text(each.default), generated=generated)

    return replace(
        table,
        columns=tuple(map(column, table.columns)),
        checks=tuple(replace(each, definition=text(each.definition)) for each in table.checks),
        exclusions=tuple(replace(each, definition=text(each.definition)) for each in table.exclusions),
        indexes=tuple(replace(each, definition=text(each.definition)) for each in table.indexes),
    )


def _rebuilt(
    old: Catalog,
    table: Callable[[Table], Table],
    sequence: Callable[[Sequence], Sequence],
    address_of: Callable[[Address], Address],
) -> Catalog:
    return replace(
        old,
        tables=tuple(sorted(map(table, old.tables), key=lambda t: (t.schema, t.name))),
        sequences=tuple(map(sequence, old.sequences)),
        dependencies=tuple(
            Dependency(address_of(each.dependent), address_of(each.referenced)) for each in old.dependencies
        ),
    )


def _swapped(items: tuple[str, ...], name: str, to: str) -> tuple[str, ...]:
    return tuple(to if item == name else item for item in items)


_ways = {"table": _with_table, "column": _with_column, "type": _with_type, "value": _with_value}
