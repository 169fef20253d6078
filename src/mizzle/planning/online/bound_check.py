"""Checks that spare PostgreSQL a scan when a partition is attached: made and validated before, dropped afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.online import bound, constraint
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import partition
from mizzle.planning.recipes.constraint import NOT_VALID
from mizzle.planning.steps import Lock, Statement


@dataclass(frozen=True, slots=True)
class Proof:
    """Operations that make and validate a check; `ready` stands for these being through, `undone` drops the check.

    `searched`: PostgreSQL has to look at the rows of the default partition itself.
    """

    operations: tuple[Operation, ...] = ()
    ready: frozenset[Address] = frozenset()
    undone: tuple[Statement, ...] = ()
    searched: bool = False


def within(table: Table, context: Context) -> Proof | None:
    """Return what proves that all rows of a table are those of the partition that it is to be."""
    said = bound.whole(table, context)
    if said is None:
        return None
    message = f"fails if a row of {table.address} belongs to another partition"
    return _proof(context.old_tables[table.address], said, table, context, message)


def excluded(table: Table, context: Context) -> Proof | None:
    """Return what proves that the default partition has no row of one that comes; None where nothing does.

    Where there is no default partition, or a small one, there is nothing to prove.
    """
    default = partition.default_beside(table, context)
    if default is None:
        return Proof()
    if default.address.sql in context.manner.small:
        return Proof(searched=True)
    parent = context.new_tables[Address("table", table.inherits[0])]
    said = bound.expression(parent, table.bound or "", context)
    if said is None or not context.in_use(default.address, table.address):
        return None
    message = f"{partition.misplaced(default, table).message}, and such rows are refused until that is there"
    return _proof(default, f"NOT {said}", table, context, message)


def _free_name(on: Table, table: Table, context: Context) -> str:
    """Return the name of a check `on` a table for the sake of the partition `table`."""
    usual = names.default_name(table.name, (), "bound")
    found = {each.names[-1] for each in (*context.before, *context.after) if each.names[:2] == on.address.names}
    taken = found | context.taken(on.schema)
    return usual if usual not in taken else names.aside(usual, taken)


def _proof(on: Table, said: str, table: Table, context: Context, message: str) -> Proof:
    where, check = table.address, _free_name(on, table, context)
    begun, valid = (Address("stage", (*on.address.names, check, each)) for each in ("added", "valid"))
    clause = f"CONSTRAINT {names.ident(check)} CHECK ({said}){NOT_VALID}"
    added = constraint.added(on.address, where, clause, lock=Lock.ACCESS_EXCLUSIVE)
    looked = constraint.validated(on.address, where, check)
    looked = msgspec.structs.replace(
        looked,
        hazards=tuple(msgspec.structs.replace(each, message=message) for each in looked.hazards),
        scans=tuple(each.address.sql for each in partition.leaves(on, context)),
    )
    return Proof(
        (
            Operation(Phase.CREATE_TABLE, (added,), makes=frozenset({begun}), follows=frozenset({on.address})),
            Operation(Phase.CREATE_TABLE, (looked,), makes=frozenset({valid}), follows=frozenset({begun}), alone=True),
        ),
        frozenset({valid}),
        (dropped(on, check, f"create {where}"),),
    )


def dropped(on: Table, check: str, change: str) -> Statement:
    """Return what drops a check that has served."""
    sql = f"ALTER TABLE {on.address.sql} DROP CONSTRAINT {names.ident(check)}"
    return Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=on.address.sql, change=change)
