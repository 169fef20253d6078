"""Checks: added NOT VALID, which looks at no row, then validated while others read and write."""

from __future__ import annotations

from dataclasses import replace

from mizzle.catalog.constraint import Check
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.online import constraint
from mizzle.planning.operations import Operation, Phase, makes
from mizzle.planning.recipes import constraint as plain
from mizzle.planning.steps import Lock


def create(table: Table, check: Check) -> list[Operation] | None:
    """ADD CONSTRAINT … NOT VALID, VALIDATE CONSTRAINT."""
    if plain.is_lenient(check):
        return None
    where = table.address_of(check)
    clause = plain.clause(check) + plain.NOT_VALID
    return [
        makes(Phase.CREATE_PART, [constraint.added(table.address, where, clause, lock=Lock.ACCESS_EXCLUSIVE)], where),
        constraint.validates(constraint.validated(table.address, where, check.name), where),
        *constraint.commented(table.address, check),
    ]


def alter(table: Table, old: Check, new: Check, context: Context) -> list[Operation] | None:
    """Add the new one under another name, validate it, then put it in the place of the old one."""
    if plain.is_lenient(new) or old.definition in {new.definition, new.definition + plain.NOT_VALID}:
        return None
    where = table.address_of(new)
    name = constraint.aside(table.address, new.name, context)
    clause = plain.clause(replace(new, name=name)) + plain.NOT_VALID
    added = constraint.added(table.address, where, clause, lock=Lock.ACCESS_EXCLUSIVE)
    validated = constraint.validated(table.address, where, name)
    replaced = constraint.replaced(table, old, name, (added, validated), context)
    return [*replaced, *constraint.commented(table.address, new, old)]
