"""A catalog of another server, told by this one: rendered, loaded and read again, for what has texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from mizzle.catalog import prune
from mizzle.catalog.access import Access
from mizzle.catalog.address import Address
from mizzle.catalog.aggregate import Aggregate
from mizzle.catalog.catalog import EMPTY, Catalog, Object
from mizzle.catalog.defined import Defined
from mizzle.catalog.routine import Routine
from mizzle.catalog.table import Part, Table
from mizzle.planning.plan import plan
from mizzle.server.canonical import retold
from mizzle.server.reworded import quoted_arguments
from mizzle.server.session import UNCHECKED

AnyPart = TypeVar("AnyPart", bound=Part)


def rehome(
    live: Catalog,
    load: Callable[[str], Catalog],
    *,
    available: frozenset[str],
    major: int,
    near: Catalog | None = None,
) -> Catalog:
    """Return `live` with each text as the server behind `load` prints it; everything else stays what it was.

    `available` are that server's extensions. What depends on something unmanaged, or on an extension that is not
    available, cannot be loaded there and keeps its texts; so does a table that is equal in `near` already.
    """
    texts = _texts(live, near)
    if not texts.tables and not any(texts.defined()):
        return live
    missing = [Address("extension", (e.name,)) for e in live.extensions if e.name not in available]
    loadable = replace(prune.without(texts, [*missing, *live.unmanaged]), unmanaged=())
    if live.major < major:
        loadable = loadable.mapped(_reworded)
    loaded = load(f"{UNCHECKED};\n{plan(EMPTY, loadable, major=major).sql}")
    told = {table.address: table for table in loaded.tables}
    defined = {thing.address: thing for thing in loaded.defined()}
    live = live.mapped(lambda thing: retold(thing, defined.get(thing.address)))
    return replace(live, tables=tuple(_retold(table, told.get(table.address)) for table in live.tables))


def _reworded(thing: Defined) -> Defined:
    match thing:
        case Routine(definition=definition):
            return replace(thing, definition=quoted_arguments(definition))
        case Aggregate(arguments=arguments):
            return replace(thing, arguments=quoted_arguments(arguments))
        case _:
            return thing


def _texts(live: Catalog, near: Catalog | None) -> Catalog:
    """Return what must be sent through: what differs and what that needs, without foreign keys (they have no texts)."""
    same: frozenset[Object] = frozenset() if near is None else frozenset((*near.tables, *near.defined()))
    kept = {table.address for table in live.tables if table not in same}
    kept.update(thing.address for thing in live.defined() if thing not in same and not isinstance(thing, Access))
    waiting = sorted(kept)
    needed = _needed(live) if waiting else {}
    while waiting:
        more = needed.get(waiting.pop(), frozenset()) - kept
        kept |= more
        waiting.extend(more)
    tables = tuple(replace(table, foreign_keys=()) for table in live.tables if table.address in kept)
    dependencies = tuple(
        d for d in live.dependencies if d.dependent.kind == "index" or (d.dependent.table or d.dependent) in kept
    )
    sequences = tuple(s for s in live.sequences if s.owned_by is None or Address("table", s.owned_by[:2]) in kept)
    texts = live.mapped(lambda thing: thing if thing.address in kept else None)
    return replace(texts, tables=tables, sequences=sequences, dependencies=dependencies)


def _needed(live: Catalog) -> dict[Address, frozenset[Address]]:
    """Return what each table and each object of one definition needs of these: what its parts need, it needs."""
    whole = {part: table.address for table in live.tables for part, _ in table.parts()}
    standing = {where for where, _ in live.top_level()}
    found: defaultdict[Address, set[Address]] = defaultdict(set)
    for each in live.dependencies:
        dependent = whole.get(each.dependent, each.dependent)
        referenced = whole.get(each.referenced, each.referenced)
        if each.dependent.kind != "constraint" or each.referenced.kind != "column":
            found[dependent].add(referenced)
    return {where: frozenset(needed & standing - {where}) for where, needed in found.items()}


def _retold(table: Table, told: Table | None) -> Table:
    if told is None:
        return table
    parts = dict(told.parts())

    def again(part: AnyPart) -> AnyPart:
        found = parts.get(table.address_of(part))
        return found if isinstance(found, type(part)) else part

    return replace(
        table,
        columns=tuple(again(c) for c in table.columns),
        primary_key=table.primary_key and again(table.primary_key),
        uniques=tuple(again(c) for c in table.uniques),
        checks=tuple(again(c) for c in table.checks),
        exclusions=tuple(again(c) for c in table.exclusions),
        indexes=tuple(replace(again(i), valid=i.valid) for i in table.indexes),
    )
