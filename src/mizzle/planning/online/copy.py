"""Stored generated columns: no column that is there becomes one, and a new one has the table written anew.

So that is done beside the table: an empty copy with the columns; triggers that keep it in step; a backfill; then the
copy takes the table's place, in a moment, with all that the table had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgspec.structs import replace as told

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.differ.changes import Change, Create
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.online import copied as fitting
from mizzle.planning.online import copying, knowing, not_null, replacing, syncing
from mizzle.planning.online.constraint import stage, validated, validates
from mizzle.planning.online.copied import Copied
from mizzle.planning.online.copying import Asides
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.steps import Backfill, Lock, Statement


def planned(changes: Sequence[Change], context: Context) -> list[Copied]:
    """Return the tables that are copied rather than written anew under a lock; no two on the two sides of a key."""
    found: dict[Address, list[Column]] = {}
    for change in changes:
        if isinstance(change, Create) and isinstance(change.new, Column) and _is_stored(change.new):
            found.setdefault(Address("table", change.address.names[:2]), []).append(change.new)
    chosen: list[Copied] = []
    beside: set[Address] = set()
    for where, columns in found.items():
        table = context.old_tables.get(where)
        if table is None or where in beside or not _in_use(table, columns, context):
            continue
        place = {name: number for number, name in enumerate(context.new_tables[where].order)}
        added = tuple(sorted(columns, key=lambda each: place.get(each.name, len(place))))
        fit = fitting.fit(table, added, changes, context)
        if fit is not None:
            chosen.append(fit)
            beside |= {other.address for other, _ in fit.references} | {key.referenced for key in table.foreign_keys}
    return chosen


def operations(copied: Copied, context: Context) -> Iterator[Operation]:
    """Yield the operations: the copy and its triggers, the backfill, statistics, the swap, what is validated then."""
    yield from (replace(each, change=copied.change) for each in _operations(copied, context))
    for column in copied.added:
        if not column.nullable:
            yield from not_null.demand(copied.table, column, context)


def _is_stored(column: Column) -> bool:
    return column.generated is not None and column.generated.kind == "stored" and not column.inherited


def _in_use(table: Table, columns: Sequence[Column], context: Context) -> bool:
    return all(context.in_use(table.address, table.address_of(each)) for each in columns)


def _operations(copied: Copied, context: Context) -> Iterator[Operation]:
    copy, asides = copying.named(copied, context)
    begun, filled, known = (stage(copied.table.address, f"copy {name}") for name in ("begun", "filled", "analyzed"))
    yield _begun(copied, copy, asides, begun, context)
    yield _filled(copied, copy, begun, filled)
    yield _analyzed(copied, copy, filled, known)
    yield Operation(
        Phase.VALIDATE,
        tuple(replacing.statements(copied, copy, asides, context)),
        makes=copied.kept | copied.addresses | {default_of(where) for where in copied.addresses},
        drops=copied.kept - frozenset(_read(copied, context)),
        follows=frozenset({known}),
    )
    yield from _validated(copied)


def _begun(copied: Copied, copy: Address, asides: Asides, begun: Address, context: Context) -> Operation:
    """Return what makes the copy, and lets it follow the table."""
    made = (
        *copying.made(copied, copy, asides, context),
        *syncing.begun(copied, copy, context),
        *knowing.asked(copied, copy, context),
    )
    there = copied.kept | copied.addresses | {default_of(where) for where in copied.addresses}
    needed = frozenset(need for where in there for need in context.new_needs.get(where))
    return Operation(Phase.CREATE_PART, made, makes=frozenset({begun}), follows=needed - there)


def _analyzed(copied: Copied, copy: Address, filled: Address, known: Address) -> Operation:
    """Return what tells PostgreSQL of the copy's rows, before any query is planned for it."""
    statement = Statement(
        f"ANALYZE {copy.sql}",
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        relation=copy.sql,
        change=f"prepare for {copied.change}",
    )
    return Operation(Phase.VALIDATE, (statement,), makes=frozenset({known}), follows=frozenset({filled}), alone=True)


def _read(copied: Copied, context: Context) -> Iterator[Address]:
    """Yield what views read that the plan changes: such a one need not be changed before the table goes."""
    for each in copied.views:
        if each.address in context.fates.altered:
            yield from context.old_needs.get(each.address)


def _filled(copied: Copied, copy: Address, begun: Address, filled: Address) -> Operation:
    """Return the backfill: it leaves rows alone that a trigger has copied, and waits for who writes them."""
    table, columns = copied.table.address, names.idents(copied.written)
    sql = (
        f"INSERT INTO {copy.sql} ({columns})\nSELECT {columns} FROM {table.sql}\n"
        f"FOR NO KEY UPDATE ON CONFLICT ({names.idents(copied.by)}) DO NOTHING"
    )
    statement = Statement(
        sql,
        lock=Lock.ROW_EXCLUSIVE,
        relation=copy.sql,
        others=((table.sql, Lock.ROW_SHARE),),
        change=f"prepare for {copied.change}",
    )
    return Operation(
        Phase.VALIDATE,
        (statement,),
        makes=frozenset({filled}),
        follows=frozenset({begun}),
        backfill=Backfill((copied.table.schema, copied.table.name), copied.by),
    )


def _validated(copied: Copied) -> Iterator[Operation]:
    """Yield what lets PostgreSQL know again that foreign keys hold: the rows are those that they held for."""
    own = [(copied.table, key) for key in copied.table.foreign_keys]
    for table, key in (*own, *copied.references):
        where = table.address_of(key)
        others = ((key.referenced.sql, Lock.ROW_SHARE),) if key.referenced != table.address else ()
        statement = validated(table.address, where, key.name, others=others)
        yield validates(told(statement, hazards=(), change=f"alter {where}"), where)
