"""Operations into steps: what must happen at once stays together, what would keep others waiting stands apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from mizzle.catalog.address import Address
from mizzle.planning.context import Context
from mizzle.planning.keeping import keeping
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.steps import Lock, Step

_STOPS = Lock.SHARE.rank
"""The rank of the weakest lock that stops writers."""


def torn(operations: Sequence[Operation]) -> frozenset[Address]:
    """Return the changes whose steps of their own would stand amid what must happen at once.

    That is what lies between the drop of an object and its making anew: nobody shall find it missing.
    """
    places = (place for begun, ended in _spans(operations) for place in range(begun, ended + 1))
    inside = (operations[place] for place in places)
    return frozenset(each.change for each in inside if each.apart and each.change is not None)


def steps(operations: Sequence[Operation], context: Context, managed: Collection[str]) -> Iterator[Step]:
    """Yield steps, as few as can be: one, unless a table would be locked for the sake of another.

    `managed` is what the plan itself says of access (see keeping.py).
    """
    bound = {place for begun, ended in _spans(operations) for place in range(begun + 1, ended + 1)}
    together: list[Operation] = []
    held: frozenset[str] = frozenset()
    for place, operation in enumerate(operations):
        more = _held(operation, context)
        apart = bool(together) and _apart(together[-1], operation)
        waits = bool(held and more) and not more <= held and place not in bound
        if together and (apart or waits):
            yield _step(together, managed)
            together, held = [], frozenset()
        together.append(operation)
        held |= more
    if together:
        yield _step(together, managed)


def _spans(operations: Sequence[Operation]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last place of what must happen at once: renames, and what is dropped and made again."""
    renames = [place for place, each in enumerate(operations) if each.phase is Phase.RENAME]
    if renames:
        yield renames[0], renames[-1]
    dropped: dict[Address, int] = {}
    for place, operation in enumerate(operations):
        begun = [dropped[where] for where in operation.makes if where in dropped]
        if begun:
            yield min(begun), place
        for where in operation.drops:
            dropped.setdefault(where, place)


def _apart(before: Operation, after: Operation) -> bool:
    if before.phase is after.phase is Phase.ADD_ENUM_VALUE:
        return False
    return before.apart or after.apart


def _held(operation: Operation, context: Context) -> frozenset[str]:
    """Return the tables and materialized views that were there before, and that nobody can write to meanwhile."""
    if not context.manner.online:
        return frozenset()
    return frozenset(
        name
        for statement in operation.statements
        for name, lock in statement.locks.items()
        if lock.rank >= _STOPS and name in context.relations
    )


def _step(operations: Sequence[Operation], managed: Collection[str]) -> Step:
    statements = tuple(keeping(operations, managed))
    first = operations[0]
    sql = "\n\n".join(f"{statement.sql};" for statement in statements)
    if first.outside is not None:
        return Step(sql=sql, transaction=False, lock_timeout="0", done_when=first.outside, statements=statements)
    if first.backfill is not None:
        return Step(sql=sql, transaction=False, backfill=first.backfill, statements=statements)
    return Step(sql=sql, statements=statements)
