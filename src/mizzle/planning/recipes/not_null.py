"""NOT NULL, and the constraints that say so (PostgreSQL 18 and newer)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mizzle import names
from mizzle.catalog import inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.recipes.altering import altering, on
from mizzle.planning.recipes.constraint import NOT_VALID
from mizzle.planning.steps import Hazard, HazardCode, Statement


def change(table: Table, old: Column, new: Column) -> list[Statement]:
    """Return what makes a column nullable or not, or changes the constraint that says so."""
    if (old.nullable, old.not_null) == (new.nullable, new.not_null):
        return []
    if new.nullable:
        return [altering(table, new, "DROP NOT NULL")]
    if old.nullable and not new.not_null:
        return [altering(table, new, "SET NOT NULL", hazards=demanding(table.address_of(new)))]
    return named(table, old, new)


def lifted(table: Table, old: Column, new: Column, context: Context) -> Iterator[Statement]:
    """Yield what makes a column nullable in the partitions of a table as well.

    From PostgreSQL 18 on it is a partition's own NOT NULL, too, if its part of a primary key was made USING INDEX, and
    stays when that of the table goes.
    """
    if table.partition_by is None or old.nullable or not new.nullable:
        return
    for each in inheritance.descendants(context.old_tables.get(table.address, table), context.old_children):
        own = any(column.name == new.name for column in each.columns)
        if each.partition_by is None and not own and not context.gone(each.address):
            yield altering(each, new, "DROP NOT NULL")


def named(table: Table, old: Column, new: Column) -> list[Statement]:
    """Return what gives a column a NOT NULL constraint of its own name, or changes that (PostgreSQL 18 and newer)."""
    where, wanted = table.address_of(new), new.not_null or _usual(table, new)
    name, _, rest = wanted.removeprefix("CONSTRAINT ").partition(" NOT NULL")
    if old.nullable:
        hazards = () if wanted.endswith(NOT_VALID) else demanding(where)
        return [
            on(table.address, where, f"ADD CONSTRAINT {name} NOT NULL {names.ident(new.name)}{rest}", hazards=hazards)
        ]
    before, _, was = (old.not_null or _usual(table, old)).removeprefix("CONSTRAINT ").partition(" NOT NULL")
    actions: list[str] = []
    if before != name:
        actions.append(f"RENAME CONSTRAINT {before} TO {name}")
    if was.endswith(NOT_VALID) and not rest.endswith(NOT_VALID):
        actions.append(f"VALIDATE CONSTRAINT {name}")
    elif rest.endswith(NOT_VALID) and not was.endswith(NOT_VALID):
        was = rest
        actions += [f"DROP CONSTRAINT {name}", f"ADD CONSTRAINT {name} NOT NULL {names.ident(new.name)}{rest}"]
    if (" NO INHERIT" in was) != (" NO INHERIT" in rest):
        actions.append(f"ALTER CONSTRAINT {name} {'NO INHERIT' if ' NO INHERIT' in rest else 'INHERIT'}")
    return [on(table.address, where, action) for action in actions]


def _usual(table: Table, column: Column) -> str:
    return f"CONSTRAINT {names.ident(names.default_name(table.name, (column.name,), 'not_null'))} NOT NULL"


def not_valid(table: Table, column: Column) -> Statement:
    """Return what adds a NOT NULL that is not valid yet."""
    return named(table, replace(column, nullable=True), column)[0]


def demanding(where: Address) -> tuple[Hazard, ...]:
    """Return the hazards of SET NOT NULL."""
    return (
        Hazard(HazardCode.TABLE_SCAN, str(where), f"reads all of {where.table}: nobody can use it meanwhile"),
        Hazard(HazardCode.DATA_DEPENDENT, str(where), f"fails if a row has no value in {where}"),
    )
