"""Objects that no source ever declared: made in a hand-written migration, by an extension, by another application.

They are kept and reported, never dropped; a snapshot lists them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mizzle.catalog import prune
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.defined import FIELDS, Defined
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.table import Table
from mizzle.errors import DecisionNeeded
from mizzle.planning.needs import Needs


def undeclared(old: Catalog, wanted: Catalog, listed: Iterable[str]) -> tuple[Address, ...]:
    """Return what is in `old`, is `listed` as never declared, and is not in `wanted`.

    A part of a table goes with its table where that is no longer wanted.
    """
    known = frozenset(listed)
    there = wanted.addresses()
    kept = [where for where in old.addresses() if where not in there and str(where) in known]
    tables = {table.address for table in old.tables if table.address in there or table.address in kept}
    owner = {where: table.address for table in old.tables for where, _ in table.parts()}
    return tuple(sorted(where for where in kept if where not in owner or owner[where] in tables))


def with_kept(wanted: Catalog, old: Catalog, kept: Iterable[Address]) -> Catalog:
    """Return `wanted` with the objects at `kept` as they are in `old`.

    Raises DecisionNeeded where one of them needs something that is no longer wanted.
    """
    names = frozenset(kept)
    _refuse_torn(wanted, old, names)
    unmanaged = tuple(sorted({*old.unmanaged, *wanted.unmanaged}))
    if not names:
        return replace(wanted, unmanaged=unmanaged)
    held = prune.keep(old, lambda where: where in names)
    tables = {table.address: table for table in wanted.tables}
    parts = {table.address: _parts(table, names) for table in old.tables}
    merged = [_merged(table, parts.get(where)) for where, table in tables.items()]
    new_tables = [table for table in held.tables if table.address not in tables]
    dependencies = {d for d in old.dependencies if d.dependent in names} | set(wanted.dependencies)
    wanted = wanted.mapped(lambda thing: _indexed(thing, old, names))
    merged_defined = {name: _sorted((*getattr(wanted, name), *getattr(held, name))) for name in FIELDS.values()}
    return replace(
        wanted,
        **merged_defined,
        schemas=tuple(sorted((*wanted.schemas, *held.schemas), key=lambda s: s.name)),
        extensions=tuple(sorted((*wanted.extensions, *held.extensions), key=lambda e: e.name)),
        enums=tuple(sorted((*wanted.enums, *held.enums), key=lambda e: (e.schema, e.name))),
        sequences=tuple(sorted((*wanted.sequences, *held.sequences), key=lambda s: (s.schema, s.name))),
        tables=tuple(sorted((*merged, *new_tables), key=lambda t: (t.schema, t.name))),
        unmanaged=unmanaged,
        dependencies=tuple(sorted(dependencies, key=lambda d: (d.dependent, d.referenced))),
    )


def _indexed(thing: Defined, old: Catalog, kept: frozenset[Address]) -> Defined:
    """Return a materialized view with those of its old indexes that are kept."""
    if not isinstance(thing, MaterializedView):
        return thing
    was = next((each for each in old.materialized_views if each.address == thing.address), thing)
    indexes = (*thing.indexes, *(index for where, index in was.parts() if where in kept))
    return replace(thing, indexes=tuple(sorted(indexes, key=lambda each: each.name)))


def _sorted(things: Iterable[Defined]) -> tuple[Defined, ...]:
    return tuple(sorted(things, key=lambda each: each.address.names))


def _parts(table: Table, names: frozenset[Address]) -> Table:
    return prune.keep(Catalog(tables=(table,)), lambda where: where in names or where == table.address).tables[0]


def _merged(table: Table, kept: Table | None) -> Table:
    if kept is None:
        return table
    return replace(
        table,
        columns=tuple(sorted((*table.columns, *kept.columns), key=lambda c: c.name)),
        primary_key=table.primary_key or kept.primary_key,
        uniques=tuple(sorted((*table.uniques, *kept.uniques), key=lambda c: c.name)),
        checks=tuple(sorted((*table.checks, *kept.checks), key=lambda c: c.name)),
        exclusions=tuple(sorted((*table.exclusions, *kept.exclusions), key=lambda c: c.name)),
        foreign_keys=tuple(sorted((*table.foreign_keys, *kept.foreign_keys), key=lambda c: c.name)),
        indexes=tuple(sorted((*table.indexes, *kept.indexes), key=lambda i: i.name)),
        order=(*table.order, *kept.order),
    )


def _refuse_torn(wanted: Catalog, old: Catalog, kept: frozenset[Address]) -> None:
    there = wanted.addresses() | kept | frozenset(old.unmanaged)
    was, needs = old.addresses(), Needs(old)
    for where in sorted(kept):
        missing = sorted(needed for needed in needs.get(where) if needed in was and needed not in there)
        if missing:
            raise DecisionNeeded(
                f"{where}, which no model declares, needs {missing[0]}, which the models no longer have",
                hint=f"drop {where} in a hand-written migration first (mizzle generate --custom), or declare both",
            )
