"""What each object of a catalog cannot be without: found when it is asked for, since a plan asks about few of many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from mizzle.catalog import address, inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Dependency
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import ForeignKey
from mizzle.catalog.table import Part, Table

_NOTHING: frozenset[Address] = frozenset()


def default_of(column: Address) -> Address:
    """Return the address of what a column holds by itself: its default, its expression, or its identity.

    PostgreSQL keeps that beside the column, and it comes and goes beside it.
    """
    return Address("default", column.names)


class Needs:
    """What PostgreSQL records, an object's container, the columns it uses, by its address."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._tables = {table.address: table for table in catalog.tables}
        self._below = _below(catalog, self._tables)
        self._passed = _passed_on(catalog, self._tables)
        self._recorded: defaultdict[Address, set[Address]] = defaultdict(set)
        for dependency in catalog.dependencies:
            for dependent, referenced in _recorded(dependency, self._column):
                self._recorded[dependent].add(referenced)
        self._holders = {
            Address("index", (holder.schema, index.name)): holder.address
            for holder in (*catalog.tables, *catalog.materialized_views)
            for index in holder.indexes
        }
        self._known: dict[Address, frozenset[Address]] = {}
        self._standing = frozenset(where for where, _ in catalog.top_level())

    def get(self, where: Address, default: frozenset[Address] = _NOTHING) -> frozenset[Address]:
        """Return what the object at `where` needs, `default` where that is nothing."""
        found = self._known.get(where)
        if found is None:
            found = frozenset(self._passed.get(each, each) for each in self._found(where))
            self._known[where] = found
        return found or default

    def recorded(self, where: Address) -> bool:
        """Say whether the object at `where` needs more than what holds it."""
        return where in self._recorded

    def users(self, where: Address) -> Iterator[Address]:
        """Yield what needs the object at `where`, as PostgreSQL records it."""
        yield from (user for user, needed in self._recorded.items() if where in needed)

    def _found(self, where: Address) -> Iterator[Address]:
        yield from self._recorded.get(where, ())
        if where in self._standing:
            yield from self._outer(where)
        elif where.kind == "index":
            holder = self._holders.get(where)
            if holder is not None:
                yield holder
                yield from self._used(holder, where)
        elif where.kind in {"column", "constraint"}:
            yield from self._used(Address("table", where.names[:2]), where)
        elif where.kind == "default":
            column = self._column(Address("column", where.names))
            if column is not None and _has_default(column):
                yield Address("column", where.names)

    def _outer(self, where: Address) -> Iterator[Address]:
        if len(where.names) > 1:
            yield address.schema(where.names[0])
        if where.kind == "extension":
            yield from (address.schema(e.schema) for e in self._catalog.extensions if e.name == where.name)

    def _used(self, holder: Address, where: Address) -> Iterator[Address]:
        table = self._tables.get(holder)
        part = table.part_at(where) if table is not None else None
        if table is None or part is None:
            return
        yield holder
        yield from _columns(table, part)
        if isinstance(part, ForeignKey):
            yield from self._below.get(part.referenced, ())

    def _column(self, where: Address) -> Column | None:
        table = self._tables.get(Address("table", where.names[:2])) if where.kind == "column" else None
        found = table.part_at(where) if table is not None else None
        return found if isinstance(found, Column) else None


def _below(catalog: Catalog, tables: Mapping[Address, Table]) -> dict[Address, set[Address]]:
    """Return the partitions of each partitioned table: a foreign key to it leans on each of them."""
    children = inheritance.children(tables)
    return {
        table.address: {each.address for each in inheritance.descendants(table, children)}
        for table in catalog.tables
        if table.partition_by is not None
    }


def _passed_on(catalog: Catalog, tables: Mapping[Address, Table]) -> dict[Address, Address]:
    """Return, by columns that tables have from their parents, those of the parents."""
    found: dict[Address, Address] = {}
    for table in catalog.tables:
        own = {column.name for column in table.columns}
        for name in table.order if table.inherits else ():
            above = None if name in own else inheritance.origin(table, name, tables)
            if above is not None:
                found[address.column(table.schema, table.name, name)] = above
    return found


_OF_DEFAULTS = frozenset({"column", "sequence", "function", "operator"})
"""Kinds of objects that an expression uses and a type does not."""


def _recorded(
    dependency: Dependency, column_at: Callable[[Address], Column | None]
) -> Iterator[tuple[Address, Address]]:
    """Yield a dependency as that of a column, of its default, or of both: PostgreSQL's record does not say which."""
    dependent, referenced = dependency.dependent, dependency.referenced
    column = column_at(dependent)
    if column is None:
        yield dependent, referenced
        return
    if referenced.kind not in _OF_DEFAULTS:
        yield dependent, referenced
    if _has_default(column):
        yield default_of(dependent), referenced
    if column.default is not None and column_at(referenced) is not None:  # the sequence of that column's identity
        yield default_of(dependent), default_of(referenced)


def _has_default(column: Column) -> bool:
    return column.default is not None or column.generated is not None or column.identity is not None


def _columns(table: Table, part: Part) -> Iterator[Address]:
    if isinstance(part, Column):
        return
    yield from (address.column(table.schema, table.name, name) for name in part.columns)
    if isinstance(part, ForeignKey):
        yield address.table(part.ref_schema, part.ref_table)
        yield from (address.column(part.ref_schema, part.ref_table, name) for name in part.ref_columns)
