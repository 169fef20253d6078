"""The schema half way as a catalog, and the first part of the way there: what keeps both generations of code alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from mizzle.catalog import address
from mizzle.catalog.access import Grants
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Dependency
from mizzle.catalog.column import Column
from mizzle.catalog.defined import FIELDS, Defined
from mizzle.catalog.enum import Enum
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.policy import Policy
from mizzle.catalog.routine import Routine
from mizzle.catalog.rule import Rule
from mizzle.catalog.statistics import Statistics
from mizzle.catalog.table import Table
from mizzle.catalog.trigger import Trigger
from mizzle.catalog.view import View
from mizzle.planning.halfway import standins, synchronized
from mizzle.planning.halfway.asked import Asked, Pair, refused
from mizzle.planning.halfway.tables import empty, half_way, leaving

_PLAIN = ("schemas", "extensions", "sequences")
_BEFORE_COLUMNS = ("domains", "composites", "range_types", "collations")
_WITH_TABLE = (Trigger, Rule, Statistics)


@dataclass(frozen=True, slots=True)
class Compatible:
    """What stands half way for the sake of old code alone: the columns' triggers, and views for renamed tables."""

    pairs: tuple[Pair, ...]
    views: tuple[tuple[View, Table], ...]
    grants: tuple[Grants, ...]

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """Return what PostgreSQL will record of it."""
        of_pairs = (each for pair in self.pairs for each in synchronized.dependencies(pair))
        of_views = (each for view, table in self.views for each in standins.dependencies(view, table))
        return (*of_pairs, *of_views)


def compatible(asked: Asked, tables: Iterable[Table], *, major: int) -> Compatible:
    """Return what both generations need; `tables` are those half way."""
    half = {table.address: table for table in tables}
    views = tuple(
        (standins.standin(was, half[now], asked, major=major), half[now]) for was, now in sorted(asked.moved.items())
    )
    given = (standins.grants(view, table, asked.new, major=major) for view, table in views)
    managed = tuple(filter(None, given)) if "grants" in asked.new.also else ()
    return Compatible(tuple(filter(synchronized.is_synchronized, asked.pairs)), views, managed)


def half_way_tables(asked: Asked) -> tuple[Table, ...]:
    """Return the tables half way."""
    old, new = ({table.address: table for table in side.tables} for side in (asked.base, asked.new))
    both = [half_way(old[where], table, asked) if where in old else table for where, table in new.items()]
    gone = [leaving(table, new.values()) for where, table in old.items() if where not in new]
    return tuple(sorted((*both, *gone), key=lambda each: (each.schema, each.name)))


def half_way_catalog(asked: Asked, tables: tuple[Table, ...], more: Compatible) -> Catalog:
    """Return the whole schema half way."""
    base, new = asked.base, asked.new
    found: dict[str, Any] = {name: _merged(getattr(base, name), getattr(new, name)) for name in _PLAIN}
    found |= {name: tuple(_defined(getattr(base, name), getattr(new, name), asked)) for name in FIELDS.values()}
    found["enums"] = tuple(sorted(_enums(asked), key=lambda each: (each.schema, each.name)))
    found["views"] = tuple(_widened(each, asked, tables) for each in found["views"])
    catalog = replace(new, **found, tables=tables, dependencies=_dependencies(asked, more), unmanaged=new.unmanaged)
    return with_compatible(catalog, more)


def with_compatible(catalog: Catalog, more: Compatible) -> Catalog:
    """Return a catalog with what stands there for old code."""
    return replace(
        catalog,
        routines=_sorted((*catalog.routines, *map(synchronized.function, more.pairs))),
        triggers=_sorted((*catalog.triggers, *map(synchronized.trigger, more.pairs))),
        views=_sorted((*catalog.views, *(view for view, _ in more.views))),
        grants=_sorted((*catalog.grants, *more.grants)),
        dependencies=_recorded((*catalog.dependencies, *more.dependencies)),
    )


def begun(start: Catalog, end: Catalog, asked: Asked, more: Compatible, *, back: bool) -> Catalog:
    """Return `start` with what the columns' rows need before they are filled: both columns, triggers, and views.

    `end` is where it leads; what types and schemas it has more are there, too. `back`: the old columns come back.
    """
    tables = tuple(_with_columns(table, asked.pairs_of(table.address), back=back) for table in start.tables)
    found: dict[str, Any] = {
        name: _more(getattr(start, name), getattr(end, name)) for name in ("schemas", "extensions")
    }
    found |= {name: _more(getattr(start, name), getattr(end, name)) for name in ("enums", *_BEFORE_COLUMNS)}
    return with_compatible(replace(start, tables=tables, **found), more)


def _with_columns(table: Table, pairs: tuple[Pair, ...], *, back: bool) -> Table:
    added = [empty(pair.old if back else pair.new) for pair in pairs if synchronized.is_synchronized(pair)]
    if not added:
        return table
    columns = tuple(sorted((*table.columns, *added), key=lambda each: each.name))
    return replace(table, columns=columns, order=(*table.order, *(each.name for each in added)))


def _dependencies(asked: Asked, more: Compatible) -> tuple[Dependency, ...]:
    """Return what both sides record; of what both have, what the new one records."""
    there = asked.new.addresses()
    before = (each for each in asked.base.dependencies if each.dependent not in there)
    return _recorded((*before, *asked.new.dependencies, *more.dependencies))


def _recorded(found: Iterable[Dependency]) -> tuple[Dependency, ...]:
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (each.dependent, each.referenced)))


def _key(thing: Any) -> tuple[str, ...]:
    return (getattr(thing, "schema", ""), thing.name)


def _merged(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted({**{_key(e): e for e in old}, **{_key(e): e for e in new}}.values(), key=_key))


def _more(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted({**{_key(e): e for e in new}, **{_key(e): e for e in old}}.values(), key=_key))


def _sorted(things: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(things, key=lambda each: each.address.names))


def _defined(old: tuple[Defined, ...], new: tuple[Defined, ...], asked: Asked) -> Iterator[Defined]:
    """Yield, sorted, what both generations of code can use of one kind of object."""
    before, after = ({each.address: each for each in side} for side in (old, new))
    for where in sorted({*before, *after}, key=lambda each: each.names):
        was, now = before.get(where), after.get(where)
        if was is None or now is None:
            if now is not None or _stays(was, asked):
                yield now or was  # type: ignore[misc]
        else:
            yield _both(was, now)


def _widened(view: View, asked: Asked, tables: tuple[Table, ...]) -> View:
    """Return a view of old code with the types that its columns get from those of the tables below it."""
    if view in asked.new.views:
        return view
    uses = {d.referenced for d in asked.base.dependencies if d.dependent == view.address}
    wider = {
        (column.name, old.type): column.type
        for table in tables
        for column in table.columns
        if (where := table.address_of(column)) in uses and (old := _old_column(where, asked)) is not None
    }
    return replace(view, columns=tuple((name, wider.get((name, type_), type_)) for name, type_ in view.columns))


def _old_column(where: Address, asked: Asked) -> Column | None:
    table = next((each for each in asked.base.tables if each.address == where.table), None)
    found = table.part_at(where) if table is not None else None
    return found if isinstance(found, Column) else None


def _stays(thing: Defined | None, asked: Asked) -> bool:
    """Say whether old code needs an object that new code does not: not what only acts on a table that stays."""
    tables = {table.address.names for table in asked.new.tables}
    match thing:
        case Trigger() | Rule():
            return (thing.schema, thing.table) not in tables
        case Statistics():
            return thing.on not in tables
        case Policy():
            return True
        case _:
            return True


def _both(old: Defined, new: Defined) -> Defined:
    if old == new:
        return new
    match old, new:
        case View() | MaterializedView(), View() | MaterializedView():
            if {*old.columns} <= {*new.columns}:
                return new
            if {*new.columns} <= {*old.columns}:
                return old
            raise refused(new.address, "it has other columns", hint="give the new view another name")
        case Routine(), Routine():
            if (old.identity, old.result) != (new.identity, new.result) or old.defaults > new.defaults:
                hint = "give the new one another name"
                raise refused(new.address, "it has other arguments or another result", hint=hint)
            return new
        case Grants(), Grants():
            return replace(new, grants=tuple(sorted({*old.grants, *new.grants})))
        case _:
            return new


def _enums(asked: Asked) -> Iterator[Enum]:
    before, after = ({(e.schema, e.name): e for e in side.enums} for side in (asked.base, asked.new))
    for key, new in after.items():
        old = before.get(key)
        yield new if old is None else replace(new, labels=_labels(old, new))
    yield from (old for key, old in before.items() if key not in after)


def _labels(old: Enum, new: Enum) -> tuple[str, ...]:
    """Return all labels of both; the old ones in their order, so that the others are only added."""
    common = [label for label in new.labels if label in old.labels]
    if common != [label for label in old.labels if label in new.labels]:
        raise refused(address.type_(new.schema, new.name), "its labels change their order")
    merged = list(old.labels)
    for place, label in enumerate(new.labels):
        if label not in merged:
            merged.insert(merged.index(new.labels[place - 1]) + 1 if place else 0, label)
    return tuple(merged)
