"""The order of operations: what PostgreSQL records as dependencies decides, then the phase, then the names.

Drops wait for the drops of what needed them; what is made waits for what it needs; what is changed in place comes
between, behind the drop of what stands in its way and before what is made on it. A drop waits for nothing that is made,
so that there is no circle; but for a type, which a column may have to leave first for one that takes its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Object
from mizzle.errors import Unsupported
from mizzle.planning import circles
from mizzle.planning.context import ROUTINES, Claim, Context, claims
from mizzle.planning.operations import Operation

_CALLED = ROUTINES | {"cast", "operator"}
"""Kinds of objects whose names hold types."""


def ordered(operations: Sequence[Operation], context: Context) -> list[Operation]:
    """Return `operations` so that each comes after what it needs; the same input gives the same order.

    Renames come first, in the order in which they are given; a new table comes after those it refers to, if it can.

    Raises CircleError, naming the objects, where dependencies go in a circle that nothing here breaks.
    """
    places = _places(operations, context)
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
        raise _circle([each for place, each in enumerate(listed) if waits[place]])
    return result


class CircleError(Unsupported):
    """Dependencies go in a circle.

    `online` are the changes in it that are made online.
    """

    online: frozenset[Address] = frozenset()


def _circle(operations: Sequence[Operation]) -> CircleError:
    stuck = sorted({str(where) for each in operations for where in each.subjects if where.kind != "default"})
    error = CircleError(
        f"these depend on each other in a circle: {', '.join(stuck)}",
        hint="break the circle in a hand-written migration: mizzle generate --custom",
        objects=tuple(stuck),
    )
    error.online = frozenset(each.change for each in operations if each.change is not None)
    return error


def _places(operations: Iterable[Operation], context: Context) -> dict[Address, str]:
    """Return the place of each wanted column in its table, so that new ones are added in that order."""
    subjects = (each for operation in operations for each in operation.subjects)
    asked = {Address("table", each.names[:2]) for each in subjects if each.kind in {"column", "default"}}
    return {
        table.address_of(column): f"{place:04}"
        for table in map(context.new_tables.get, asked)
        if table is not None
        for place, column in enumerate(table.ordered_columns)
    }


def _names(operation: Operation, places: dict[Address, str]) -> list[tuple[str, ...]]:
    """Return what sorts an operation; a column and its default sort alike, and stay as the recipe gave them."""
    subjects = {Address("column", each.names) if each.kind == "default" else each for each in operation.subjects}
    return sorted((where.kind, *where.names[:-1], places.get(where, ""), where.name) for where in subjects)


class _Found:
    """Where in a list of operations each object is made, dropped and changed, and each name gets free."""

    def __init__(self, listed: Sequence[Operation], context: Context) -> None:
        self.makes: defaultdict[Address, list[int]] = defaultdict(list)
        self.drops: defaultdict[Address, list[int]] = defaultdict(list)
        self.alters: defaultdict[Address, list[int]] = defaultdict(list)
        self.frees: defaultdict[Claim, list[int]] = defaultdict(list)
        for place, operation in enumerate(listed):
            for where in operation.makes:
                self.makes[where].append(place)
            for where in operation.drops:
                self.drops[where].append(place)
            for where in operation.alters:
                self.alters[where].append(place)
            for claim in _claims((operation.drops - context.fates.swapped) | operation.frees, context.before):
                self.frees[claim].append(place)

    def there(self, where: Address) -> list[int]:
        """Return what makes or changes an object."""
        return self.makes[where] + self.alters[where]


def _claims(addresses: Iterable[Address], objects: Mapping[Address, Object]) -> set[Claim]:
    return {claim for where in addresses for claim in claims(where, objects)}


def _edges(listed: Sequence[Operation], context: Context) -> Iterator[tuple[int, int]]:
    """Yield the places of two operations, of which the first must come first."""
    found = _Found(listed, context)
    tables = circles.new_tables(context)
    for place, operation in enumerate(listed):
        yield from (
            (first, place) for where in operation.makes for to in tables.get(where, ()) for first in found.makes[to]
        )
        yield from ((first, place) for first in _before(operation, found, context) if first != place)
        yield from ((place, then) for then in _behind(operation, found, context) if then != place)


def _before(operation: Operation, found: _Found, context: Context) -> Iterator[int]:
    """Yield what must come before an operation: what it needs, and what has its names."""
    for where in operation.makes | operation.alters:
        for needed in context.new_needs.get(where):
            yield from found.there(needed)
    for where in operation.follows:
        yield from found.there(where)
    for claim in _claims((operation.makes | operation.takes) - context.fates.swapped, context.after):
        yield from found.frees[claim]


def _behind(operation: Operation, found: _Found, context: Context) -> Iterator[int]:
    """Yield what must come after an operation: the drop of what it needed, the change that it stood in the way of."""
    swapped = context.fates.swapped
    for where in operation.drops:
        for needed in context.old_needs.get(where):
            yield from found.drops[needed]
            # A table is logged or not whatever its columns are, but not whatever a foreign key says.
            if needed.kind == "column" or (needed.kind == "table" and where.kind == "constraint"):
                yield from found.alters[needed]
            if needed in swapped and where.kind in _CALLED:
                yield from found.there(needed)  # it may be called by the type's name, which is another's from then on
    for where in operation.alters:
        for needed in context.old_needs.get(where):
            yield from found.drops[needed]
    for where in operation.precedes:
        yield from found.drops[where] + found.alters[where]
