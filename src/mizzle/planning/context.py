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
from mizzle.catalog.catalog import Catalog, Object
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Exclusion, PrimaryKey, Unique
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.table import Table
from mizzle.planning.manner import PLAIN, Manner
from mizzle.planning.needs import Needs

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
    old_needs: Needs
    new_needs: Needs
    owned: Mapping[Address, frozenset[Address]]
    attached: Mapping[Address, frozenset[Address]]
    fates: Fates = Fates()
    manner: Manner = PLAIN

    @classmethod
    def between(cls, old: Catalog, new: Catalog, major: int, manner: Manner = PLAIN) -> Self:
        """Look both catalogs up; `major` is the oldest version that the plan is for."""
        before, after = dict(old.objects()), dict(new.objects())
        needs = Needs(old), Needs(new)
        return cls(old, new, major, before, after, *needs, _owned(old, after), _attached(old), manner=manner)

    def in_use(self, holder: Address, change: Address) -> bool:
        """Say whether others use the table or materialized view at `holder` while the plan makes `change` on it."""
        manner = self.manner
        kept = holder in self.before and holder in self.after and not self.replaced(holder)
        if not (manner.online and kept) or change in manner.plain or holder.sql in manner.small:
            return False
        before, after = self.old_tables.get(holder), self.new_tables.get(holder)
        moved = before and after and (before.inherits, before.bound) != (after.inherits, after.bound)
        return not moved  # what comes under another table gets some of its parts from there

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

    @cached_property
    def relations(self) -> frozenset[str]:
        """The tables and materialized views that are there before the plan, by their dotted SQL names."""
        return frozenset(each.address.sql for each in (*self.old.tables, *self.old.materialized_views))

    @cached_property
    def old_children(self) -> inheritance.Children:
        """The old tables by those above them."""
        return inheritance.children(self.old_tables)

    @cached_property
    def new_children(self) -> inheritance.Children:
        """The wanted tables by those above them."""
        return inheritance.children(self.new_tables)

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
        return any(self._goes(needed) for needed in self.old_needs.get(where))

    def waits(self, where: Address) -> bool:
        """Say whether the object at `where` will need something else that has yet to come, or to change."""
        return any(self._comes(needed) for needed in self.new_needs.get(where) if needed.names != where.names)

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
