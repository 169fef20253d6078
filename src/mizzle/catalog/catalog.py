"""A schema as PostgreSQL says it is: immutable, sorted, comparable with `==`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from mizzle.catalog import address
from mizzle.catalog.access import DefaultPrivileges, Grants, Owner
from mizzle.catalog.address import Address
from mizzle.catalog.aggregate import Aggregate
from mizzle.catalog.cast import Cast
from mizzle.catalog.collation import Collation
from mizzle.catalog.composite import Composite
from mizzle.catalog.defined import FIELDS, Defined
from mizzle.catalog.domain import Domain
from mizzle.catalog.enum import Enum
from mizzle.catalog.event_trigger import EventTrigger
from mizzle.catalog.extension import Extension
from mizzle.catalog.foreign import ForeignServer, ForeignTable, Wrapper
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.operator import Operator
from mizzle.catalog.policy import Policy
from mizzle.catalog.publication import Publication
from mizzle.catalog.range_type import RangeType
from mizzle.catalog.routine import Routine
from mizzle.catalog.rule import Rule
from mizzle.catalog.schema import Schema
from mizzle.catalog.sequence import Sequence
from mizzle.catalog.statistics import Statistics
from mizzle.catalog.table import Part, Table
from mizzle.catalog.text_search import Configuration, Dictionary
from mizzle.catalog.trigger import Trigger
from mizzle.catalog.view import View

Standing = Schema | Extension | Enum | Sequence | Table | Defined
"""What stands on its own."""

Object = Standing | Part


@dataclass(frozen=True, slots=True)
class Dependency:
    """`dependent` cannot be without `referenced`, as pg_depend records it."""

    dependent: Address
    referenced: Address


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every object of the schemas that were read; each tuple is sorted by name.

    `unmanaged` names what is there and not understood yet: reported, never touched. `dependencies` is what PostgreSQL
    records between objects of different tables, `major` the server's major version, `also` what was read besides
    objects ("grants" and the like); notes, as `unmanaged` is: two catalogs are equal when their objects are.
    """

    schemas: tuple[Schema, ...] = ()
    extensions: tuple[Extension, ...] = ()
    enums: tuple[Enum, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    tables: tuple[Table, ...] = ()
    routines: tuple[Routine, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    views: tuple[View, ...] = ()
    policies: tuple[Policy, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    event_triggers: tuple[EventTrigger, ...] = ()
    materialized_views: tuple[MaterializedView, ...] = ()
    rules: tuple[Rule, ...] = ()
    statistics: tuple[Statistics, ...] = ()
    publications: tuple[Publication, ...] = ()
    domains: tuple[Domain, ...] = ()
    composites: tuple[Composite, ...] = ()
    range_types: tuple[RangeType, ...] = ()
    casts: tuple[Cast, ...] = ()
    operators: tuple[Operator, ...] = ()
    collations: tuple[Collation, ...] = ()
    dictionaries: tuple[Dictionary, ...] = ()
    configurations: tuple[Configuration, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()
    servers: tuple[ForeignServer, ...] = ()
    foreign_tables: tuple[ForeignTable, ...] = ()
    grants: tuple[Grants, ...] = ()
    owners: tuple[Owner, ...] = ()
    default_privileges: tuple[DefaultPrivileges, ...] = ()
    unmanaged: tuple[Address, ...] = field(default=(), compare=False)
    dependencies: tuple[Dependency, ...] = field(default=(), compare=False)
    major: int = field(default=0, compare=False)
    also: tuple[str, ...] = field(default=(), compare=False)

    def top_level(self) -> Iterator[tuple[Address, Standing]]:
        """Yield each object that stands on its own, with its address."""
        for schema in self.schemas:
            yield address.schema(schema.name), schema
        for extension in self.extensions:
            yield address.extension(extension.name), extension
        for enum in self.enums:
            yield address.type_(enum.schema, enum.name), enum
        for sequence in self.sequences:
            yield address.sequence(sequence.schema, sequence.name), sequence
        for table in self.tables:
            yield table.address, table
        for thing in self.defined():
            yield thing.address, thing

    def defined(self) -> Iterator[Defined]:
        """Yield each object that is made by one definition."""
        for name in FIELDS.values():
            yield from getattr(self, name)

    def mapped(self, change: Callable[[Defined], Defined | None]) -> Catalog:
        """Return the catalog with what `change` makes of each object made by one definition; None leaves it out."""
        found: dict[str, Any] = {}
        for name in FIELDS.values():
            old = getattr(self, name)
            new = [changed for each in old if (changed := change(each)) is not None]
            if len(new) != len(old) or any(a is not b for a, b in zip(old, new, strict=True)):
                found[name] = tuple(sorted(new, key=lambda each: each.address.names))
        return replace(self, **found) if found else self

    def objects(self) -> Iterator[tuple[Address, Object]]:
        """Yield every object, parts of tables included."""
        for where, thing in self.top_level():
            yield where, thing
            if isinstance(thing, Table | MaterializedView):
                yield from thing.parts()

    def addresses(self) -> frozenset[Address]:
        """Return the addresses of every object."""
        return frozenset(where for where, _ in self.objects())


EMPTY = Catalog()
