"""Which files a database has: by what each of them changes, and what of that is there.

A file leaves each object that it touches in some state. Of all states that the files lead an object through, the last
one that the database has says how far it has come: the file that leaves it so was run on it, those behind were not, and
those before may have been. An object in a state that no file leaves it in was changed by hand, and says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

import msgspec

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.column import Column
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.table import Table

Verdict = Literal["applied", "not applied", "in part", "unseen", "refused"]
"""`unseen`: it changes nothing that a schema shows; `refused`: it does not run behind those before it."""

Facts: TypeAlias = "Mapping[Address, object]"
"""The state of each object; of a table without its parts, which are objects of their own."""

Touched: TypeAlias = "Mapping[Address, object]"
"""The state of each object that a file has changed, None where it is gone."""


class Seen(msgspec.Struct, frozen=True):
    """What the database says of a file, and what it has not of it."""

    verdict: Verdict
    missing: tuple[Address, ...] = ()


def facts(catalog: Catalog) -> Facts:
    """Return what a catalog says, an object at a time."""
    return {where: _alone(thing) for where, thing in catalog.objects()}


def touched(before: Facts, after: Facts) -> Touched:
    """Return what a file has changed."""
    gone = {where: None for where in before if where not in after}
    return gone | {where: thing for where, thing in after.items() if before.get(where) != thing}


def judge(files: Sequence[Touched], live: Facts) -> tuple[Seen, ...]:
    """Return what a database, `live`, says of each file; `files` are in their order."""
    led: defaultdict[Address, Led] = defaultdict(list)
    for number, file in enumerate(files):
        for where, state in file.items():
            led[where].append((number, state))
    # What was made and dropped again looks as if it had never been: whether its maker has run, other objects say.
    certain = {where: states for where, states in led.items() if where in live or not _ends(states)}
    first = _Evidence()
    for where, states in certain.items():
        first.look(where, states, live.get(where))
    found = _Evidence()
    for where, states in led.items():
        maker = states[0][0]
        if where in certain or first.there[maker]:
            found.look(where, states, live.get(where))
        elif first.missing[maker]:
            found.note(where, states, None)
        else:
            found.note(where, [each for each in states if each[0] > _ends(states)[-1]], None)
    return tuple(map(found.seen, range(len(files))))


Led: TypeAlias = "list[tuple[int, object]]"
"""The states that the files, by their numbers, lead an object through."""


def _ends(states: Led) -> list[int]:
    """Return the files that drop an object."""
    return [number for number, state in states if state is None]


class _Evidence:
    """What of each file is there, what others have changed again, and what is not there."""

    def __init__(self) -> None:
        self.there: defaultdict[int, set[Address]] = defaultdict(set)
        self.overtaken: defaultdict[int, set[Address]] = defaultdict(set)
        self.missing: defaultdict[int, set[Address]] = defaultdict(set)

    def look(self, where: Address, states: Led, state: object) -> None:
        """Note how far an object has come that is now in `state`: in none that a file leaves it in, it says nothing."""
        reached = max((number for number, left in states if left == state), default=None)
        if reached is not None or state is None:
            self.note(where, states, reached)

    def note(self, where: Address, states: Led, reached: int | None) -> None:
        """Note how far an object has come."""
        for number, _ in states:
            behind = reached is None or number > reached
            (self.missing if behind else self.there if number == reached else self.overtaken)[number].add(where)

    def seen(self, number: int) -> Seen:
        """Return what all of that says of one file."""
        there, missing = self.there[number], tuple(sorted(self.missing[number]))
        if not missing:
            return Seen("applied" if there or self.overtaken[number] else "unseen")
        return Seen("in part" if there else "not applied", missing)


def _alone(thing: object) -> object:
    match thing:
        case Table():
            parts = {"columns": (), "uniques": (), "checks": (), "exclusions": (), "foreign_keys": (), "indexes": ()}
            return replace(thing, primary_key=None, order=(), attached=(), clustered="", **parts)
        case MaterializedView():
            return replace(thing, indexes=())
        case Column():  # only PostgreSQL 18 and newer name NOT NULL
            return replace(thing, not_null="")
        case _:
            return thing
