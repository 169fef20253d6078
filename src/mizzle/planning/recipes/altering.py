"""ALTER TABLE … ALTER COLUMN, as a statement."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.planning.steps import Hazard, Lock, Statement


def on(
    table: Address, where: Address, action: str, *, verb: str = "alter", hazards: tuple[Hazard, ...] = ()
) -> Statement:
    """Return what does `action` to a table, for the sake of what is at `where`."""
    return Statement(
        f"ALTER TABLE {table.sql} {action}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.sql,
        hazards=hazards,
        change=f"{verb} {where}",
    )


def altering(table: Table, column: Column, action: str, *, hazards: tuple[Hazard, ...] = ()) -> Statement:
    """Return what does `action` to a column."""
    where = table.address_of(column)
    return on(table.address, where, f"ALTER COLUMN {names.ident(column.name)} {action}", hazards=hazards)
