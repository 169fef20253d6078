"""The indexes that queries lack: those with which the planner's cost falls far enough, as narrow as they may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from mizzle.advise.facts import Column, Facts, Table
from mizzle.advise.naming import Names, Proposal
from mizzle.advise.planner import CannotPlan, Planner
from mizzle.advise.plans import Planned, Where
from mizzle.advise.thresholds import Thresholds
from mizzle.advise.workload import Query

_WIDEST = 3
_COLUMNS = 6
"""How many columns an index may have, and how many of a table are tried at most, for one query."""
_LONGEST = 1000
"""Bytes of a column's values on average, up to which an index on it is tried."""
_OFFERED = "mizzle_advise_"
"""What the names of indexes begin with that are tried: they are told apart by it in all schemas."""
_NEARLY = 1.2
_LEAST = 50.0
"""Costs that are about equal; and a cost so small that it does not matter (50 pages read one after the other)."""
_MOST = 0.95
"""What part of the gain is enough, where one index less has it."""


@dataclass(frozen=True, slots=True)
class Served:
    """A query, its cost now and with the index, and how the table is read now."""

    query: Query
    before: float
    after: float
    scan: str


@dataclass(frozen=True, slots=True)
class Lack:
    """An index that is not there, and the queries that it would serve."""

    proposal: Proposal
    served: tuple[Served, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What queries lack, and those that the planner does not take, each with what it says."""

    lacks: tuple[Lack, ...]
    refused: tuple[tuple[Query, str], ...]


def lacking(facts: Facts, named: Names, queries: Sequence[Query], planner: Planner, limits: Thresholds) -> Found:
    """Return the indexes that the queries lack, those that serve the most first, with names from `named`."""
    tried, refused = _offers(facts, queries, planner)
    planner.offer(list(dict.fromkeys(proposal for each in tried.values() for proposal in each)))
    served: dict[tuple[Where, tuple[str, ...]], list[Served]] = {}
    for query, proposals in tried.items():
        try:
            found = list(_served(facts, query, planner, proposals, limits))
        except CannotPlan as error:  # what it took before: another session has locked a table since, for one
            refused.append((query, str(error)))
            continue
        for proposal, each in found:
            where = (proposal.table.schema, proposal.table.name)
            served.setdefault((where, proposal.columns), []).append(each)
    lacks = [
        Lack(named.propose(facts.by_name[where], columns), tuple(each))
        for (where, columns), each in _merged(served).items()
    ]
    return Found(tuple(sorted(lacks, key=lambda each: -sum(s.query.weight for s in each.served))), tuple(refused))


def _offers(
    facts: Facts, queries: Sequence[Query], planner: Planner
) -> tuple[dict[Query, list[Proposal]], list[tuple[Query, str]]]:
    """Return for each query the indexes that are worth a try, and the queries that the planner does not take."""
    made: dict[tuple[Where, tuple[str, ...]], Proposal] = {}
    tried: dict[Query, list[Proposal]] = {}
    refused: list[tuple[Query, str]] = []
    for query in queries:
        try:
            now = planner.plan(query.sql, ())
        except CannotPlan as error:
            refused.append((query, str(error)))
            continue
        found = tried.setdefault(query, [])
        for table, columns in _candidates(facts, now):
            where = (table.schema, table.name)
            if (where, columns) not in made:
                made[where, columns] = Proposal(table, columns, f"{_OFFERED}{len(made) + 1}")
            found.append(made[where, columns])
    return tried, refused


def _merged(
    served: Mapping[tuple[Where, tuple[str, ...]], list[Served]],
) -> dict[tuple[Where, tuple[str, ...]], list[Served]]:
    """Return the indexes without those that are the beginning of another one, which serves their queries, too."""
    found: dict[tuple[Where, tuple[str, ...]], list[Served]] = {}
    for where, columns in sorted(served, key=lambda each: -len(each[1])):
        wider = next((key for key in found if key[0] == where and key[1][: len(columns)] == columns), None)
        found.setdefault(wider or (where, columns), []).extend(served[where, columns])
    return found


def _served(
    facts: Facts, query: Query, planner: Planner, tried: Sequence[Proposal], limits: Thresholds
) -> Iterator[tuple[Proposal, Served]]:
    now = planner.plan(query.sql, ())
    if now.cost < _LEAST:
        return
    best = planner.plan(query.sql, tried)
    chosen = [each for each in tried if each.name in best.indexes]
    if not chosen or now.cost < best.cost * limits.gain:
        return
    chosen, cost = _fewer(planner, query, chosen, best.cost, now.cost)
    chosen, cost = _narrowed(planner, query, chosen, cost, tried)
    if now.cost < cost * limits.gain:
        return
    for proposal in chosen:
        where = (proposal.table.schema, proposal.table.name)
        yield proposal, Served(query, now.cost, cost, _scan(facts, now, where))


def _scan(facts: Facts, now: Planned, where: Where) -> str:
    return next((scan for each, scan in now.scans.items() if facts.root(each) == where), "scan")


def _candidates(facts: Facts, now: Planned) -> Iterator[tuple[Table, tuple[str, ...]]]:
    """Yield columns that the plan compares, sorts and groups by: one, two, of few also three of them, in each order."""
    columns: dict[Where, dict[str, None]] = {}
    for part, found in now.columns.items():
        columns.setdefault(facts.root(part), {}).update(dict.fromkeys(found))
    for where, found in columns.items():
        table = facts.by_name.get(where)
        if table is None or table.kind == "m":
            continue
        usable = [name for name in found if (column := table.named(name)) is not None and _fits(column)][:_COLUMNS]
        for length in range(1, min(len(usable), _WIDEST if len(usable) <= _WIDEST else _WIDEST - 1) + 1):
            for each in permutations(usable, length):
                if not _exists(table, each):
                    yield table, each


def _fits(column: Column) -> bool:
    """Say whether a btree may hold the column: an entry has to fit thrice into a page."""
    return column.ordered and (column.width or 0) <= _LONGEST


def _exists(table: Table, columns: tuple[str, ...]) -> bool:
    """Say whether an index of all rows begins with the columns."""
    numbers = tuple(column.number for name in columns if (column := table.named(name)) is not None)
    return any(
        index.valid and index.method == "btree" and index.predicate is None and index.columns[: len(numbers)] == numbers
        for index in table.indexes
    )


def _fewer(
    planner: Planner, query: Query, chosen: list[Proposal], cost: float, before: float
) -> tuple[list[Proposal], float]:
    """Return the indexes without those that win little beside another one of their table, and the cost."""
    for each in list(chosen):
        without = [other for other in chosen if other is not each]
        if all(other.table.oid != each.table.oid for other in without):
            continue
        found = planner.plan(query.sql, without).cost
        if before - found >= (before - cost) * _MOST:
            chosen, cost = without, found
    return chosen, cost


def _narrowed(
    planner: Planner, query: Query, chosen: list[Proposal], cost: float, tried: Sequence[Proposal]
) -> tuple[list[Proposal], float]:
    """Return the fewest and the narrowest of the indexes with which the cost is about the same, and that cost."""
    for each in chosen:
        without = [other for other in chosen if other is not each]
        found = planner.plan(query.sql, without).cost
        if found <= max(cost * _NEARLY, _LEAST / 10):
            chosen, cost = without, found
            continue
        for length in range(1, len(each.columns)):
            shorter = next(
                (t for t in tried if t.table.oid == each.table.oid and t.columns == each.columns[:length]), None
            )
            if shorter is None:
                continue
            found = planner.plan(query.sql, [*without, shorter]).cost
            if found <= max(cost * _NEARLY, _LEAST / 10):
                chosen, cost = [*without, shorter], found
                break
    return chosen, cost
