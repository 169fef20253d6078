"""What a change asks of the schema half way: the renames taken apart, and what cannot be had refused by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.differ.renames import Answers, renamed, resolved
from mizzle.errors import Unsupported

PLAINLY = "make this change plainly, without --expand-contract, in a migration of its own"


def refused(where: Address, why: str, *, hint: str = PLAINLY) -> Unsupported:
    """Return the error for what cannot be split."""
    return Unsupported(f"{where} cannot be split into expand and contract: {why}", hint=hint, objects=(str(where),))


@dataclass(frozen=True, slots=True)
class Pair:
    """A column under its old name and its new one: both are there half way, kept alike by a trigger."""

    table: Table
    old: Column
    new: Column

    @property
    def address(self) -> Address:
        """The new column's address."""
        return address.column(self.table.schema, self.table.name, self.new.name)


@dataclass(frozen=True, slots=True)
class Asked:
    """The change: `old` as it was, `base` with its tables renamed already, `new`; `renames` are those of the tables.

    `moved` are the tables, by the old addresses, that go by another name or in another schema then; `pairs` the columns
    that are renamed, `labels` the renamed ones of enums, by type.
    """

    old: Catalog
    base: Catalog
    new: Catalog
    renames: Mapping[str, str]
    moved: Mapping[Address, Address]
    pairs: tuple[Pair, ...]
    labels: Mapping[Address, Mapping[str, str]]

    def pairs_of(self, where: Address) -> tuple[Pair, ...]:
        """Return the renamed columns of a table."""
        return tuple(pair for pair in self.pairs if pair.table.address == where)


def asked(old: Catalog, new: Catalog, renames: Mapping[str, str]) -> Asked:
    """Take a change apart; `renames` are as compare() takes them. Raises Unsupported for what cannot be split."""
    answers = Answers.of(renames)
    found = dict(resolved(old, answers))
    tables = {where: _moved(where, target) for where, target in found.items() if where.kind == "table"}
    told = {where.sql: names.dotted(*found[where]) for where in tables}
    for where in found:
        if where.kind in {"type", "domain", "composite type", "range type", "schema", "sequence"}:
            raise refused(where, "nothing can stand in for it under its old name")
    base, _ = renamed(old, new, told)
    labels: dict[Address, dict[str, str]] = {}
    for where, target in found.items():
        if where.kind == "value":
            labels.setdefault(address.type_(*where.names[:2]), {})[where.name] = target[-1]
    columns = [where for where in found if where.kind == "column"]
    pairs = tuple(_pairs(columns, found, tables, base, new))
    return Asked(old, base, new, told, tables, pairs, labels)


def _moved(where: Address, target: tuple[str, ...]) -> Address:
    return Address("table", target if len(target) > 1 else (where.names[0], *target))


def _pairs(
    columns: Iterable[Address],
    found: Mapping[Address, tuple[str, ...]],
    tables: Mapping[Address, Address],
    base: Catalog,
    new: Catalog,
) -> Iterator[Pair]:
    before, after = ({each.address: each for each in side.tables} for side in (base, new))
    for where in sorted(columns):
        home = Address("table", where.names[:2])
        now = tables.get(home, home)
        olds, news = ({c.name: c for c in side[now].columns} for side in (before, after))
        to = found[where][-1]
        if where.name not in olds or to not in news:
            raise refused(where, "the table has it from another one")
        if to in olds or where.name in news:
            raise refused(where, "one of its names is another column's before or after")
        pair = Pair(after[now], olds[where.name], news[to])
        _check(pair, before[now], new, where)
        yield pair


def _check(pair: Pair, base: Table, new: Catalog, where: Address) -> None:
    names_ = base.address.names
    if pair.old.identity or pair.new.identity:
        raise refused(where, "two columns cannot share an identity")
    if (pair.old.generated is None) != (pair.new.generated is None):
        raise refused(where, "it is computed before or after, and not both")
    if any(each.owned_by == (*names_, pair.old.name) for each in new.sequences):
        raise refused(where, "two columns cannot share a sequence")
    above = pair.table.inherits or base.inherits
    below = [each for each in new.tables if pair.table.address.names in each.inherits and each.bound is None]
    if above or below:
        raise refused(where, "tables inherit it, and a trigger is not passed on")
    if base.partition_by and names.ident(pair.old.name) in base.partition_by:
        raise refused(where, "its table is partitioned by it")
