"""What PostgreSQL's EXPLAIN says, as far as advice needs it: the cost, what is searched for, which indexes are used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mizzle import sqltext

Node = Mapping[str, Any]
Where = tuple[str, str]
"""The schema and the name of a table."""

_CONDITIONS = ("Index Cond", "Recheck Cond", "Filter", "Hash Cond", "Merge Cond", "Join Filter", "One-Time Filter")
_ORDERS = ("Sort Key", "Group Key")


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan: its total cost, in the planner's units, and what it does.

    `columns` are those of each table that it compares, sorts or groups by, `indexes` the names of those that it uses,
    `scans` says how each table is read (`Seq Scan`).
    """

    cost: float
    columns: Mapping[Where, tuple[str, ...]]
    indexes: frozenset[str]
    scans: Mapping[Where, str]


def planned(explained: Node) -> Planned:
    """Return what EXPLAIN (VERBOSE, FORMAT JSON) said of a statement."""
    every = list(nodes(explained["Plan"]))
    tables: dict[str, Where] = {}
    scans: dict[Where, str] = {}
    for node in every:
        if "Relation Name" in node and "Alias" in node:
            where = (str(node.get("Schema", "")), str(node["Relation Name"]))
            tables[str(node["Alias"])] = where
            scans[where] = str(node["Node Type"])
    for alias, where in list(tables.items()):  # a partitioned table is no node: `t` of which `t_1` is a partition
        above, _, number = alias.rpartition("_")
        if above and number.isdigit():
            tables.setdefault(above, where)
    columns: dict[Where, dict[str, None]] = {}
    for node in every:
        for text in _texts(node):
            for alias, column in _columns(text):
                if alias in tables:
                    columns.setdefault(tables[alias], {})[column] = None
    used = frozenset(str(node["Index Name"]) for node in every if "Index Name" in node)
    return Planned(
        float(explained["Plan"]["Total Cost"]), {where: tuple(found) for where, found in columns.items()}, used, scans
    )


def nodes(node: Node) -> Iterator[Node]:
    """Yield a node of a plan and all below it, each before those below; no plan is too deep."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += reversed(each.get("Plans", ()))


def _texts(node: Node) -> Iterator[str]:
    for name in _CONDITIONS:
        if name in node:
            yield str(node[name])
    for name in _ORDERS:
        yield from map(str, node.get(name, ()))


def _columns(text: str) -> Iterator[tuple[str, str]]:
    """Yield each `alias.column` in an expression."""
    found = [token for token in sqltext.tokens(text) if token.significant]
    for alias, dot, column in zip(found, found[1:], found[2:], strict=False):
        if dot.text == "." and alias.kind in {"name", "quoted"} and column.kind in {"name", "quoted"}:
            yield sqltext.raw_name(alias), sqltext.raw_name(column)
