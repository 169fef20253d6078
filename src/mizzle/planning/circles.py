"""Objects that need each other in a circle, and what is dropped first to break it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from mizzle.catalog.address import Address
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.planning.context import ROUTINES, Context
from mizzle.planning.needs import default_of

Refers = Mapping[Address, Collection[Address]]
"""What each object refers to, directly."""


def circular(refers: Refers) -> frozenset[tuple[Address, Address]]:
    """Return the pairs (from, to) of `refers` that are part of a circle; what refers to itself alone is none."""
    circle = _circles(refers)
    return frozenset(
        (where, to)
        for where, targets in refers.items()
        for to in targets
        if to != where and to in circle and circle[to] == circle[where]
    )


def _circles(refers: Refers) -> dict[Address, int]:
    """Return a number for each object, the same for all that can be reached from each other (Kosaraju's algorithm)."""
    backwards: defaultdict[Address, list[Address]] = defaultdict(list)
    for where, targets in refers.items():
        for to in targets:
            backwards[to].append(where)
    circle: dict[Address, int] = {}
    for number, start in enumerate(reversed(_finished(refers))):
        waiting = [start]
        while waiting:
            where = waiting.pop()
            if where not in circle:
                circle[where] = number
                waiting.extend(backwards[where])
    return circle


def _finished(refers: Refers) -> list[Address]:
    """Return all objects, each after whatever can be reached from it first."""
    result: list[Address] = []
    seen: set[Address] = set()
    for start in sorted(refers):
        waiting = [(start, False)]
        while waiting:
            where, done = waiting.pop()
            if done:
                result.append(where)
            elif where not in seen:
                seen.add(where)
                waiting.append((where, True))
                waiting.extend((to, False) for to in refers.get(where, ()))
    return result


def released(gone: Iterable[Address], context: Context) -> frozenset[Address]:
    """Return what ties those in `gone` together in a circle, and can be dropped before what holds it.

    These are foreign keys, checks, exclusions and indexes, defaults, and the policies of tables.
    """
    containers = [where for where in gone if where.kind in _HOLDING]
    inside = {part: where for where in containers for part in contents(where, context)}
    ties = [
        (part, inside[part], inside[needed])
        for part in inside
        for needed in context.old_needs.get(part)
        if needed in inside
    ]
    pairs = circular(_grouped((where, to) for _, where, to in ties))
    return frozenset(part for part, where, to in ties if (where, to) in pairs and _releasable(part, context))


_HOLDING = frozenset({"table", "column"}) | ROUTINES
_PARTS = ForeignKey | Check | Exclusion | Index


def _releasable(where: Address, context: Context) -> bool:
    return where.kind in {"default", "policy"} or isinstance(context.before.get(where), _PARTS)


def contents(where: Address, context: Context) -> Iterator[Address]:
    """Yield what goes with a table or a column: itself, its parts, their defaults and sequences, what is attached."""
    table = context.before.get(where)
    parts = [each for each, _ in table.parts()] if isinstance(table, Table) else []
    columns = [each for each in (where, *parts) if each.kind == "column"]
    yield from (where, *parts, *map(default_of, columns), *context.attached.get(where, ()))
    for column in columns:
        yield from context.owned.get(column, ())


def persistent_keys(changed: Collection[Address], context: Context) -> frozenset[Address]:
    """Return the foreign keys, wanted before and after, that tie tables in a circle whose persistence is `changed`.

    A logged table cannot refer to one that is not: without its keys, each can be changed by itself.
    """
    keys = keys_between(context, changed)
    pairs = circular(_grouped((where, to) for _, where, to in keys))
    return frozenset(key for key, where, to in keys if (where, to) in pairs)


def keys_between(context: Context, tables: Collection[Address]) -> list[tuple[Address, Address, Address]]:
    """Return each foreign key that stays between two of `tables` which were alike logged or not: (key, from, to)."""
    return [
        (table.address_of(key), table.address, key.referenced)
        for table in context.kept_tables()
        for key in table.foreign_keys
        if table.address in tables
        and key.referenced in tables
        and context.old_table(key.referenced).unlogged == table.unlogged
        and not context.gone(table.address_of(key))
    ]


def new_tables(context: Context) -> Refers:
    """Return the new tables that each new table refers to or otherwise needs, but for circles."""
    refers = {
        table.address: {
            needed
            for where, _ in table.parts()
            for needed in context.new_needs.get(where)
            if needed.kind == "table" and needed not in context.before and needed != table.address
        }
        for table in context.new.tables
        if table.address not in context.before
    }
    pairs = circular(refers)
    return {where: {to for to in targets if (where, to) not in pairs} for where, targets in refers.items()}


def _grouped(pairs: Iterable[tuple[Address, Address]]) -> dict[Address, set[Address]]:
    found: defaultdict[Address, set[Address]] = defaultdict(set)
    for where, to in pairs:
        found[where].add(to)
    return dict(found)
