"""NOT NULL without reading the table under a lock that stops others.

From PostgreSQL 18 on it is a constraint that can be NOT VALID first. Before, a check says the same, is validated, and
SET NOT NULL believes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import PrimaryKey, Unique
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.online import constraint
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import column as plain
from mizzle.planning.recipes.altering import altering
from mizzle.planning.recipes.constraint import NOT_VALID
from mizzle.planning.steps import Lock, Statement

_A_CONSTRAINT = 18
"""The major from which on NOT NULL is a constraint that can be NOT VALID."""


def alter(table: Table, old: Column, new: Column, context: Context) -> list[Operation] | None:
    """Change what else there is to change of the column, then demand values."""
    if not old.nullable or new.nullable or new.not_null.endswith(NOT_VALID) or old.inherited or new.inherited:
        return None
    if new.generated is not None or context.replaced(table.address_of(new)):
        return None
    rest = plain.alter(table, old, replace(new, nullable=True, not_null=""), context)
    if new.identity is not None and old.identity is None:  # which PostgreSQL gives to no column that may be NULL
        default, there = default_of(table.address_of(new)), frozenset({reached(table.address_of(new))})
        rest = [replace(each, follows=each.follows | there) if default in each.makes else each for each in rest]
    return [*rest, *demand(table, new, context)]


def demand(
    table: Table, column: Column, context: Context, *, after: frozenset[Address] = frozenset()
) -> list[Operation]:
    """Return what makes a column NOT NULL: one that is there, or a new one that is filled when `after` is there."""
    where = table.address_of(column)
    if column.not_null or context.major >= _A_CONSTRAINT:
        return _by_constraint(table, column, where, after)
    return _by_check(table, column, where, after, context)


def demanded(table: Table, key: PrimaryKey | Unique) -> Iterator[Address]:
    """Yield what stands for the columns of a primary key being NOT NULL, which it must not have to find out itself."""
    if isinstance(key, PrimaryKey):
        yield from (reached(Address("column", (*table.address.names, name))) for name in key.columns)


def reached(column: Address) -> Address:
    """Return what stands for a column being NOT NULL."""
    return constraint.stage(column, "not null")


def _by_constraint(table: Table, column: Column, where: Address, after: frozenset[Address]) -> list[Operation]:
    usual = names.default_name(table.name, (column.name,), "not_null")
    said = column.not_null or f"CONSTRAINT {names.ident(usual)} NOT NULL"
    name, _, rest = said.removeprefix("CONSTRAINT ").partition(" NOT NULL")
    clause = f"CONSTRAINT {name} NOT NULL {names.ident(column.name)}{rest}{NOT_VALID}"
    added = constraint.added(table.address, where, clause, lock=Lock.ACCESS_EXCLUSIVE)
    (raw,) = names.parse(name)
    return _steps(where, added, constraint.validated(table.address, where, raw), (), after)


def _by_check(
    table: Table, column: Column, where: Address, after: frozenset[Address], context: Context
) -> list[Operation]:
    usual = names.default_name(table.name, (column.name,), "not_null")
    name = constraint.aside(table.address, usual, context)
    clause = f"CONSTRAINT {names.ident(name)} CHECK ({names.ident(column.name)} IS NOT NULL){NOT_VALID}"
    added = constraint.added(table.address, where, clause, lock=Lock.ACCESS_EXCLUSIVE)
    dropped = Statement(
        f"ALTER TABLE {table.address.sql} DROP CONSTRAINT {names.ident(name)}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.address.sql,
        change=f"alter {where}",
    )
    believed = (altering(table, column, "SET NOT NULL"), dropped)
    return _steps(where, added, constraint.validated(table.address, where, name), believed, after)


def _steps(
    where: Address, added: Statement, validated: Statement, last: tuple[Statement, ...], after: frozenset[Address]
) -> list[Operation]:
    begun, valid, ended = constraint.stage(where, "not valid"), constraint.stage(where, "valid"), reached(where)
    ends = valid if last else ended
    if after:  # there is no row that has none
        validated = msgspec.structs.replace(validated, hazards=())
    operations = [
        Operation(Phase.CREATE_PART, (added,), makes=frozenset({begun}), follows=after | {where}),
        Operation(
            Phase.VALIDATE, (validated,), makes=frozenset({ends}), follows=frozenset({begun}), alone=True, change=where
        ),
    ]
    if last:
        operations.append(Operation(Phase.VALIDATE, last, makes=frozenset({ended}), follows=frozenset({valid})))
    return operations
