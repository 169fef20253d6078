"""Views that no source declares, over columns whose types change: they stay, and have other columns from then on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mizzle.catalog import prune
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.errors import DatabaseError, DecisionNeeded
from mizzle.planning.plan import plan
from mizzle.prove import Scratch

_VIEWS = frozenset({"view", "materialized view"})


def brought_along(server: Scratch, wanted: Catalog, old: Catalog, kept: Iterable[Address]) -> Catalog:
    """Return `wanted`, in which those of its views that are `kept` are what they are over the types that it has.

    Raises DecisionNeeded where such a view cannot be made over them.
    """
    views = {where for where in kept if where.kind in _VIEWS}
    if not views or not _retyped(wanted, old):
        return wanted
    loadable = replace(prune.without(wanted, wanted.unmanaged), unmanaged=())
    try:
        loaded = server.load(plan(EMPTY, loadable, major=server.major).sql)
    except DatabaseError as error:
        listed = ", ".join(map(str, sorted(views)))
        said = error.message.partition(": ")[2]
        raise DecisionNeeded(
            f"no model declares {listed}, and it cannot be made again over the new types: {said}",
            hint="drop it in a hand-written migration first (mizzle generate --custom), or declare it",
        ) from error
    told = {thing.address: thing for thing in loaded.defined() if thing.address in views}
    return wanted.mapped(lambda thing: told.get(thing.address, thing))


def _retyped(wanted: Catalog, old: Catalog) -> bool:
    """Say whether a column has another type than it had, or another collation."""
    was = {table.address_of(each): (each.type, each.collation) for table in old.tables for each in table.columns}
    now = ((table.address_of(each), (each.type, each.collation)) for table in wanted.tables for each in table.columns)
    return any(was.get(where, type_) != type_ for where, type_ in now)
