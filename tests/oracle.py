"""What the steps of a plan say of themselves, beside what the server says that they did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mizzle.planning.steps import Lock
from mizzle.server.observe import Observed, Relations, observe, relations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import psycopg

    from mizzle.planning.plan import Plan
    from mizzle.planning.steps import Step

    Connection = psycopg.Connection[Any]

_TABLES, _INDEXES, _SEQUENCES = frozenset("rpmf"), frozenset("iI"), frozenset("S")


@dataclass(frozen=True, slots=True)
class Difference:
    """A lock that majors before `since` do not take as those from then on do, though the statement is the same.

    A plan says the stronger one: it is for its major and for newer ones.
    """

    since: int
    statement: str
    told: Lock
    found: Lock
    reason: str


DIFFERENCES = (
    Difference(
        18,
        "ADD CONSTRAINT",
        Lock.ACCESS_EXCLUSIVE,
        Lock.SHARE,
        "a key of a partitioned table: from 18 on ALTER TABLE goes down to its partitions, for NOT NULL is a"
        " constraint of each; before, only the index is built there, as CREATE INDEX does",
    ),
    Difference(
        18,
        "ADD CONSTRAINT",
        Lock.ACCESS_EXCLUSIVE,
        Lock.NONE,
        "a key of a table that others inherit from: from 18 on ALTER TABLE goes down to these for the same reason",
    ),
    Difference(
        18,
        "FOREIGN KEY",
        Lock.SHARE_ROW_EXCLUSIVE,
        Lock.NONE,
        "a foreign key of a table that others inherit from: as for other constraints, from 18 on",
    ),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One step: what it says and what the server says, of locks that stand in others' way and of work.

    Of each pair the first is said by the step. A lock counts from SHARE UPDATE EXCLUSIVE on. `tables` are those that
    were there before the plan. `indexes` and sequences are those that were there before the step, and of these the ones
    that the step names, or that it locks more than their table.
    """

    step: Step
    tables: tuple[Mapping[str, str], Mapping[str, str]]
    indexes: tuple[Mapping[str, str], Mapping[str, str]]
    rewrites: tuple[frozenset[str], frozenset[str]]
    scans: tuple[frozenset[str], frozenset[str]]
    builds: tuple[frozenset[str], frozenset[str]]
    swept: frozenset[str]
    older: frozenset[str]
    """Of what is different before a major, the reasons why the server took less than is said."""
    rows: Mapping[str, Lock]
    """All locks on tables that were there before the plan, those that let others write among them, if rows change."""

    @property
    def pairs(self) -> dict[str, tuple[object, object]]:
        """What is said and what is so, by what it is about."""
        return {each: getattr(self, each) for each in ("tables", "indexes", "rewrites", "scans", "builds")}

    @property
    def contradictions(self) -> dict[str, tuple[object, object]]:
        """Where both differ."""
        return {name: pair for name, pair in self.pairs.items() if pair[0] != pair[1]}


def compared(connection: Connection, planned: Plan) -> Iterator[Compared]:
    """Run a plan step by step, and yield what each says and did; `connection` is in autocommit mode."""
    there = {oid: str(each) for oid, each in relations(connection).items() if each.kind in _TABLES}
    called = {*there.values()}
    for step in planned.steps:
        now = relations(connection)
        # What took the place of one that was there is that from then on.
        before = {o: each for o, each in now.items() if each.kind not in _TABLES or o in there or str(each) in called}
        yield _compared(step, observe(connection, step, before=before), before, connection.info.server_version // 10000)


def _compared(step: Step, seen: Observed, before: Relations, major: int) -> Compared:
    tables = {str(each) for each in before.values() if each.kind in _TABLES}
    others = {str(each) for each in before.values() if each.kind not in _TABLES}
    told, held = _strong(step.locks), _strong(seen.locks)
    less = _less(step, told, held, major)
    stronger = {
        str(each)
        for each in before.values()
        if each.kind in _INDEXES
        and each.table in before
        and _rank(held, str(each)) > _rank(held, str(before[each.table]))
    }
    named = stronger | (told.keys() & others)
    work = step.work
    return Compared(
        step,
        (_of(told, tables), _of(held | {name: each.told for name, each in less.items()}, tables)),
        (_of(told, named), _of(held, named)),
        (frozenset(work.rewrites), seen.rewrites),
        (frozenset(work.scans), seen.scans),
        (frozenset(work.builds), seen.builds),
        seen.swept,
        frozenset(each.reason for each in less.values()),
        {n: lock for n, lock in seen.locks.items() if n in tables and lock.rank >= Lock.ROW_EXCLUSIVE.rank},
    )


def _less(step: Step, told: Mapping[str, Lock], held: Mapping[str, Lock], major: int) -> dict[str, Difference]:
    """Return the tables of which an older major takes less than is said, and how."""
    return {
        name: each
        for each in DIFFERENCES
        if major < each.since and each.statement in step.sql
        for name, lock in told.items()
        if (lock, held.get(name, Lock.NONE)) == (each.told, each.found)
    }


def _strong(locks: Mapping[str, Lock]) -> dict[str, Lock]:
    return {name: lock for name, lock in locks.items() if lock.rank >= Lock.SHARE_UPDATE_EXCLUSIVE.rank}


def _rank(locks: Mapping[str, Lock], name: str) -> int:
    return locks.get(name, Lock.NONE).rank


def _of(locks: Mapping[str, Lock], names: Iterable[str]) -> dict[str, str]:
    return {name: locks[name].value for name in sorted(names) if name in locks}
