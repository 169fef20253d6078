"""Backfills of a plan: by which key a table is gone through, and the statement that fills a column."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.planning import sqlparts
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import index as plain
from mizzle.planning.steps import Backfill, Lock, Statement


def key(table: Table, context: Context) -> tuple[str, ...] | None:
    """Return the columns (raw) by which the rows of a table can be gone through in batches, None where none are fit.

    They are those of a key, or of a unique index, that is there before and after the plan, and none may be NULL.
    """
    there = context.old_tables[table.address]
    required = {names.ident(each.name): each.name for each in there.columns if _required(table, each, context)}
    keys = [there.primary_key] if there.primary_key is not None else []
    fit = [
        *((each, sqlparts.elements(each.definition)) for each in (*keys, *there.uniques) if _of_values(each)),
        *((each, _keys(each)) for each in there.indexes if _whole(each)),
    ]
    for each, written in fit:
        if _kept(there.address_of(each), each, context) and required.keys() >= set(written):
            return tuple(required[one] for one in written)
    return None


def filled(
    table: Table,
    by: tuple[str, ...],
    sql: str,
    *,
    change: Address,
    makes: frozenset[Address],
    follows: frozenset[Address],
) -> Operation:
    """Return the operation of a backfill: `sql` is an UPDATE of the table, which is gone through `by` these columns."""
    statement = Statement(sql, lock=Lock.ROW_EXCLUSIVE, relation=table.address.sql, change=f"alter {change}")
    return Operation(
        Phase.VALIDATE,
        (statement,),
        makes=makes,
        follows=follows,
        backfill=Backfill((table.schema, table.name), by),
    )


def _required(table: Table, column: Column, context: Context) -> bool:
    return not column.nullable and _stays(table, column.name, context)


def _of_values(key: PrimaryKey | Unique) -> bool:
    return "WITHOUT OVERLAPS" not in key.definition


def _whole(index: Index) -> bool:
    """Say whether an index finds each row of its table by values of columns, and one row for each of them."""
    return index.unique and index.valid and plain.plain(index) and " WHERE " not in index.definition


def _keys(index: Index) -> tuple[str, ...]:
    """Return what an index is over, in SQL: columns and expressions."""
    return tuple(map(sqlparts.key, sqlparts.elements(index.definition)))


def _kept(where: Address, key: PrimaryKey | Unique | Index, context: Context) -> bool:
    after = context.after.get(where)
    return after is not None and getattr(after, "definition", "") == key.definition and not context.gone(where)


def _stays(table: Table, name: str, context: Context) -> bool:
    where = Address("column", (*table.address.names, name))
    return context.new_column(where) is not None and not context.replaced(where)
