"""Which files a database has: by what each of them changes, and what of that is there.

A file leaves each object that it touches in some state. Of all states that the files lead an object through, the last
one that the database has says how far it has come: the files up to there were run on it, those behind were not. An
object in a state that no file leaves it in was changed by hand, and says nothing.
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
    states: defaultdict[Address, list[tuple[int, object]]] = defaultdict(list)
    for number, file in enumerate(files):
        for where, state in file.items():
            states[where].append((number, state))
    there: defaultdict[int, set[Address]] = defaultdict(set)
    missing: defaultdict[int, set[Address]] = defaultdict(set)
    for where, led in states.items():
        found = live.get(where)
        reached = max((number for number, state in led if state == found), default=None)
        if reached is None and found is not None:
            continue
        for number, _ in led:
            (there if reached is not None and number <= reached else missing)[number].add(where)
    return tuple(_seen(there[number], missing[number]) for number in range(len(files)))


def _seen(there: set[Address], missing: set[Address]) -> Seen:
    if not missing:
        return Seen("applied" if there else "unseen")
    return Seen("in part" if there else "not applied", tuple(sorted(missing)))


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
