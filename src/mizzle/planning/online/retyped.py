"""Which columns can get another type beside the old ones, and what that takes with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Constraint, Exclusion, ForeignKey
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.planning import sqlparts
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.online import filling
from mizzle.planning.recipes import column as plain
from mizzle.planning.recipes import conversion, reread

Pair = tuple[Column, Column]


@dataclass(frozen=True, slots=True)
class Retyped:
    """The columns of one table that get another type together, as they were and as they are wanted.

    `called` are the names (raw) of the columns beside, until they take over; `parts` the table's own indexes and
    constraints over them, as wanted, `references` the foreign keys of other tables to them; `led_over` are those of
    them that another one has among its parts, to which they are `received`. `types` are pairs of types, in SQL: what
    is of the first is made of the second, which takes the first one's name when the columns take over.
    """

    table: Table
    columns: tuple[Pair, ...]
    by: tuple[str, ...]
    called: Mapping[str, str]
    parts: Mapping[Address, Index | Constraint]
    references: tuple[tuple[Table, ForeignKey], ...]
    led_over: frozenset[Address] = frozenset()
    received: frozenset[Address] = frozenset()
    types: tuple[tuple[str, str], ...] = ()

    @property
    def first(self) -> Address:
        """The first of the columns, by which its operations are known."""
        return self.table.address_of(self.columns[0][1])

    @property
    def addresses(self) -> frozenset[Address]:
        """What it leaves as it is wanted: columns, indexes and constraints, but what others make of them later."""
        columns = (self.table.address_of(new) for _, new in self.columns)
        keys = (other.address_of(key) for other, key in self.references)
        return frozenset((*columns, *self.parts, *keys)) - self.led_over

    def typed(self, text: str) -> str:
        """Return SQL with the types that there are until the columns take over."""
        for before, instead in self.types:
            text = sqlparts.with_type(text, before, instead)
        return text


def rewrites(table: Address, old: Column, new: Column, context: Context) -> bool:
    """Say whether the change of type is one that this recipe knows, and would write the table or an index anew."""
    if not plain.converted_in(old, new, context) or plain.swapped_type(new, context) is not None:
        return False
    if old.inherited or new.inherited or old.generated or new.generated:
        return False
    if conversion.is_constrained(new.type, context.new.domains) or _by_session(old.type, new.type):
        return False
    same_identity = (old.identity is None) == (new.identity is None)
    if old.identity is not None and new.identity is not None:
        same_identity = old.identity.sequence == new.identity.sequence
    slow = reread.rewrites(old, new, context) or any(reread.looked_at(context.new_tables[table], old, new, context))
    return same_identity and slow


def _by_session(old: str, new: str) -> bool:
    """Say whether a value depends on the time zone of the session that converts it: the application's or ours."""
    return ("with time zone" in old) != ("with time zone" in new)


def fit(table: Table, columns: tuple[Pair, ...], renamed: set[Address], context: Context) -> Retyped | None:
    """Return what it takes to give columns of a table another type; None where that cannot be made beside.

    `renamed` are the objects that the plan renames: what is over the columns must not be among them.
    """
    old, by = context.old_tables[table.address], filling.key(table, context)
    below = context.old_children.get((table.schema, table.name)) or context.new_children.get((table.schema, table.name))
    if by is None or table.partition_by or table.inherits or old.inherits or below:
        return None
    touched = {new.name for _, new in columns}
    parts: dict[Address, Index | Constraint] = {}
    for where, part in old.parts():
        if isinstance(part, Column) or not touched & {*_columns(part)}:
            continue
        after = table.part_at(where)
        if isinstance(part, Exclusion) or where in renamed or (after is None and where in context.after):
            return None
        if after is not None:
            if isinstance(after, Exclusion | Column) or not getattr(after, "valid", True):
                return None
            parts[where] = after
    if _chosen(table, parts) or _chosen(old, parts):
        return None
    references = tuple(_references(table, touched, context))
    if not _as_they_were(references, context):
        return None
    taken = {*old.order, *table.order}
    called = {name: names.aside(name, taken) for name in sorted(touched)}
    retyped = Retyped(table, columns, by, called, parts, references)
    return retyped if _nothing_else(retyped, context) else None


def _columns(part: Index | Constraint) -> tuple[str, ...]:
    return part.columns


def _chosen(table: Table, parts: Mapping[Address, Index | Constraint]) -> bool:
    """Say whether the table is identified or clustered by one of its parts."""
    index = table.replica_identity.removeprefix("USING INDEX ")
    return any(names.ident(each.name) == index or each.name == table.clustered for each in parts.values())


def _references(table: Table, touched: set[str], context: Context) -> Iterator[tuple[Table, ForeignKey]]:
    for other in context.new.tables:
        if other.address == table.address:
            continue
        for key in other.foreign_keys:
            there = other.address_of(key) in context.before
            if there and key.referenced == table.address and touched & {*key.ref_columns}:
                yield other, key


def _as_they_were(references: Sequence[tuple[Table, ForeignKey]], context: Context) -> bool:
    """Say whether the keys are kept as they are, and their tables are no parts of others."""
    return all(
        not (other.partition_by or other.inherits) and context.before[other.address_of(key)] == key
        for other, key in references
    )


def _nothing_else(retyped: Retyped, context: Context) -> bool:
    """Say whether whatever else uses the columns is dropped and made again around the swap, or goes for good."""
    table, known = retyped.table, retyped.addresses
    for old, _ in retyped.columns:
        where = table.address_of(old)
        for user in context.old_needs.users(where):
            own = user in known or user == default_of(where) or user not in context.after
            if not own and user not in context.fates.lost and not _owned(user, where, context):
                return False
        if any(user.kind == "publication" for user in context.new_needs.users(where)):
            return False  # it lists columns in the order that they have in the table
        sequences = (each for each in context.old.sequences if each.owned_by == where.names)
        if any(address.sequence(each.schema, each.name) not in context.after for each in sequences):
            return False
    return True


def _owned(user: Address, column: Address, context: Context) -> bool:
    return any(
        each.owned_by == column.names and address.sequence(each.schema, each.name) == user
        for each in context.old.sequences
    )
