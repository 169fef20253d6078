"""Tables, with everything that lives and dies with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, Constraint, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index

QUERY = "tables.sql"

Part = Column | Constraint | Index


@dataclass(frozen=True)  # no slots: what is asked of it again and again is kept
class Table:
    """A table, ordinary, partitioned, a partition, or inheriting from others.

    Columns, constraints and indexes are sorted by name; `order` notes the order of the columns and does not count,
    since ADD COLUMN cannot put one in the middle. `options` are storage parameters as `name=value`, sorted.
    `row_security` puts its policies into force, `force_row_security` for the owner as well.

    `replica_identity` is FULL, NOTHING or USING INDEX …, empty where it is the primary key, `clustered` the index that
    CLUSTER goes by. `partition_by` is pg_get_partkeydef() of a partitioned table, `inherits` are the (schema, table) of
    its parents, and `bound` says what a partition holds: `FOR VALUES …` or `DEFAULT`. What a table has just as its
    parents have it is not among its parts (see inheritance.py). `attached` are, by the name of a partitioned index
    above, the names of its own parts of those, where they are not the usual ones.
    """

    schema: str
    name: str
    columns: tuple[Column, ...] = ()
    primary_key: PrimaryKey | None = None
    uniques: tuple[Unique, ...] = ()
    checks: tuple[Check, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    indexes: tuple[Index, ...] = ()
    unlogged: bool = False
    options: tuple[str, ...] = ()
    comment: str | None = None
    row_security: bool = False
    force_row_security: bool = False
    replica_identity: str = ""
    clustered: str = ""
    partition_by: str | None = None
    inherits: tuple[tuple[str, str], ...] = ()
    bound: str | None = None
    attached: tuple[tuple[str, str], ...] = ()
    order: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def address(self) -> Address:
        """The table's own address."""
        return address.table(self.schema, self.name)

    @property
    def ordered_columns(self) -> tuple[Column, ...]:
        """The columns in the order of the table; those the note does not know come last, by name."""
        place = {name: number for number, name in enumerate(self.order)}
        return tuple(sorted(self.columns, key=lambda c: (place.get(c.name, len(place)), c.name)))

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """All constraints: primary key, unique, check, exclusion, foreign key."""
        first = () if self.primary_key is None else (self.primary_key,)
        return first + self.uniques + self.checks + self.exclusions + self.foreign_keys

    def parts(self) -> Iterable[tuple[Address, Part]]:
        """Return each column, constraint and index with its address."""
        return self._parts.items()

    def part_at(self, where: Address) -> Part | None:
        """Return the part at an address."""
        return self._parts.get(where)

    @cached_property
    def _parts(self) -> Mapping[Address, Part]:
        schema, name = self.schema, self.name
        found: dict[Address, Part] = {Address("column", (schema, name, each.name)): each for each in self.columns}
        found |= {Address("constraint", (schema, name, each.name)): each for each in self.constraints}
        found |= {Address("index", (schema, each.name)): each for each in self.indexes}
        return found

    def address_of(self, part: Part) -> Address:
        """Return the address of one of the table's own parts."""
        match part:
            case Column():
                return address.column(self.schema, self.name, part.name)
            case Index():
                return address.index(self.schema, part.name)
            case PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey():
                return address.constraint(self.schema, self.name, part.name)
