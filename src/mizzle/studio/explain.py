"""EXPLAIN as a tree that says where the time went.

PostgreSQL gives each node the time of one loop with its children's in it (documentation, chapter "Using EXPLAIN"): here
each has its own, over all loops, and its share of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from mizzle.studio import statements
from mizzle.studio.console import give_up_rights
from mizzle.studio.database import Connection

Answer = dict[str, Any]
Node = Mapping[str, Any]

_WRONG = 10
"""How many times off an estimate is worth a word."""
_MANY = 10_000
"""Rows from which on reading a whole table, or throwing rows away, is worth a word."""
_DETAILS = (
    "Index Cond",
    "Recheck Cond",
    "TID Cond",
    "Filter",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "Sort Key",
    "Group Key",
    "Presorted Key",
    "Sort Method",
    "Hash Batches",
    "Workers Launched",
    "Heap Fetches",
    "Subplan Name",
)


async def explain(connection: Connection, sql: str, *, analyze: bool, rights: bool) -> Answer:
    """Return the plan of a statement; with `analyze` it runs, in a transaction that is rolled back.

    Unless `rights`, a superuser's are given up first.
    """
    if not rights:
        await give_up_rights(connection)
    options = "FORMAT JSON, ANALYZE, BUFFERS, SETTINGS" if analyze else "FORMAT JSON, SETTINGS"
    result = await statements.run(connection, sql, ahead=f"EXPLAIN ({options}) ")
    text = (result.get_value(0, 0) or b"[]").decode()
    plain = await _as_text(connection, sql) if not analyze else ""
    return told(text, analyze=analyze, plain=plain)


async def _as_text(connection: Connection, sql: str) -> str:
    result = await statements.run(connection, sql, ahead="EXPLAIN (SETTINGS) ")
    return "\n".join((result.get_value(row, 0) or b"").decode() for row in range(result.ntuples))


def told(text: str, *, analyze: bool, plain: str = "") -> Answer:
    """Return a plan in PostgreSQL's JSON as a page shows it."""
    import json  # noqa: PLC0415 - a plan nests deeper than msgspec is made for

    found = json.loads(text)[0]
    root = found["Plan"]
    whole = _total(root) if analyze else root["Total Cost"]
    tree = _node(root, whole or 1.0, analyze=analyze)
    return {
        "root": tree,
        "planningMs": found.get("Planning Time"),
        "executionMs": found.get("Execution Time"),
        "analyzed": analyze,
        "text": plain or "\n".join(_lines(tree, 0)),
    }


def _node(node: Node, whole: float, *, analyze: bool) -> Answer:
    children = [_node(each, whole, analyze=analyze) for each in node.get("Plans", ())]
    total = _total(node) if analyze else None
    below = [each for each in node.get("Plans", ()) if each.get("Parent Relationship") != "InitPlan"]
    own = max(0.0, total - sum(map(_total, below))) if total is not None else None
    cost = max(0.0, node["Total Cost"] - sum(each["Total Cost"] for each in below))
    loops = node.get("Actual Loops")
    return {
        "title": _title(node),
        "on": _on(node),
        "details": list(_details(node)),
        "estimatedRows": node["Plan Rows"],
        "rows": node.get("Actual Rows") if analyze else None,
        "loops": loops if analyze else None,
        "cost": node["Total Cost"],
        "totalMs": total,
        "selfMs": own,
        "share": min(1.0, (own if own is not None else cost) / whole),
        "warnings": list(_warnings(node, analyze=analyze)),
        "children": children,
    }


def _total(node: Node) -> float:
    """Return the milliseconds of all loops of a node, its children's in them."""
    loops = node.get("Actual Loops", 0)
    # A parallel node counts a loop for each worker, and those ran at once.
    at_once = node.get("Parallel Aware") and loops > 1
    return float(node.get("Actual Total Time", 0.0)) * (1 if at_once else loops)


def _title(node: Node) -> str:
    kind = str(node["Node Type"])
    join = node.get("Join Type")
    if join and join != "Inner":
        kind = kind.replace(" Join", "") + f" {join} Join" if "Join" in kind else f"{kind} {join} Join"
    strategy = {"Hashed": "Hash ", "Sorted": "Group ", "Mixed": "Mixed "}.get(str(node.get("Strategy")), "")
    operation = f"{node['Operation']} " if node.get("Operation") and kind == "ModifyTable" else ""
    return f"{operation}{strategy if kind == 'Aggregate' else ''}{kind}"


def _on(node: Node) -> str:
    relation = ".".join(filter(None, (node.get("Schema"), node.get("Relation Name"))))
    alias = node.get("Alias")
    said = f"{relation} {alias}" if alias and alias != node.get("Relation Name") else relation
    index = node.get("Index Name")
    if index:
        return f"{said} by {index}" if said else str(index)
    return said or str(node.get("Function Name") or node.get("CTE Name") or "")


def _details(node: Node) -> Iterator[str]:
    for name in _DETAILS:
        if (value := node.get(name)) is not None:
            listed = [str(each) for each in cast("list[object]", value)] if isinstance(value, list) else [str(value)]
            yield f"{name}: {', '.join(listed)}"
    hit, read = node.get("Shared Hit Blocks", 0), node.get("Shared Read Blocks", 0)
    if hit or read:
        yield f"Buffers: {hit:,} from the cache, {read:,} read"
    if removed := node.get("Rows Removed by Filter"):
        yield f"Rows removed by the filter: {removed:,}"


def _warnings(node: Node, *, analyze: bool) -> Iterator[str]:
    rows = node.get("Actual Rows", 0) if analyze else node["Plan Rows"]
    removed = node.get("Rows Removed by Filter", 0)
    if removed >= _MANY and rows * _WRONG < removed:
        reads = "reads the whole table for" if node["Node Type"] == "Seq Scan" else "throws away most to find"
        yield f"{reads} {rows:,.0f} rows"
    if not analyze or not node.get("Actual Loops"):
        return
    least, most = sorted((max(1.0, float(rows)), max(1.0, float(node["Plan Rows"]))))
    if most >= least * _WRONG and most > _WRONG * _WRONG:
        yield f"expected {node['Plan Rows']:,} rows, found {rows:,.0f}"
    if "external" in str(node.get("Sort Method", "")) or node.get("Hash Batches", 1) > 1:
        yield "spills to disk: work_mem is too small for it"


def _lines(node: Answer, depth: int) -> Iterator[str]:
    """Yield a plan as text, a node a line."""
    total, rows, expected = node["totalMs"], node["rows"], f"{node['estimatedRows']:,}"
    time = f"cost {node['cost']}" if total is None else f"{total:.3f} ms, own {node['selfMs']:.3f} ms"
    found = f"rows {expected}" if rows is None else f"rows {rows:,.0f}, expected {expected}"
    yield f"{'  ' * depth}{node['title']}{' on ' + node['on'] if node['on'] else ''}  ({time}; {found})"
    for detail in node["details"]:
        yield f"{'  ' * depth}    {detail}"
    for child in node["children"]:
        yield from _lines(child, depth + 1)
