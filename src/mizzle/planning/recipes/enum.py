"""Enum types: values are added in place; anything else is a swap of the type under its columns."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.enum import Enum
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters, drops, finishes, makes, renames
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def create(enum: Enum) -> list[Operation]:
    """CREATE TYPE … AS ENUM."""
    where = address.type_(enum.schema, enum.name)
    statements = [
        Statement(_create_sql(enum), change=f"create {where}"),
        *created("TYPE", where.sql, enum.comment),
    ]
    return [makes(Phase.CREATE_OUTER, statements, where)]


def drop(enum: Enum) -> list[Operation]:
    """DROP TYPE, without CASCADE."""
    where = address.type_(enum.schema, enum.name)
    return [drops(Phase.DROP_OUTER, [Statement(f"DROP TYPE {where.sql}", change=f"drop {where}")], where)]


def alter(old: Enum, new: Enum, context: Context) -> list[Operation]:
    """Add values where only some are missing (their order kept), else swap the type."""
    where = address.type_(new.schema, new.name)
    operations: list[Operation] = []
    if only_adds(old, new):
        operations.append(
            Operation(Phase.ADD_ENUM_VALUE, tuple(_additions(old, new)), alters=frozenset({where}), alone=True)
        )
    elif old.labels != new.labels:
        columns = [table.address_of(column) for table, column in _columns(where, context)]
        operations.append(alters(Phase.ALTER_TYPE, _swap(old, new, context), where, *columns))
    if old.comment != new.comment or (not only_adds(old, new) and old.labels != new.labels and new.comment):
        operations.append(finishes([comment("TYPE", where.sql, new.comment)], where))
    return operations


def only_adds(old: Enum, new: Enum) -> bool:
    """Say whether every old label is still there, in the same order, and at least one is new."""
    return old.labels != new.labels and tuple(x for x in new.labels if x in old.labels) == old.labels


def swaps(old: Enum, new: Enum) -> bool:
    """Say whether the labels change in a way that only another type can take over."""
    return old.labels != new.labels and not only_adds(old, new)


def rename(enum: Enum, name: str) -> Operation:
    """ALTER TYPE … RENAME TO; columns, defaults and expressions follow by themselves."""
    where = address.type_(enum.schema, enum.name)
    message = f"renames {where}: code that uses the old name fails"
    statement = Statement(
        f"ALTER TYPE {where.sql} RENAME TO {names.ident(name)}",
        hazards=(Hazard(HazardCode.BREAKS_OLD_CODE, str(where), message),),
        change=f"rename {where}",
    )
    return renames(statement)


def rename_value(enum: Enum, label: str, to: str) -> Operation:
    """ALTER TYPE … RENAME VALUE."""
    where = address.type_(enum.schema, enum.name)
    message = f"renames value {label} of {where}: code that writes or reads the old one fails"
    statement = Statement(
        f"ALTER TYPE {where.sql} RENAME VALUE {names.literal(label)} TO {names.literal(to)}",
        hazards=(Hazard(HazardCode.BREAKS_OLD_CODE, str(where), message),),
        change=f"rename value of {where}",
    )
    return renames(statement)


def uses(column: Column, enum: Address) -> bool:
    """Say whether the column is of the enum type or an array of it."""
    return column.type.removesuffix("[]") == enum.sql


def _create_sql(enum: Enum) -> str:
    labels = ", ".join(map(names.literal, enum.labels))
    return f"CREATE TYPE {address.type_(enum.schema, enum.name).sql} AS ENUM ({labels})"


def _additions(old: Enum, new: Enum) -> Iterator[Statement]:
    where = address.type_(new.schema, new.name)
    for place, label in enumerate(new.labels):
        if label in old.labels:
            continue
        if place:
            position = f" AFTER {names.literal(new.labels[place - 1])}"
        else:
            position = f" BEFORE {names.literal(old.labels[0])}" if old.labels else ""
        yield Statement(f"ALTER TYPE {where.sql} ADD VALUE {names.literal(label)}{position}", change=f"alter {where}")


def _swap(old: Enum, new: Enum, context: Context) -> list[Statement]:
    where = address.type_(new.schema, new.name)
    aside = names.aside(new.name, context.taken(new.schema))
    aside_sql = names.dotted(new.schema, aside)
    statements = [
        Statement(f"ALTER TYPE {where.sql} RENAME TO {names.ident(aside)}", change=f"alter {where}"),
        Statement(_create_sql(new), change=f"alter {where}"),
    ]
    gone = [label for label in old.labels if label not in new.labels]
    for table, column in _columns(where, context):
        statements += _convert(table, column, where, gone, context)
    return [*statements, Statement(f"DROP TYPE {aside_sql}", change=f"alter {where}")]


def _columns(enum: Address, context: Context) -> Iterator[tuple[Table, Column]]:
    for table in context.kept_tables():
        for column in table.ordered_columns:
            wanted = context.new_column(table.address_of(column))
            if uses(column, enum) and wanted is not None and uses(wanted, enum) and wanted.generated is None:
                yield table, column


def _convert(table: Table, column: Column, enum: Address, gone: list[str], context: Context) -> list[Statement]:
    name, where = names.ident(column.name), table.address_of(column)
    array = "[]" if column.type.endswith("[]") else ""
    hazards = [Hazard(HazardCode.TABLE_REWRITE, str(where), f"rewrites {table.address}: nobody can use it meanwhile")]
    if gone:
        values = ", ".join(map(names.literal, gone))
        message = f"fails, and changes nothing, if a row of {table.address} still holds {values}"
        hazards.append(Hazard(HazardCode.DATA_DEPENDENT, str(where), message))

    def altering(action: str, *, hazards: tuple[Hazard, ...] = ()) -> Statement:
        sql = f"ALTER TABLE {table.address.sql} ALTER COLUMN {name} {action}"
        return Statement(
            sql, lock=Lock.ACCESS_EXCLUSIVE, relation=table.address.sql, hazards=hazards, change=f"alter {enum}"
        )

    wanted = context.new_column(where)
    statements = [altering("DROP DEFAULT")] if column.default is not None else []
    action = f"TYPE {column.type} USING {name}::text{array}::{column.type}"
    statements.append(altering(action, hazards=tuple(hazards)))
    if wanted is not None and wanted.default is not None and wanted.type == column.type:
        statements.append(altering(f"SET DEFAULT {wanted.default}"))
    return statements
