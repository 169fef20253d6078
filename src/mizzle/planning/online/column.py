"""New columns whose default PostgreSQL would compute for each row there is: added empty, then filled in batches."""

from __future__ import annotations

from dataclasses import replace

from mizzle import names
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.online import constraint, filling, identity, not_null
from mizzle.planning.operations import Operation, Phase, makes
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
    where = table.address_of(column)
    added = [_empty(table, column), *plain.extras(table, column)]
    if column.identity is not None:
        return [*identity.create(table, column, column.identity, added), *_fill(table, column, by, context)]
    if column.default is None or column.generated is not None or not is_volatile(column.default):
        return None
    given = altering(table, column, f"SET DEFAULT {column.default}")
    added_with_default = makes(Phase.ALTER_TABLE, [*added, given], where, default_of(where))
    return [added_with_default, *_fill(table, column, by, context)]


def _empty(table: Table, column: Column) -> Statement:
    bare = replace(column, nullable=True, default=None, identity=None, not_null="")
    return on(table.address, table.address_of(column), f"ADD COLUMN {plain.clause(table, bare)}", verb="create")


def _fill(table: Table, column: Column, by: tuple[str, ...], context: Context) -> list[Operation]:
    """Return what gives each row the default, then demands that it has a value."""
    where, name = table.address_of(column), names.ident(column.name)
    filled = constraint.stage(where, "filled")
    ready = frozenset({where if column.identity is None else identity.numbered(where)})
    sql = f"UPDATE {table.address.sql} SET {name} = DEFAULT WHERE {name} IS NULL"
    operations = [filling.filled(table, by, sql, change=where, makes=filled, follows=ready)]
    if not column.nullable:
        operations += not_null.demand(table, column, context, after=frozenset({filled}))
    return operations
