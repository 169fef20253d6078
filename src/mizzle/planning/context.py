"""What every recipe may look at: both catalogs (the old one after its renames) and the target's major version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Object
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import ForeignKey
from mizzle.catalog.table import Part, Table


@dataclass(frozen=True, slots=True)
class Context:
    """Both sides of a plan, looked up by address.

    `circular` are the foreign keys between dropped tables that must go before the tables do.
    """

    old: Catalog
    new: Catalog
    major: int
    circular: frozenset[Address] = frozenset()
    before: dict[Address, Object] = field(init=False, repr=False)
    after: dict[Address, Object] = field(init=False, repr=False)
    old_needs: dict[Address, frozenset[Address]] = field(init=False, repr=False)
    new_needs: dict[Address, frozenset[Address]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "before", dict(self.old.objects()))
        object.__setattr__(self, "after", dict(self.new.objects()))
        object.__setattr__(self, "old_needs", needs(self.old))
        object.__setattr__(self, "new_needs", needs(self.new))

    def old_table(self, where: Address) -> Table:
        """Return the table at `where` as it was."""
        found = self.before[where]
        assert isinstance(found, Table)
        return found

    def new_column(self, where: Address) -> Column | None:
        """Return the column at `where` as it is wanted."""
        found = self.after.get(where)
        return found if isinstance(found, Column) else None

    @property
    def enums(self) -> frozenset[str]:
        """The enum types of either side, as SQL."""
        return frozenset(names.dotted(each.schema, each.name) for each in (*self.old.enums, *self.new.enums))

    def taken(self, schema: str) -> frozenset[str]:
        """Return the names in a schema, before and after, of whatever they are."""
        sides = (*self.before, *self.after, *self.old.unmanaged, *self.new.unmanaged)
        return frozenset(where.name for where in sides if where.names[0] == schema)

    def kept_tables(self) -> tuple[Table, ...]:
        """Return the old tables that are still wanted."""
        return tuple(table for table in self.old.tables if table.address in self.after)


def needs(catalog: Catalog) -> dict[Address, frozenset[Address]]:
    """Return what each object cannot be without: what PostgreSQL records, its container, the columns it uses."""
    found: defaultdict[Address, set[Address]] = defaultdict(set)
    for dependency in catalog.dependencies:
        found[dependency.dependent].add(dependency.referenced)
    for where, _ in catalog.top_level():
        if len(where.names) > 1:
            found[where].add(address.schema(where.names[0]))
    for extension in catalog.extensions:
        found[address.extension(extension.name)].add(address.schema(extension.schema))
    for table in catalog.tables:
        for where, part in table.parts():
            found[where] |= {table.address, *_columns(table, part)}
    return {where: frozenset(needed) for where, needed in found.items()}


def _columns(table: Table, part: Part) -> Iterator[Address]:
    if isinstance(part, Column):
        return
    yield from (address.column(table.schema, table.name, name) for name in part.columns)
    if isinstance(part, ForeignKey):
        yield address.table(part.ref_schema, part.ref_table)
        yield from (address.column(part.ref_schema, part.ref_table, name) for name in part.ref_columns)
