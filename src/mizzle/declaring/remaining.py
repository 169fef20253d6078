"""What differs between what models make and what they should make: what SQL adds, and what they have to leave to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Object
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.sequence import Sequence as OneSequence
from mizzle.catalog.table import Table
from mizzle.declaring.split import Split
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename


def misfits(changes: Sequence[Change], catalog: Catalog, split: Split) -> frozenset[Address]:
    """Return what the models had better leave, of what they say: all that SQL would have to make anew behind them.

    `changes` lead from what they make to `catalog`. What SQL adds, such as row security or a comment, is no misfit.
    """
    said = frozenset(split.says())
    owner = {
        where: table.address for table in split.tables for where in (table.address, *(w for w, _ in table.parts()))
    }
    found: set[Address] = set()
    unclear: set[Address] = set()
    for change in changes:
        where = change.to if isinstance(change, Rename) else change.address
        match change:
            case Create() | Alter() if where in said and not _is_added(change):
                found.add(_left(where, owner, split))
            case Rename() if where in said:
                found.add(_left(where, owner, split))
            case Drop() | Rename():
                unclear.update(_table_of(change, catalog, owner))
            case _:
                pass
    return frozenset(found or unclear)


def _left(where: Address, owner: dict[Address, Address], split: Split) -> Address:
    """Return what is left of what does not fit: a part; of a column its default first, then all of its table."""
    if where.kind != "column" or where in split.left:
        return owner[where] if where.kind == "column" else where
    tables = {table.address: table for table in split.tables}
    column = next(each for each in tables[owner[where]].columns if each.name == where.name)
    return where if column.default is not None else owner[where]


def _is_added(change: Create | Alter) -> bool:
    """Say whether SQL says only what models cannot: all else is as they made it."""
    return isinstance(change, Alter) and _without_additions(change.old) == _without_additions(change.new)


def _without_additions(thing: Object) -> Object:
    match thing:
        case Column():
            identity = thing.identity and replace(thing.identity, sequence="")
            plain = replace(thing, storage="", compression="", statistics=-1, options=(), not_null="", comment=None)
            return replace(plain, identity=identity)
        case PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey():
            return replace(thing, comment=None)
        case Index():
            return replace(thing, comment=None, statistics=())
        case OneSequence():
            return replace(thing, comment=None, owned_by=None)
        case Table():
            parts = Table(thing.schema, thing.name)
            return replace(parts, unlogged=thing.unlogged, partition_by=thing.partition_by, inherits=thing.inherits)
        case _:
            return thing


def _table_of(change: Drop | Rename, catalog: Catalog, owner: dict[Address, Address]) -> Iterator[Address]:
    """Yield the table that something belongs to that the models make and nobody wants."""
    match change.old:
        case OneSequence(owned_by=(schema, table, _)):
            yield from {Address("table", (schema, table))} & {*owner.values()}
        case Index() | PrimaryKey() | Unique() | Check() | Exclusion() | ForeignKey():
            names = change.address.names
            tables = (table for table in catalog.tables if table.schema == names[0])
            if len(names) > 2:  # noqa: PLR2004 - schema, table and name
                tables = (table for table in tables if table.name == names[1])
            yield from (table.address for table in tables if table.address in owner and len(names) > 2)  # noqa: PLR2004
        case _:
            return
