"""Two catalogs in, the changes that lead from the first to the second out.

What is compared is what the objects say of themselves (`==` on frozen dataclasses); notes do not count. A constraint,
an index or an owned sequence that only has another name is renamed; of columns and tables nothing is guessed (see
questions.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from mizzle import names
from mizzle.catalog.access import DefaultPrivileges, Grant, Grants
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Object
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.policy import Policy
from mizzle.catalog.sequence import Sequence
from mizzle.catalog.table import Part, Table
from mizzle.catalog.trigger import Trigger
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename
from mizzle.differ.effects import with_sequence
from mizzle.differ.inheritance import aligned
from mizzle.differ.renames import renamed

_NAMED_NOT_NULL = 18
"""The version from which on NOT NULL constraints have names."""

T = TypeVar("T", bound=Object)


def compare(old: Catalog, new: Catalog, *, renames: Mapping[str, str] | None = None) -> tuple[Change, ...]:
    """Return the changes from `old` to `new`, in a fixed order; empty when they are equal.

    `renames` answers what a comparison cannot know: `{"public.user.name": "full_name"}` for a column (or an enum value,
    under its type), `{"public.user": "person"}` for a table or a type. Raises ConfigError where one names nothing.
    """
    mapped, answered = renamed(old, new, renames or {})
    mapped, new = (_without_names(each, mapped, new) for each in aligned(mapped, new))
    for change in _pairs(_sequences(mapped), _sequences(new)):
        if isinstance(change, Rename):
            mapped = with_sequence(mapped, change)
    return (*answered, *_pairs(dict(mapped.top_level()), dict(new.top_level())))


def _without_names(catalog: Catalog, *sides: Catalog) -> Catalog:
    """Return a catalog without names of NOT NULL constraints, if one of the `sides` is from where they have none."""
    if all(side.major >= _NAMED_NOT_NULL or not side.major for side in sides):
        return catalog
    tables = tuple(
        replace(table, columns=tuple(replace(each, not_null="") if each.not_null else each for each in table.columns))
        if any(each.not_null for each in table.columns)
        else table
        for table in catalog.tables
    )
    return replace(catalog, tables=tables)


def _sequences(catalog: Catalog) -> dict[Address, Sequence]:
    return {where: thing for where, thing in catalog.top_level() if isinstance(thing, Sequence)}


def _pairs(old: Mapping[Address, T], new: Mapping[Address, T]) -> Iterator[Change]:
    gone = {where: thing for where, thing in old.items() if where not in new}
    come = {where: thing for where, thing in new.items() if where not in old}
    for rename in tuple(_same_but_name(gone, come)):
        del gone[rename.address], come[rename.to]
        yield rename
    yield from (Drop(where, thing) for where, thing in gone.items())
    yield from (Create(where, thing) for where, thing in come.items())
    for where, thing in new.items():
        if where in old:
            yield from _alterations(where, old[where], thing)


def _alterations(where: Address, old: Object, new: Object) -> Iterator[Change]:
    if old == new:
        return
    before, after = _apart(old), _apart(new)
    if before is not None and after is not None:
        if before[0] != after[0]:
            yield Alter(where, before[0], after[0])
        yield from _pairs(before[1], after[1])
    else:
        yield Alter(where, old, new)


def _apart(thing: Object) -> tuple[Object, dict[Address, Part]] | None:
    """Return what holds parts as it is without them, and these; None for what has none."""
    match thing:
        case Table():
            shell = replace(
                thing,
                columns=(),
                primary_key=None,
                uniques=(),
                checks=(),
                exclusions=(),
                foreign_keys=(),
                indexes=(),
                order=(),
            )
            return shell, dict(thing.parts())
        case MaterializedView():
            return replace(thing, indexes=()), dict(thing.parts())
        case _:
            return None


def _same_but_name(gone: Mapping[Address, Object], come: Mapping[Address, Object]) -> Iterator[Rename]:
    """Pair what differs by its name alone; each new object is taken once, in order."""
    free = dict(come)
    for where, old in gone.items():
        for to, new in free.items():
            if _renamable(old) and where.names[:-1] == to.names[:-1] and _under_name(old, to.name) == new:
                yield Rename(where, to, old)
                del free[to]
                break


def _renamable(thing: Object) -> bool:
    """Say whether another name alone is safe to take for a rename: no data hangs on the name."""
    if isinstance(thing, Sequence):
        return thing.owned_by is not None
    if isinstance(thing, Trigger):
        return not thing.constraint  # of which a constraint keeps the old name
    return isinstance(thing, Policy | PrimaryKey | Unique | Check | Exclusion | ForeignKey | Index)


def _under_name(thing: Object, name: str) -> Object:
    return replace(thing, name=name)


def describe(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return a line for each change, for people: what differs and how."""
    return tuple(line for change in changes for line in _lines(change))


def _lines(change: Change) -> Iterator[str]:
    match change:
        case Alter(address, old, new):
            yield f"{address}: " + "; ".join(_differences(old, new))
        case Create() | Drop() | Rename():
            yield str(change)


def _differences(old: Object, new: Object) -> Iterator[str]:
    if isinstance(old, Grants | DefaultPrivileges) and isinstance(new, Grants | DefaultPrivileges):
        yield from (f"{_told(each)} from {each.role} taken" for each in old.all if each not in new.all)
        yield from (f"{_told(each)} to {each.role} granted" for each in new.all if each not in old.all)
        return
    if isinstance(old, Column) and isinstance(new, Column) and old.nullable != new.nullable:
        yield "NOT NULL added" if old.nullable else "NOT NULL dropped"
    for name in old.__dataclass_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if name != "nullable" and before != after and old.__dataclass_fields__[name].compare:
            yield f"{name} {_shown(before)} -> {_shown(after)}"


def _told(grant: Grant) -> str:
    column = f" ({names.ident(grant.column)})" if grant.column else ""
    return f"{grant.privilege}{column}{' with grant option' if grant.option else ''}"


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return "(" + ", ".join(str(item) for item in value) + ")"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)
