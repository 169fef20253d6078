"""Enum types: values are added in place; anything else is a swap of the type under its columns."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.enum import Enum
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, drops, finishes, makes, renames
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.recipes.swap import swap
from mizzle.planning.steps import Hazard, HazardCode, Statement


def create(enum: Enum) -> list[Operation]:
    """CREATE TYPE … AS ENUM."""
    where = address.type_(enum.schema, enum.name)
    statements = [
        Statement(create_sql(enum), change=f"create {where}"),
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
    if where in context.fates.swapped:
        made = [Statement(create_sql(new), change=f"alter {where}"), *created("TYPE", where.sql, new.comment)]
        return swap(where, "TYPE", made, context)
    operations: list[Operation] = []
    if only_adds(old, new):
        operations.append(
            Operation(Phase.ADD_ENUM_VALUE, tuple(_additions(old, new)), alters=frozenset({where}), alone=True)
        )
    if old.comment != new.comment:
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


def create_sql(enum: Enum) -> str:
    """Return CREATE TYPE … AS ENUM."""
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


def converting(column: Address, enum: Address, context: Context) -> Iterator[Hazard]:
    """Yield the hazards of bringing a column from a type to the one that has taken its name and place."""
    table = address.table(*column.names[:2])
    yield Hazard(HazardCode.TABLE_REWRITE, str(column), f"rewrites {table}: nobody can use it meanwhile")
    old, new = context.before[enum], context.after.get(enum)
    if not isinstance(old, Enum) or not isinstance(new, Enum):
        yield Hazard(
            HazardCode.DATA_DEPENDENT, str(column), f"fails if a value of {column} does not fit the new {enum}"
        )
        return
    if gone := [label for label in old.labels if label not in new.labels]:
        values = ", ".join(map(names.literal, gone))
        message = f"fails, and changes nothing, if a row of {table} still holds {values}"
        yield Hazard(HazardCode.DATA_DEPENDENT, str(column), message)
