"""Renames that a person answered, applied to a catalog: what the database will say once they ran."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Dependency, Object
from mizzle.catalog.column import Column, Generated
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.enum import Enum
from mizzle.catalog.index import Index
from mizzle.catalog.sequence import Sequence
from mizzle.catalog.table import Table
from mizzle.differ.changes import Rename
from mizzle.errors import ConfigError
from mizzle.sqltext import rename_identifiers

Defined = TypeVar("Defined", PrimaryKey, Unique, Check, Exclusion, Index)


def renamed(old: Catalog, new: Catalog, renames: Mapping[str, str]) -> tuple[Catalog, tuple[Rename, ...]]:
    """Return `old` as it is after `renames` (columns and enum values first, then tables), and the renames as changes.

    Texts that name a renamed column are changed token by token, as PostgreSQL will print them; where that is not exact
    the comparison sees one more change. Raises ConfigError for a name that `old` does not have, a new name that is
    taken, and one that `new` does not have.
    """
    changes: list[Rename] = []
    tables = {names.parse(source): names.parse(target)[-1] for source, target in renames.items()}
    for source, target in sorted(renames.items(), key=lambda pair: (-len(names.parse(pair[0])), pair)):
        change = _resolve(old, source, names.parse(target)[-1])
        _check_wanted(new, change, tables)
        old = _applied(old, change)
        changes.append(change)
    return old, tuple(changes)


def _resolve(old: Catalog, source: str, target: str) -> Rename:
    parts = names.parse(source)
    objects = _nameable(old)
    for kind in ("table", "column", "value"):
        where = Address(kind, parts)
        if where in objects:
            to = Address(kind, (*parts[:-1], target))
            if to in objects:
                raise ConfigError(f"cannot rename {where} to {target}: that name is taken", hint="give another name")
            return Rename(where, to, objects[where])
    raise ConfigError(
        f"cannot rename {source}: there is no table, column or enum value of that name",
        hint="name it as it is called before the change: schema.table, schema.table.column or schema.type.value",
    )


def _check_wanted(new: Catalog, change: Rename, tables: Mapping[tuple[str, ...], str]) -> None:
    *outer, _ = change.to.names
    if change.to.kind == "column":
        outer[1] = tables.get(tuple(outer), outer[1])
    wanted = Address(change.to.kind, (*outer, change.to.name))
    if wanted not in _nameable(new):
        raise ConfigError(
            f"cannot rename {change.address} to {change.to.name}: the wanted schema has no {wanted}",
            hint="give the name that the models use now",
        )


def _nameable(catalog: Catalog) -> dict[Address, Object]:
    found: dict[Address, Object] = dict(catalog.objects())
    for enum in catalog.enums:
        found |= {Address("value", (enum.schema, enum.name, label)): enum for label in enum.labels}
    return found


def _applied(old: Catalog, change: Rename) -> Catalog:
    match change.address.kind:
        case "table":
            return _with_table_renamed(old, change.address.names, change.to.name)
        case "column":
            return _with_column_renamed(old, change.address.names, change.to.name)
        case _:
            return _with_value_renamed(old, change.address.names, change.to.name)


def _with_table_renamed(old: Catalog, table: tuple[str, ...], to: str) -> Catalog:
    def moved(each: Table) -> Table:
        keys = tuple(
            replace(key, ref_table=to) if (key.ref_schema, key.ref_table) == table else key for key in each.foreign_keys
        )
        name = to if (each.schema, each.name) == table else each.name
        return replace(each, name=name, foreign_keys=keys)

    def owned(each: Sequence) -> Sequence:
        if each.owned_by is None or each.owned_by[:2] != table:
            return each
        return replace(each, owned_by=(table[0], to, each.owned_by[2]))

    def address_of(where: Address) -> Address:
        if where.kind in {"table", "column", "constraint"} and where.names[:2] == table:
            return Address(where.kind, (table[0], to, *where.names[2:]))
        return where

    return _rebuilt(old, moved, owned, address_of)


def _with_column_renamed(old: Catalog, column: tuple[str, ...], to: str) -> Catalog:
    schema, table, name = column

    def refers(key: ForeignKey) -> bool:
        return (key.ref_schema, key.ref_table) == (schema, table)

    def moved(each: Table) -> Table:
        if (each.schema, each.name) == (schema, table):
            each = _table_with_column_renamed(each, name, to)
        keys = tuple(
            replace(key, ref_columns=_swapped(key.ref_columns, name, to)) if refers(key) else key
            for key in each.foreign_keys
        )
        return replace(each, foreign_keys=keys)

    def owned(each: Sequence) -> Sequence:
        return replace(each, owned_by=(schema, table, to)) if each.owned_by == column else each

    before, after = address.column(schema, table, name), address.column(schema, table, to)
    return _rebuilt(old, moved, owned, lambda where: after if where == before else where)


def _table_with_column_renamed(table: Table, name: str, to: str) -> Table:
    def text(definition: str) -> str:
        return rename_identifiers(definition, {name: to})

    def column(each: Column) -> Column:
        generated = each.generated and Generated(text(each.generated.expression), each.generated.kind)
        return replace(each, name=to if each.name == name else each.name, generated=generated)

    def defined(each: Defined) -> Defined:
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
        order=_swapped(table.order, name, to),
    )


def _with_value_renamed(old: Catalog, value: tuple[str, ...], to: str) -> Catalog:
    schema, type_name, label = value
    type_text = names.dotted(schema, type_name)
    before, after = (f"{names.literal(each)}::{type_text}" for each in (label, to))

    def enum(each: Enum) -> Enum:
        own = (each.schema, each.name) == (schema, type_name)
        return replace(each, labels=_swapped(each.labels, label, to)) if own else each

    def defaulted(each: Table) -> Table:
        columns = tuple(replace(c, default=after) if c.default == before else c for c in each.columns)
        return replace(each, columns=columns)

    return replace(old, enums=tuple(map(enum, old.enums)), tables=tuple(map(defaulted, old.tables)))


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
