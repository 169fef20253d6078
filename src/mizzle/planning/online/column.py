"""New columns whose default PostgreSQL would compute for each row there is: added empty, then filled in batches."""

from __future__ import annotations

from dataclasses import replace

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.online import constraint, filling, identity, not_null
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import column as plain
from mizzle.planning.recipes import conversion
from mizzle.planning.recipes.altering import altering, on
from mizzle.planning.recipes.constraint import NOT_VALID
from mizzle.planning.recipes.volatile import is_volatile
from mizzle.planning.steps import Statement


def create(table: Table, column: Column, context: Context) -> list[Operation] | None:
    """Add the column without a value, give it its default, fill it, then demand a value."""
    by = filling.key(table, context)
    if by is None or column.inherited or column.not_null.endswith(NOT_VALID):
        return None
    if conversion.is_constrained(column.type, context.new.domains):  # for which PostgreSQL writes the table anew
        return None
    where, default = table.address_of(column), default_of(table.address_of(column))
    added = [_empty(table, column), *plain.extras(table, column)]
    needed = context.new_needs.get(where) | context.new_needs.get(default)
    if column.identity is not None:
        numbered = identity.create(table, column, column.identity, added, follows=needed - {where})
        return [*numbered, *_fill(table, column, by, context, after=identity.numbered(where))]
    if column.default is None or column.generated is not None or not is_volatile(column.default):
        return None
    given = altering(table, column, f"SET DEFAULT {column.default}")
    begun = constraint.stage(where, "added")
    first = Operation(Phase.ALTER_TABLE, (*added, given), makes=frozenset({begun}), follows=needed - {where})
    return [first, *_fill(table, column, by, context, default, after=begun)]


def _empty(table: Table, column: Column) -> Statement:
    bare = replace(column, nullable=True, default=None, identity=None, not_null="")
    return on(table.address, table.address_of(column), f"ADD COLUMN {plain.clause(table, bare)}", verb="create")


def _fill(
    table: Table, column: Column, by: tuple[str, ...], context: Context, *makes: Address, after: Address
) -> list[Operation]:
    """Return what gives each row the default, then demands that it has a value.

    With that the column is there, for whatever is over it: an index or a check shall not meet it empty.
    """
    where, name = table.address_of(column), names.ident(column.name)
    sql = f"UPDATE {table.address.sql} SET {name} = DEFAULT WHERE {name} IS NULL"
    there = frozenset({where, *makes})
    operations = [filling.filled(table, by, sql, change=where, makes=there, follows=frozenset({after}))]
    if not column.nullable:
        operations += not_null.demand(table, column, context, after=frozenset({where}))
    return operations
