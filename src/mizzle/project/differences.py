"""What differs, in words, and what it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Object
from mizzle.catalog.sequence import Sequence
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename


class Difference(msgspec.Struct, frozen=True):
    """One line that says what differs, and what it is about.

    `relation` is the schema and the name of the table, or of what else stands on its own; the name alone of what is in
    no schema. `parts` are names to look for in its definition: of the part that differs, then of the columns it uses.
    """

    line: str
    relation: tuple[str, ...]
    parts: tuple[str, ...] = ()


def differences(changes: Iterable[Change], *catalogs: Catalog, say: Callable[[Change], str]) -> tuple[Difference, ...]:
    """Return each of `changes` between `catalogs` in the words of `say`."""
    listed = tuple(changes)
    tables = _of_indexes(catalogs if listed else ())
    return tuple(_difference(change, tables, say(change)) for change in listed)


def _difference(change: Change, tables: Mapping[Address, str], line: str) -> Difference:
    where, thing = change.address, _thing(change)
    if isinstance(thing, Sequence) and thing.owned_by is not None:
        schema, table, column = thing.owned_by
        return Difference(line, (schema, table), (column,))
    used = tuple(each for each in getattr(thing, "columns", ()) if isinstance(each, str))
    if where in tables:
        return Difference(line, (where.schema, tables[where]), (where.name, *used))
    own, *parts = where.names[1:] or where.names
    relation = (*where.names[: len(where.names) > 1], own.partition("(")[0])
    return Difference(line, relation, (*parts, *used) if parts else ())


def _thing(change: Change) -> Object:
    match change:
        case Create(_, thing) | Drop(_, thing) | Alter(_, _, thing) | Rename(_, _, thing):
            return thing


def _of_indexes(catalogs: Iterable[Catalog]) -> Mapping[Address, str]:
    """Return the table of each index."""
    return {
        where: table.name
        for each in catalogs
        for table in each.tables
        for where, _ in table.parts()
        if where.kind == "index"
    }
