"""Foreign keys: added NOT VALID, which looks at no row, then validated while others read and write.

Of a partitioned table up to PostgreSQL 17, where there is no NOT VALID, first on each partition: the key of the table
takes these over, and does not look at the rows again.
"""

from __future__ import annotations

from dataclasses import replace

from msgspec.structs import replace as told

from mizzle.catalog import inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.constraint import ForeignKey
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.online import constraint
from mizzle.planning.operations import Operation, Phase, makes
from mizzle.planning.recipes import constraint as plain
from mizzle.planning.steps import Lock, Statement

_NOT_VALID_ON_PARTITIONED = 18
"""The major from which on ADD FOREIGN KEY … NOT VALID is there for partitioned tables."""


def create(table: Table, key: ForeignKey, context: Context) -> list[Operation] | None:
    """ADD CONSTRAINT … NOT VALID, VALIDATE CONSTRAINT."""
    if plain.is_lenient(key):
        return None
    where = table.address_of(key)
    if table.partition_by is not None and context.major < _NOT_VALID_ON_PARTITIONED:
        return _of_partitions(table, key, context)
    return [
        makes(Phase.CREATE_FOREIGN_KEY, [_added(table.address, where, replace(key, validated=False))], where),
        constraint.validates(_validated(table.address, where, key), where),
        *constraint.commented(table.address, key),
    ]


def alter(table: Table, old: ForeignKey, new: ForeignKey, context: Context) -> list[Operation] | None:
    """Add the new one under another name, validate it, then put it in the place of the old one."""
    partitioned = table.partition_by is not None and context.major < _NOT_VALID_ON_PARTITIONED
    if plain.is_lenient(new) or plain.in_place(table.address, old, new) or partitioned:
        return None
    if plain.bare(old) == plain.bare(new):
        return None
    where = table.address_of(new)
    name = constraint.aside(table.address, new.name, context)
    added = _added(table.address, where, replace(new, name=name, validated=False))
    validated = _validated(table.address, where, replace(new, name=name))
    replaced = constraint.replaced(table, old, name, (added, validated), context)
    return [*replaced, *constraint.commented(table.address, new, old)]


def _added(table: Address, where: Address, key: ForeignKey) -> Statement:
    also = plain.referenced(key)
    return constraint.added(table, where, plain.clause(key), lock=Lock.SHARE_ROW_EXCLUSIVE, also=also)


def _validated(table: Address, where: Address, key: ForeignKey) -> Statement:
    others = tuple((name, Lock.ROW_SHARE) for name in plain.referenced(key) if name != table.sql)
    return constraint.validated(table, where, key.name, others=others)


def _of_partitions(table: Table, key: ForeignKey, context: Context) -> list[Operation] | None:
    """Return what adds and validates the key of each partition, then that of the table; None where one is new."""
    where = table.address_of(key)
    below = list(inheritance.descendants(table, context.new_children))
    leaves = [each for each in below if each.partition_by is None]
    taken = {name for each in (*below, table) for name in _constraints(each, context)}
    if not leaves or key.name in taken or any(each.address not in context.before for each in below):
        return None
    operations: list[Operation] = []
    ready: set[Address] = set()
    for leaf in leaves:
        added, valid = (Address("stage", (*leaf.address.names, key.name, each)) for each in ("added", "valid"))
        ready.add(valid)
        statement = _added(leaf.address, where, replace(key, validated=False))
        operations.append(
            Operation(
                Phase.CREATE_FOREIGN_KEY,
                (statement,),
                makes=frozenset({added}),
                follows=context.new_needs.get(where),
            )
        )
        validates = constraint.validates(_validated(leaf.address, where, key), where)
        operations.append(replace(validates, follows=frozenset({added}), makes=frozenset({valid})))
    adopted = told(
        _added(table.address, where, key),
        also=(),
        others=tuple((n, Lock.ACCESS_EXCLUSIVE) for n in plain.referenced(key)),
    )  # whose triggers for the keys of the partitions are dropped
    last = Operation(Phase.VALIDATE, (adopted,), makes=frozenset({where}), follows=frozenset(ready))
    return [*operations, last, *constraint.commented(table.address, key)]


def _constraints(table: Table, context: Context) -> frozenset[str]:
    there = context.old_tables.get(table.address)
    return frozenset(each.name for each in there.constraints) if there is not None else frozenset()
