"""A schema as PostgreSQL says it is: immutable, sorted, comparable with `==`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.enum import Enum
from mizzle.catalog.extension import Extension
from mizzle.catalog.schema import Schema
from mizzle.catalog.sequence import Sequence
from mizzle.catalog.table import Part, Table

Object = Schema | Extension | Enum | Sequence | Table | Part


@dataclass(frozen=True, slots=True)
class Dependency:
    """`dependent` cannot be without `referenced`, as pg_depend records it."""

    dependent: Address
    referenced: Address


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every object of the schemas that were read; each tuple is sorted by name.

    `unmanaged` names what is there and not understood yet: reported, never touched. `dependencies` is what PostgreSQL
    records between objects of different tables, and `major` the server's major version; notes, as `unmanaged` is: two
    catalogs are equal when their objects are.
    """

    schemas: tuple[Schema, ...] = ()
    extensions: tuple[Extension, ...] = ()
    enums: tuple[Enum, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    tables: tuple[Table, ...] = ()
    unmanaged: tuple[Address, ...] = field(default=(), compare=False)
    dependencies: tuple[Dependency, ...] = field(default=(), compare=False)
    major: int = field(default=0, compare=False)

    def top_level(self) -> Iterator[tuple[Address, Schema | Extension | Enum | Sequence | Table]]:
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

    def objects(self) -> Iterator[tuple[Address, Object]]:
        """Yield every object, parts of tables included."""
        for where, thing in self.top_level():
            yield where, thing
            if isinstance(thing, Table):
                yield from thing.parts()

    def addresses(self) -> frozenset[Address]:
        """Return the addresses of every object."""
        return frozenset(where for where, _ in self.objects())


EMPTY = Catalog()
