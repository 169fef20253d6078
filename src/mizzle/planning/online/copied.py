"""Which tables can be copied while they are in use, with columns that come to them, and what that takes along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.policy import Policy
from mizzle.catalog.statistics import Statistics
from mizzle.catalog.table import Table
from mizzle.catalog.trigger import Trigger
from mizzle.catalog.view import View
from mizzle.differ.changes import Change, Create, Rename
from mizzle.planning.context import ROUTINES, Context
from mizzle.planning.needs import default_of
from mizzle.planning.online import filling
from mizzle.planning.recipes.constraint import is_lenient

Reference = tuple[Table, ForeignKey]


@dataclass(frozen=True, slots=True)
class Copied:
    """A table that is copied, `table`, as it was, for the sake of the columns `added`, which come last.

    `by` are the columns (raw) of the key that it is gone through by. `attached` are its triggers and policies,
    `statistics` those about several of its columns, `references` the foreign keys of other tables to it, `views` those
    that read from it, `owned` the sequences of its columns.
    """

    table: Table
    added: tuple[Column, ...]
    by: tuple[str, ...]
    attached: tuple[Trigger | Policy, ...]
    statistics: tuple[Statistics, ...]
    references: tuple[Reference, ...]
    views: tuple[View, ...]
    owned: tuple[Address, ...]

    @property
    def change(self) -> Address:
        """The change that its operations are known by: the first of the columns."""
        return self.table.address_of(self.added[0])

    @property
    def addresses(self) -> frozenset[Address]:
        """The changes that it makes."""
        return frozenset(self.table.address_of(each) for each in self.added)

    @property
    def kept(self) -> frozenset[Address]:
        """What goes with the old table, and is there again with the new one."""
        return frozenset(
            (
                *_own(self.table),
                *(each.address for each in (*self.attached, *self.statistics)),
                *(other.address_of(key) for other, key in self.references),
            )
        )

    @property
    def written(self) -> tuple[str, ...]:
        """The columns (raw) that have values of their own: what is computed is computed in the copy."""
        return tuple(each.name for each in self.table.ordered_columns if each.generated is None)


def fit(table: Table, added: tuple[Column, ...], changes: Sequence[Change], context: Context) -> Copied | None:
    """Return what it takes to copy a table, as it was, for the columns that come; None where that cannot be."""
    by = filling.key(context.new_tables[table.address], context)
    if by is None or not (_is_simple(table, by) and _stands_alone(table, context)):
        return None
    attached = tuple(context.before[where] for where in sorted(context.attached.get(table.address, ())))
    copied = Copied(
        table,
        added,
        by,
        tuple(each for each in attached if isinstance(each, Trigger | Policy)),
        tuple(each for each in context.old.statistics if each.on == table.address.names),
        tuple(_references(table, context)),
        tuple(_views(table, context)),
        tuple(_owned(table, context)),
    )
    whole = len(copied.attached) == len(attached) and _as_they_were(copied, changes, context)
    return copied if whole and not _calls(copied, context) else None


def _own(table: Table) -> Iterator[Address]:
    yield table.address
    for where, part in table.parts():
        yield where
        if isinstance(part, Column):
            yield default_of(where)


def _is_simple(table: Table, by: tuple[str, ...]) -> bool:
    """Say whether a row can be written to the copy when it is written to the table, and with all that is asked of it.

    A key that is deferrable, or an exclusion constraint, may be fulfilled only when a statement has written all rows.
    """
    if table.partition_by or table.inherits or table.force_row_security or table.exclusions:
        return False
    keys = (*([table.primary_key] if table.primary_key else ()), *table.uniques)
    if any(" DEFERRABLE" in each.definition or "WITHOUT OVERLAPS" in each.definition for each in keys):
        return False
    if any(is_lenient(each) for each in (*table.checks, *table.foreign_keys)) or any(
        each.not_null.endswith(" NOT VALID") or each.inherited for each in table.columns
    ):
        return False
    # Of other types `=` may be another operator where only pg_catalog is searched, which no index serves.
    typed = {each.name: each.type for each in table.columns}
    return all("." not in typed[name] for name in by) and all(each.valid for each in table.indexes)


def _stands_alone(table: Table, context: Context) -> bool:
    """Say whether no table is below it, and nobody is sent what is written to it or to a copy of it."""
    place = (table.schema, table.name)
    if context.old_children.get(place) or context.new_children.get(place):
        return False
    published = (*context.old.publications, *context.new.publications)
    return not any(
        each.all_tables or table.schema in each.schemas or table.address.sql in each.relations for each in published
    )


def _owned(table: Table, context: Context) -> Iterator[Address]:
    for each in context.old.sequences:
        if each.owned_by is not None and each.owned_by[:2] == table.address.names:
            yield address.sequence(each.schema, each.name)


def _views(table: Table, context: Context) -> Iterator[View]:
    """Yield the views that read from it and stay; CREATE OR REPLACE gives no column another type, as its rows have."""
    row = {table.address.sql, f"{table.address.sql}[]"}
    users = {user for where in _own(table) for user in context.old_needs.users(where) if user.kind == "view"}
    for each in context.old.views:
        stays = each.address in context.after and not context.replaced(each.address)
        if each.address in users and stays and not any(type_ in row for _, type_ in each.columns):
            yield each


def _references(table: Table, context: Context) -> Iterator[Reference]:
    """Yield the foreign keys of other tables to it that stay."""
    for other in context.old.tables:
        for key in other.foreign_keys:
            stays = other.address_of(key) in context.after
            if stays and key.referenced == table.address and other.address != table.address:
                yield other, key


def _as_they_were(copied: Copied, changes: Sequence[Change], context: Context) -> bool:
    """Say whether the plan leaves all as it is that goes and comes with the table, and nothing else leans on it."""
    known = {*copied.kept, *copied.owned}
    for change in changes:
        touched = {change.address, change.to} if isinstance(change, Rename) else {change.address}
        if touched & known and not isinstance(change, Create):
            return False
    fates = context.fates
    if known & (fates.lost | fates.recreated | fates.released):
        return False
    needed = frozenset[Address]().union(*(context.old_needs.get(where) for where in known))
    if needed & fates.swapped or not all(_simple_reference(each) for each in copied.references):
        return False
    known |= {each.address for each in copied.views}
    users = {user for where in _own(copied.table) for user in context.old_needs.users(where)}
    return all(user in known or _lets_go(user, context) for user in users)


def _lets_go(user: Address, context: Context) -> bool:
    """Say whether what uses the table goes for good, or is but said of it."""
    return user.kind.startswith(("grants on", "owner of")) or (user in context.before and user not in context.after)


def _simple_reference(reference: Reference) -> bool:
    other, key = reference
    return not (other.partition_by or other.inherits or is_lenient(key) or key.period)


def _calls(copied: Copied, context: Context) -> bool:
    """Say whether what is asked of a row calls routines: they may look for names where the trigger does not."""
    table = copied.table
    parts = (where for where, part in table.parts() if isinstance(part, Check | Index | PrimaryKey | Unique))
    computed = [table.address_of(each) for each in (*table.columns, *copied.added)]
    seen = set[Address]()
    waiting = [*parts, *computed, *(default_of(each) for each in computed if _is_computed(each, copied))]
    while waiting:
        where = waiting.pop()
        if where.kind in ROUTINES:
            return True
        if where not in seen and where.kind != "table":
            seen.add(where)
            waiting += context.new_needs.get(where)
    return False


def _is_computed(where: Address, copied: Copied) -> bool:
    columns = (*copied.table.columns, *copied.added)
    return any(each.name == where.name and each.generated is not None for each in columns)
