"""What every recipe may look at: both catalogs (the old one after its renames), and what becomes of their objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from mizzle import names
from mizzle.catalog import address, inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Dependency, Object
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.table import Part, Table

TYPES = frozenset(
    {"table", "view", "materialized view", "foreign table", "type", "domain", "composite type", "range type"}
)
"""Kinds of objects that are types, tables and views among them."""

RELATIONS = frozenset({"table", "view", "materialized view", "composite type", "foreign table", "index", "sequence"})
"""Kinds of objects that share one space of names in a schema."""

ROUTINES = frozenset({"function", "procedure", "aggregate"})
"""Kinds of objects that share one space of names with the types of their arguments."""

HOLDERS = ("table", "view", "foreign table")
"""Kinds of objects that have triggers and rules."""

ATTACHED = frozenset({"trigger", "rule", "policy"})
"""Kinds of objects that a table or a view holds."""

Claim = tuple[str, ...]
"""A name that only one object can have: what it is a name of, then the name."""


@dataclass(frozen=True, slots=True)
class Fates:
    """What becomes of objects that are there before and after, beyond what the changes say.

    `altered` are changed in place; `swapped` types replaced by another of the same name, `recreated` columns dropped
    and added again, `lost` other objects that cannot stay in between: dropped and made again. `released` are foreign
    keys and defaults that go before the tables and columns that they are part of, and tie together in a circle.
    `renamed` go by another name then; `vacated` are the names that indexes, constraints and sequences give up for
    another.
    """

    altered: frozenset[Address] = frozenset()
    swapped: frozenset[Address] = frozenset()
    recreated: frozenset[Address] = frozenset()
    lost: frozenset[Address] = frozenset()
    released: frozenset[Address] = frozenset()
    renamed: frozenset[Address] = frozenset()
    vacated: frozenset[Claim] = frozenset()


@dataclass(frozen=True)
class Context:
    """Both sides of a plan, looked up by address: the objects, and what each needs.

    `owned` are, by column, the sequences that are not wanted any more and go with it; `attached`, by table or view, the
    triggers, rules and policies on it, which go with it too.
    """

    old: Catalog
    new: Catalog
    major: int
    before: Mapping[Address, Object]
    after: Mapping[Address, Object]
    old_needs: Mapping[Address, frozenset[Address]]
    new_needs: Mapping[Address, frozenset[Address]]
    owned: Mapping[Address, frozenset[Address]]
    attached: Mapping[Address, frozenset[Address]]
    fates: Fates = Fates()

    @classmethod
    def between(cls, old: Catalog, new: Catalog, major: int) -> Self:
        """Look both catalogs up; `major` is the oldest version that the plan is for."""
        before, after = dict(old.objects()), dict(new.objects())
        return cls(old, new, major, before, after, needs(old), needs(new), _owned(old, after), _attached(old))

    def old_table(self, where: Address) -> Table:
        """Return the table at `where` as it was."""
        found = self.before[where]
        assert isinstance(found, Table)
        return found

    @cached_property
    def old_tables(self) -> Mapping[Address, Table]:
        """The old tables by their addresses."""
        return {table.address: table for table in self.old.tables}

    @cached_property
    def new_tables(self) -> Mapping[Address, Table]:
        """The wanted tables by their addresses."""
        return {table.address: table for table in self.new.tables}

    def old_column(self, where: Address) -> Column | None:
        """Return the column at `where`, or whose default that is, as it was."""
        return column_at(where, self.before)

    def new_column(self, where: Address) -> Column | None:
        """Return the column at `where`, or whose default that is, as it is wanted."""
        return column_at(where, self.after)

    @property
    def enums(self) -> frozenset[str]:
        """The types of either side that only text casts to, enums, composite and range types, as SQL."""
        sides = (self.old, self.new)
        return frozenset(
            names.dotted(each.schema, each.name)
            for side in sides
            for each in (*side.enums, *side.composites, *side.range_types)
        )

    def taken(self, schema: str) -> frozenset[str]:
        """Return the names in a schema, before and after, of whatever they are."""
        sides = (*self.before, *self.after, *self.old.unmanaged, *self.new.unmanaged)
        return frozenset(where.name for where in sides if where.names[0] == schema)

    def kept_tables(self) -> tuple[Table, ...]:
        """Return the old tables that are still wanted."""
        return tuple(table for table in self.old.tables if table.address in self.after)

    def lets_go(self, where: Address) -> bool:
        """Say whether the object at `where` needed something that goes, even if something alike comes back."""
        return any(self._goes(needed) for needed in self.old_needs.get(where, ()))

    def waits(self, where: Address) -> bool:
        """Say whether the object at `where` will need something else that has yet to come, or to change."""
        return any(self._comes(needed) for needed in self.new_needs.get(where, ()) if needed.names != where.names)

    def gone(self, where: Address) -> bool:
        """Say whether the object at `where` is dropped, even if it is made again."""
        return (where not in self.after and where not in self.fates.renamed) or self.replaced(where)

    def replaced(self, where: Address) -> bool:
        """Say whether the object at `where` is dropped and made again."""
        fates = self.fates
        return where in fates.swapped or where in fates.recreated or where in fates.lost

    def contents(self, where: Address) -> frozenset[Address]:
        """Return what goes when the object at `where` is dropped: itself, its indexes, what is attached to it."""
        thing = self.before.get(where)
        parts = [each for each, _ in thing.parts()] if isinstance(thing, Table | MaterializedView) else []
        return frozenset((where, *parts, *self.attached.get(where, ())))

    def inside(self, lost: frozenset[Address]) -> frozenset[Address]:
        """Return the indexes, before and after, of the materialized views among those that are `lost`."""
        views = (each for each in (*self.old.materialized_views, *self.new.materialized_views) if each.address in lost)
        return frozenset(where for view in views for where, _ in view.parts())

    def holder_gone(self, where: Address) -> bool:
        """Say whether what holds a trigger, a rule or a policy is dropped, and takes it along."""
        holders = [Address(kind, where.names[:2]) for kind in HOLDERS]
        return any(self.gone(holder) for holder in holders if holder in self.before)

    def _goes(self, where: Address) -> bool:
        if where.kind == "default":
            column = self.new_column(where)
            return column is None or column.identity is None
        return where in self.before and self.gone(where)

    def _comes(self, where: Address) -> bool:
        if where.kind == "default":
            column = self.old_column(where)
            return column is None or column.identity is None
        here = where in self.before and not self.replaced(where) and where not in self.fates.altered
        return where in self.after and not here


def default_of(column: Address) -> Address:
    """Return the address of what a column holds by itself: its default, its expression, or its identity.

    PostgreSQL keeps that beside the column, and it comes and goes beside it.
    """
    return Address("default", column.names)


def column_at(where: Address, objects: Mapping[Address, Object]) -> Column | None:
    """Return the column at `where`, or whose default that is."""
    found = objects.get(Address("column", where.names))
    return found if isinstance(found, Column) else None


def claims(where: Address, objects: Mapping[Address, Object]) -> Iterator[Claim]:
    """Yield what nothing else can be called while the object at `where` is there: its own name, and an index's."""
    yield (where.kind, *where.names)
    if where.kind in TYPES:
        yield ("type", *where.names)
    if where.kind in RELATIONS:
        yield ("relation", *where.names)
    if where.kind in ROUTINES:
        yield ("routine", *where.names)
    table = objects.get(where)
    if isinstance(table, Table) and table.bound is not None:
        yield ("partition", *table.inherits[0])
    column = column_at(where, objects) if where.kind == "default" else None
    if column is not None and column.identity is not None:
        yield ("relation", where.names[0], column.identity.sequence)
    if isinstance(objects.get(where), PrimaryKey | Unique | Exclusion):
        yield ("relation", where.names[0], where.name)


def needs(catalog: Catalog) -> dict[Address, frozenset[Address]]:
    """Return what each object cannot be without: what PostgreSQL records, its container, the columns it uses."""
    found: defaultdict[Address, set[Address]] = defaultdict(set)
    columns = {where: each for t in catalog.tables for where, each in t.parts() if isinstance(each, Column)}
    for where, column in columns.items():
        if _has_default(column):
            found[default_of(where)].add(where)
    for dependency in catalog.dependencies:
        for dependent, referenced in _recorded(dependency, columns):
            found[dependent].add(referenced)
    for where, _ in catalog.top_level():
        if len(where.names) > 1:
            found[where].add(address.schema(where.names[0]))
    for extension in catalog.extensions:
        found[address.extension(extension.name)].add(address.schema(extension.schema))
    below = _below(catalog)
    for table in catalog.tables:
        own = table.address
        for where, part in table.parts():
            needed = found[where]
            needed.add(own)
            needed.update(_columns(table, part))
            if isinstance(part, ForeignKey) and part.referenced in below:
                needed |= below[part.referenced]
    for made in catalog.materialized_views:
        for where, _ in made.parts():
            found[where].add(made.address)
    passed = _passed_on(catalog)
    if passed:
        found = defaultdict(
            set, {where: {passed.get(each, each) for each in needed} for where, needed in found.items()}
        )
    return {where: frozenset(needed) for where, needed in found.items()}


def _below(catalog: Catalog) -> dict[Address, set[Address]]:
    """Return the partitions of each partitioned table: a foreign key to it leans on each of them."""
    tables = {table.address: table for table in catalog.tables}
    return {
        table.address: {each.address for each in inheritance.descendants(table, tables)}
        for table in catalog.tables
        if table.partition_by is not None
    }


def _passed_on(catalog: Catalog) -> dict[Address, Address]:
    """Return, by columns that tables have from their parents, those of the parents."""
    tables = {table.address: table for table in catalog.tables}
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


def _recorded(dependency: Dependency, columns: Mapping[Address, Column]) -> Iterator[tuple[Address, Address]]:
    """Yield a dependency as that of a column, of its default, or of both: PostgreSQL's record does not say which."""
    dependent, referenced = dependency.dependent, dependency.referenced
    if dependent not in columns:
        yield dependent, referenced
        return
    if referenced.kind not in _OF_DEFAULTS:
        yield dependent, referenced
    if _has_default(columns[dependent]):
        yield default_of(dependent), referenced
    if columns[dependent].default is not None and referenced in columns:  # the sequence of that column's identity
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


def _attached(old: Catalog) -> dict[Address, frozenset[Address]]:
    """Return, by table or view, what is attached to it: its name begins with that of what holds it."""
    found: defaultdict[Address, set[Address]] = defaultdict(set)
    relations = {where for where, _ in old.top_level() if where.kind in HOLDERS}
    for each in old.defined():
        for kind in HOLDERS if each.address.kind in ATTACHED else ():
            if (holder := Address(kind, each.address.names[:2])) in relations:
                found[holder].add(each.address)
    return {holder: frozenset(each) for holder, each in found.items()}


def _owned(old: Catalog, after: Mapping[Address, Object]) -> dict[Address, frozenset[Address]]:
    found: defaultdict[Address, set[Address]] = defaultdict(set)
    for each in old.sequences:
        where = address.sequence(each.schema, each.name)
        if each.owned_by is not None and where not in after:
            found[address.column(*each.owned_by)].add(where)
    return {column: frozenset(sequences) for column, sequences in found.items()}
