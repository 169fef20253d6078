"""The order of operations: what PostgreSQL records as dependencies decides, then the phase, then the names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Object
from mizzle.catalog.column import Column, Identity
from mizzle.catalog.constraint import Exclusion, PrimaryKey, Unique
from mizzle.errors import Unsupported
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation

Key = tuple[int, int]


def ordered(operations: Sequence[Operation], context: Context) -> list[Operation]:
    """Return `operations` so that each comes after what it needs; the same input gives the same order.

    Renames come first, in the order in which they are given.

    Raises Unsupported, naming the objects, where dependencies go in a circle that nothing here breaks.
    """
    places = _places(context)
    listed = sorted(operations, key=lambda o: (o.phase, _names(o, places)))
    after: defaultdict[int, set[int]] = defaultdict(set)
    waits = [0] * len(listed)
    for first, then in set(_edges(listed, context)):
        after[first].add(then)
        waits[then] += 1
    ready = [place for place in range(len(listed)) if not waits[place]]
    heapify(ready)
    result: list[Operation] = []
    while ready:
        place = heappop(ready)
        result.append(listed[place])
        for then in after[place]:
            waits[then] -= 1
            if not waits[then]:
                heappush(ready, then)
    if len(result) < len(listed):
        stuck = sorted({str(a) for place, o in enumerate(listed) if waits[place] for a in o.makes | o.drops | o.alters})
        raise Unsupported(
            f"these depend on each other in a circle: {', '.join(stuck)}",
            hint="break the circle in a hand-written migration: mizzle generate --custom",
            objects=tuple(stuck),
        )
    return result


def _places(context: Context) -> dict[Address, str]:
    """Return the place of each wanted column in its table, so that new ones are added in that order."""
    return {
        table.address_of(column): f"{place:04}"
        for table in context.new.tables
        for place, column in enumerate(table.ordered_columns)
    }


def _names(operation: Operation, places: dict[Address, str]) -> list[tuple[str, ...]]:
    addresses = operation.makes or operation.drops or operation.alters or operation.follows or operation.precedes
    return sorted((where.kind, *where.names[:-1], places.get(where, ""), where.name) for where in addresses)


def _edges(listed: Sequence[Operation], context: Context) -> Iterator[tuple[int, int]]:
    makes, drops, alters = (_by_address(listed, kind) for kind in ("makes", "drops", "alters"))
    freed = _freed(listed, context)
    for place, operation in enumerate(listed):
        for where in operation.makes | operation.alters:
            for needed in context.new_needs.get(where, ()):
                yield from _pairs([*makes[needed], *alters[needed]], [place])
        for where in operation.drops:
            for needed in context.old_needs.get(where, ()):
                # What a table says of itself can change with its columns there, but not with a foreign key.
                free = needed.kind == "table" and where.kind != "constraint"
                yield from _pairs([place], drops[needed] if free else [*drops[needed], *alters[needed]])
        for where in operation.alters:
            for needed in context.old_needs.get(where, frozenset()) - context.new_needs.get(where, frozenset()):
                if needed.kind not in {"column", "sequence"}:  # of which the recipe takes care itself, by `precedes`
                    yield from _pairs([place], [*drops[needed], *alters[needed]])
        for where in operation.precedes:
            yield from _pairs([place], [*drops[where], *alters[where]])
        for where in operation.follows:
            yield from _pairs([*makes[where], *alters[where]], [place])
        for where in operation.makes:
            yield from _pairs([*drops[where], *freed[_room(where, context.after)]], [place])


def _pairs(firsts: Sequence[int], thens: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((first, then) for first in firsts for then in thens if first != then)


def _by_address(listed: Sequence[Operation], kind: str) -> defaultdict[Address, list[int]]:
    found: defaultdict[Address, list[int]] = defaultdict(list)
    for place, operation in enumerate(listed):
        for where in getattr(operation, kind):
            found[where].append(place)
    return found


def _freed(listed: Sequence[Operation], context: Context) -> defaultdict[tuple[str, ...], list[int]]:
    """Return what drops something by the names that are free then."""
    found: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, operation in enumerate(listed):
        for where in operation.drops:
            if room := _room(where, context.before):
                found[room].append(place)
    return found


def _room(where: Address, objects: Mapping[Address, Object]) -> tuple[str, ...]:
    """Return the name that an object takes among the relations and types of a schema, empty where it takes none."""
    if where.kind in {"table", "index", "sequence", "type"}:
        return where.names
    match objects.get(where):
        case PrimaryKey() | Unique() | Exclusion():
            return (where.names[0], where.name)
        case Column(identity=Identity(sequence=sequence)):
            return (where.names[0], sequence)
        case _:
            return ()
