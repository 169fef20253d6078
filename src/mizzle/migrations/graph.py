"""The order of migrations: each names its parent, and together they must be one line.

Everything here is pure and works on `parents`: the parent of each id, None for a first migration.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import dropwhile

import msgspec

from mizzle.errors import HistoryError
from mizzle.migrations.ids import name_of, new_id, stamp
from mizzle.migrations.problems import FolderError, Problem

Parents = Mapping[str, str | None]

_REBASE = "`mizzle rebase` puts your own migrations on top of the others"
_CYCLE = (
    "restore their snapshot.json from version control; or write the right `parent` into it by hand, null for the first "
    "migration of all, and let `mizzle rebase` prove them"
)
_RESTORE = "restore the missing migration from version control, or run `mizzle rebase`"


def heads(parents: Parents) -> tuple[str, ...]:
    """Return the migrations that are no one's parent, sorted."""
    return tuple(sorted(parents.keys() - set(parents.values())))


def ancestry(parents: Parents, migration: str) -> tuple[str, ...]:
    """Return the line from its root to a migration, itself included. Raises HistoryError in a cycle.

    The root of an orphan's line is the one whose parent is missing.
    """
    line: dict[str, None] = {}
    at: str | None = migration
    while at is not None and at in parents:
        if at in line:
            raise HistoryError(_circle(line), hint=_CYCLE)
        line[at] = None
        at = parents[at]
    return tuple(reversed(line))


def fork_point(parents: Parents, one: str, other: str) -> str | None:
    """Return the last migration that two lines share, None where they share none."""
    shared: str | None = None
    for left, right in zip(ancestry(parents, one), ancestry(parents, other), strict=False):
        if left != right:
            break
        shared = left
    return shared


def chain(parents: Parents) -> tuple[str, ...]:
    """Return all migrations from root to head. Raises FolderError where they are not one line."""
    found = problems(parents)
    if found:
        raise FolderError("the migrations folder", found)
    return ancestry(parents, heads(parents)[0]) if parents else ()


def problems(parents: Parents, *, present: Collection[str] = ()) -> tuple[Problem, ...]:
    """Return all that keeps the migrations from being one line.

    `present` are ids whose folder is there though it could not be read: whose parent is one of them is no orphan.
    """
    return (*_orphans(parents, present), *_cycles(parents), *_forks(parents), *_roots(parents))


class Move(msgspec.Struct, frozen=True):
    """Where a migration goes in a rebase: its id before and after, its parent before and after (a new id)."""

    id: str
    new_id: str
    parent: str | None
    new_parent: str | None

    @property
    def changed(self) -> bool:
        """Whether anything about it changes."""
        return (self.id, self.parent) != (self.new_id, self.new_parent)


def rebase_order(
    parents: Parents, *, keep: Collection[str], now: datetime, applied: Collection[str] = ()
) -> tuple[Move, ...]:
    """Return the migrations that come on top of those in `keep`, in order, each with its new place.

    What `keep` names stays below with all its ancestors, and must be one line: HistoryError otherwise. The others
    keep their own order. An id stays where its parent does, or its moment is later than that of the new parent;
    another one is made anew, from `now`. A migration in `applied` that would move is refused: what a database has
    applied stays applied.
    """
    below = _line(parents, keep)
    moves: list[Move] = []
    ids, under = set(parents), below[-1] if below else None
    for migration in _by_descent(parents, parents.keys() - set(below)):
        new = migration
        if under is not None and under != parents[migration] and stamp(migration) <= stamp(under):
            new = new_id(name_of(migration), now=now, after=ids)
            ids.add(new)
        moves.append(Move(migration, new, parents[migration], under))
        under = new
    _refuse_applied(moves, applied)
    return tuple(moves)


def _line(parents: Parents, keep: Collection[str]) -> tuple[str, ...]:
    unknown = sorted(set(keep) - parents.keys())
    if unknown:
        raise HistoryError(f"migration {unknown[0]} is not in the folder", hint=_RESTORE)
    closed = {at: parents[at] for migration in keep for at in ancestry(parents, migration)}
    tops = heads(closed)
    if len(tops) > 1:
        raise HistoryError(
            f"migrations of two lines are to stay where they are: {' and '.join(tops)}",
            hint="a database has applied both; roll one of them back there first",
        )
    return ancestry(closed, tops[0]) if tops else ()


def _by_descent(parents: Parents, movable: Iterable[str]) -> list[str]:
    """Sort so that a parent comes before its child, branch after branch, the older branch first."""
    order: dict[str, None] = {}
    for migration in sorted(movable):
        line = ancestry(parents, migration)
        order.update(dict.fromkeys(line))
    wanted = set(movable)
    return [migration for migration in order if migration in wanted]


def _refuse_applied(moves: Iterable[Move], applied: Collection[str]) -> None:
    stuck = [move.id for move in moves if move.changed and move.id in applied]
    if stuck:
        raise HistoryError(
            f"a database has applied {', '.join(stuck)}, which would have to move",
            hint="what is applied stays: rebase the other line on top of it, or roll it back there first",
        )


def _orphans(parents: Parents, present: Collection[str]) -> list[Problem]:
    return [
        Problem("orphan", (migration,), f"migration {migration} comes after {parent}, which is missing", _RESTORE)
        for migration, parent in sorted(parents.items())
        if parent is not None and parent not in parents and parent not in present
    ]


def _cycles(parents: Parents) -> list[Problem]:
    found: dict[frozenset[str], None] = {}
    settled: set[str] = set()
    for migration in sorted(parents):
        line: dict[str, None] = {}
        at: str | None = migration
        while at is not None and at in parents and at not in settled and at not in line:
            line[at] = None
            at = parents[at]
        if at is not None and at in line:
            found[frozenset(dropwhile(at.__ne__, line))] = None
        settled.update(line)
    return [Problem("cycle", tuple(sorted(ring)), _circle(ring), _CYCLE) for ring in found]


def _circle(ring: Collection[str]) -> str:
    if len(ring) == 1:
        return f"migration {next(iter(ring))} is its own parent"
    return f"migrations are each other's parents: {', '.join(sorted(ring))}"


def _forks(parents: Parents) -> list[Problem]:
    children: dict[str | None, list[str]] = {}
    for migration, parent in sorted(parents.items()):
        children.setdefault(parent, []).append(migration)
    return [
        Problem("fork", tops, f"the migrations fork after {parent}: {' and '.join(tops)} are both the last", _REBASE)
        for parent, branches in children.items()
        if parent is not None and len(branches) > 1 and len(tops := _tops(children, branches)) > 1
    ]


def _roots(parents: Parents) -> list[Problem]:
    first = tuple(sorted(migration for migration, parent in parents.items() if parent is None))
    message = f"more than one migration has no parent: {' and '.join(first)}"
    return [Problem("roots", first, message, _REBASE)] if len(first) > 1 else []


def _tops(children: Mapping[str | None, list[str]], branches: Iterable[str]) -> tuple[str, ...]:
    """Return one head above each of the branches that ends in one, as a cycle does not."""
    found: set[str] = set()
    for branch in branches:
        top, seen = branch, set[str]()
        while top in children and top not in seen:
            seen.add(top)
            top = children[top][-1]
        if top not in children:
            found.add(top)
    return tuple(sorted(found))
