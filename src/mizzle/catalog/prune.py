"""A catalog without some of its objects, and without what cannot be without those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from mizzle.catalog.access import KINDS, Access
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.defined import Defined
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.table import Table


def managed(catalog: Catalog) -> Catalog:
    """Return the part of `catalog` that stands without anything unmanaged: what a plan can create by itself."""
    return replace(without(catalog, catalog.unmanaged), unmanaged=())


def without(catalog: Catalog, gone: Iterable[Address]) -> Catalog:
    """Return `catalog` less the objects in `gone` and whatever depends on them (a column takes its table along)."""
    dropped = _closure(catalog, set(gone))
    return keep(catalog, lambda where: where not in dropped)


def with_access(catalog: Catalog, kinds: Collection[str]) -> Catalog:
    """Return `catalog` with no more of grants, owners and default privileges than `kinds` names (access.KINDS)."""
    also = tuple(each for each in catalog.also if each in kinds)
    if also == catalog.also:
        return catalog
    wanted = tuple(KINDS[each] for each in also)
    left = catalog.mapped(lambda thing: thing if not isinstance(thing, Access) or isinstance(thing, wanted) else None)
    there = left.addresses() | {*left.unmanaged}
    kept = tuple(d for d in left.dependencies if not d.dependent.kind.startswith(_ABOUT_ROLES) or d.dependent in there)
    return replace(left, dependencies=kept, also=also)


_ABOUT_ROLES = ("grants on ", "owner of ")


def keep(catalog: Catalog, wanted: Callable[[Address], bool]) -> Catalog:
    """Return `catalog` with just the objects whose address is `wanted`; nothing else is looked at."""
    return replace(
        catalog.mapped(lambda thing: _kept(thing, wanted)),
        schemas=tuple(s for s in catalog.schemas if wanted(Address("schema", (s.name,)))),
        extensions=tuple(e for e in catalog.extensions if wanted(Address("extension", (e.name,)))),
        enums=tuple(e for e in catalog.enums if wanted(Address("type", (e.schema, e.name)))),
        sequences=tuple(s for s in catalog.sequences if wanted(Address("sequence", (s.schema, s.name)))),
        tables=tuple(_kept_parts(t, wanted) for t in catalog.tables if wanted(t.address)),
        dependencies=tuple(d for d in catalog.dependencies if wanted(d.dependent) and wanted(d.referenced)),
    )


def _kept(thing: Defined, wanted: Callable[[Address], bool]) -> Defined | None:
    if not wanted(thing.address):
        return None
    if not isinstance(thing, MaterializedView) or all(wanted(where) for where, _ in thing.parts()):
        return thing
    return replace(thing, indexes=tuple(index for where, index in thing.parts() if wanted(where)))


def _kept_parts(table: Table, wanted: Callable[[Address], bool]) -> Table:
    where = table.address_of
    if all(wanted(address) for address, _ in table.parts()):
        return table
    columns = tuple(c for c in table.columns if wanted(where(c)))
    key = table.primary_key
    return replace(
        table,
        columns=columns,
        primary_key=key if key is not None and wanted(where(key)) else None,
        uniques=tuple(c for c in table.uniques if wanted(where(c))),
        checks=tuple(c for c in table.checks if wanted(where(c))),
        exclusions=tuple(c for c in table.exclusions if wanted(where(c))),
        foreign_keys=tuple(c for c in table.foreign_keys if wanted(where(c))),
        indexes=tuple(i for i in table.indexes if wanted(where(i))),
        order=tuple(name for name in table.order if any(c.name == name for c in columns)),
    )


def _closure(catalog: Catalog, gone: set[Address]) -> set[Address]:
    needed_by = _needed_by(catalog)
    waiting = list(gone)
    while waiting:
        where = waiting.pop()
        found = needed_by[where] - gone
        gone |= found
        waiting.extend(found)
    return gone


def _needed_by(catalog: Catalog) -> defaultdict[Address, set[Address]]:
    needed_by: defaultdict[Address, set[Address]] = defaultdict(set)
    for dependency in catalog.dependencies:
        needed_by[dependency.referenced].add(dependency.dependent)
    for table in catalog.tables:
        for where, _ in table.parts():
            needed_by[table.address].add(where)
            if where.kind == "column":
                needed_by[where].add(table.address)
        for key in table.foreign_keys:
            needed_by[key.referenced].add(table.address_of(key))
    for view in catalog.materialized_views:
        for where, _ in view.parts():
            needed_by[view.address].add(where)
    for sequence in catalog.sequences:
        if sequence.owned_by is not None:
            where = Address("sequence", (sequence.schema, sequence.name))
            for kind in _TABLE_KINDS:
                needed_by[Address(kind, sequence.owned_by[:2])].add(where)
    return needed_by


_TABLE_KINDS = ("table", "partitioned table", "partition", "inheriting table", "typed table", "foreign table")
