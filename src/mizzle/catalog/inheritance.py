"""Tables that have others above them: what they have from those, and what is their own.

A partition, or a table that inherits, is kept as what it says beyond its parents: PostgreSQL passes on to it what
happens to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column, Identity
from mizzle.catalog.constraint import Exclusion, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table

Tables = Mapping[Address, Table]
Children = Mapping[tuple[str, str], Sequence[Table]]


def own_columns(columns: list[Column], parents: list[list[Column]], *, partition: bool = False) -> list[Column]:
    """Return those of a table's columns that are not just as one of its `parents` has them, but for comments.

    A partition has no identity of its own: from PostgreSQL 17 on that of its parent, before none.
    """
    known = {_plain(column) for parent in parents for column in parent}
    identities = {column.name: column.identity for parent in parents for column in parent} if partition else {}
    return [each for each in columns if each.inherited != "only" or _alike(each, identities) not in known]


def _alike(column: Column, identities: Mapping[str, Identity | None]) -> Column:
    """Return a column as the parent would have it, whose identity it shares."""
    own = column.identity is not None and column.identity.sequence
    return replace(column, inherited="", identity=column.identity if own else identities.get(column.name))


def inherited(table: Table, name: str, tables: Tables) -> Column | None:
    """Return the column `name` as the table's parents pass it on; None where none of them has it."""
    for parent in _parents(table, tables):
        for column in parent.columns:
            if column.name == name:
                return _plain(column)
        found = inherited(parent, name, tables)
        if found is not None:
            return found
    return None


def origin(table: Table, name: str, tables: Tables) -> Address | None:
    """Return the address of the column that the table has as its parents pass it on; None where it is its own."""
    for parent in _parents(table, tables):
        if any(column.name == name for column in parent.columns):
            return Address("column", (parent.schema, parent.name, name))
        found = origin(parent, name, tables)
        if found is not None:
            return found
    return None


def children(tables: Tables) -> Children:
    """Return, by (schema, table), the tables right below each."""
    found: defaultdict[tuple[str, str], list[Table]] = defaultdict(list)
    for each in tables.values():
        for parent in each.inherits:
            found[parent].append(each)
    return found


def descendants(table: Table, children: Children) -> Iterator[Table]:
    """Yield the tables below one."""
    for each in children.get((table.schema, table.name), ()):
        yield each
        yield from descendants(each, children)


def expanded(table: Table, tables: Tables, *, but: Collection[tuple[str, str]] = ()) -> Table:
    """Return a table with all that it has from its parents, `but` these, as its own: what it is when it leaves them.

    An identity stays with the parent.
    """
    passed = "" if table.bound is not None else "only"
    columns = {each.name: each if passed else replace(each, inherited="") for each in table.columns}
    order, checks = [*table.order], {check.name: check for check in table.checks}
    uniques, indexes = {each.name: each for each in table.uniques}, {each.name: each for each in table.indexes}
    exclusions, keys = {each.name: each for each in table.exclusions}, {each.name: each for each in table.foreign_keys}
    primary_key = table.primary_key
    above = [each for each in _parents(table, tables) if (each.schema, each.name) not in but]
    for parent in (expanded(each, tables) for each in above):
        for column in parent.columns:
            columns.setdefault(column.name, replace(_plain(column), inherited=passed, identity=None))
        order += [name for name in parent.order if name not in order]
        for check in parent.checks:
            if " NO INHERIT" not in check.definition:
                checks.setdefault(check.name, replace(check, comment=None))
        if table.bound is None:
            continue
        for key in parent.foreign_keys:
            keys.setdefault(key.name, replace(key, comment=None))
    for part in _indexed_above(table, tables) if table.bound is not None else ():
        named: Any = replace(part, name=part_name(table, part), comment=None)
        match part:
            case PrimaryKey():
                primary_key = primary_key or named
            case Unique():
                uniques.setdefault(named.name, named)
            case Exclusion():
                exclusions.setdefault(named.name, named)
            case Index():
                indexes.setdefault(named.name, named)
    return replace(
        table,
        columns=tuple(sorted(columns.values(), key=lambda each: each.name)),
        primary_key=primary_key,
        uniques=tuple(sorted(uniques.values(), key=lambda each: each.name)),
        checks=tuple(sorted(checks.values(), key=lambda each: each.name)),
        exclusions=tuple(sorted(exclusions.values(), key=lambda each: each.name)),
        foreign_keys=tuple(sorted(keys.values(), key=lambda each: each.name)),
        indexes=tuple(sorted(indexes.values(), key=lambda each: each.name)),
        attached=(),
        order=tuple(order),
    )


def part_name(partition: Table, part: PrimaryKey | Unique | Exclusion | Index) -> str:
    """Return what a partition's part of a partitioned index, or of the constraint that has it, is called."""
    return dict(partition.attached).get(part.name) or usual_name(partition.name, part)


def usual_name(partition: str, part: PrimaryKey | Unique | Exclusion | Index) -> str:
    """Return the name that PostgreSQL gives to a partition's part of an index (indexcmds.c, ChooseIndexName)."""
    match part:
        case PrimaryKey():
            return names.default_name(partition, (), "pkey")
        case Unique():
            return names.default_name(partition, part.columns, "key")
        case Exclusion():
            return names.default_name(partition, part.columns, "excl")
        case Index():
            return names.default_name(partition, part.keys, "idx")


def indexed(table: Table, name: str, tables: Tables) -> PrimaryKey | Unique | Exclusion | Index | None:
    """Return the partitioned index called `name`, or the constraint that has it, of a table above this one."""
    return next((part for part in _indexed_above(table, tables) if part.name == name), None)


def _indexed_above(table: Table, tables: Tables) -> Iterator[PrimaryKey | Unique | Exclusion | Index]:
    for parent in _parents(table, tables):
        own = () if parent.primary_key is None else (parent.primary_key,)
        yield from (*own, *parent.uniques, *parent.exclusions, *parent.indexes)
        yield from _indexed_above(parent, tables)


def _parents(table: Table, tables: Tables) -> Iterator[Table]:
    for names_ in table.inherits:
        parent = tables.get(Address("table", names_))
        if parent is not None:
            yield parent


def _plain(column: Column) -> Column:
    return replace(column, inherited="", comment=None) if column.inherited or column.comment else column


def names_above(table: Table, tables: Tables) -> Iterator[str]:
    """Yield the names of the indexes, and of the constraints that have them, of the tables above a partition."""
    yield from (part.name for part in _indexed_above(table, tables))
