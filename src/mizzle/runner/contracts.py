"""Contract migrations wait: they take away what old code still uses, and only a person knows when none of it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mizzle.runner import judge
from mizzle.runner.history import Attempt
from mizzle.runner.units import Held, Unit

__all__ = ["Held", "apart"]


def apart(
    waiting: Sequence[Unit], latest: Mapping[str, Attempt], *, to: str | None, contract: bool
) -> tuple[tuple[Unit, ...], tuple[Held, ...]]:
    """Return, of the migrations that are pending, those that run, and those that wait for a contract.

    A contract runs where `contract` says so, where it is `to` itself, where it was begun before, and in a database
    that has no migration at all: no code runs on that. What is behind one that waits waits, too.
    """
    fresh = not any(judge.is_there(attempt) for attempt in latest.values())
    for place, unit in enumerate(waiting):
        if unit.contracts and not (contract or fresh or unit.id == to or judge.has_any(unit, latest)):
            return tuple(waiting[:place]), tuple(Held(each.id, each.contracts, unit.id) for each in waiting[place:])
    return tuple(waiting), ()
