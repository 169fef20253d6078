"""What it does to other tables that a partition comes under its parent, or leaves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mizzle import names
from mizzle.catalog import inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.constraint import ForeignKey
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.steps import Hazard, HazardCode, Lock

Tables = Mapping[Address, Table]


def default_beside(partition: Table, context: Context) -> Table | None:
    """Return the default partition beside one, if there was another: what it holds changes with this one."""
    siblings = context.old_children.get(partition.inherits[0], ())
    return next((each for each in siblings if each.bound == "DEFAULT" and each.name != partition.name), None)


def coming(partition: Table, context: Context, *, parent: Lock, last: bool) -> dict[str, Lock]:
    """Return what is locked when a partition comes under its parent, but for itself: the parent with that lock.

    `last`: when all else in the plan is done, so that new foreign keys are there.
    """
    tables = context.new_tables if last else context.old_tables
    found = {names.dotted(*partition.inherits[0]): parent}
    for name, lock in _tied(partition, tables, context, last=last):
        found[name] = max(found.get(name, Lock.NONE), lock, key=lambda each: each.rank)
    default = default_beside(partition, context)
    if default is not None:
        found |= dict.fromkeys((default.address.sql, *_below(default, context)), Lock.ACCESS_EXCLUSIVE)
    return found


def leaving(partition: Table, context: Context) -> dict[str, Lock]:
    """Return what is locked when a partition leaves its parent, but for itself and what is below it."""
    tied = _tied(partition, context.old_tables, context, last=True)
    found = dict.fromkeys((name for name, _ in tied), Lock.SHARE_ROW_EXCLUSIVE)
    default = default_beside(partition, context)
    others = (*(table.address for table in referring(partition, context)), *((default.address,) if default else ()))
    return found | dict.fromkeys((names.dotted(*partition.inherits[0]), *map(_sql, others)), Lock.ACCESS_EXCLUSIVE)


def referring(partition: Table, context: Context) -> list[Table]:
    """Return the old tables with foreign keys to one above a partition."""
    above = _above(partition, context.old_tables)
    return [table for table in context.old.tables if any(key.referenced in above for key in table.foreign_keys)]


def searched(partition: Table, context: Context) -> tuple[Hazard, ...]:
    """Return the hazards of a default partition that is searched for rows of the new one, if there is one."""
    default = default_beside(partition, context)
    return () if default is None else tuple(_searched(default, partition, context))


def _searched(default: Table, partition: Table, context: Context) -> Iterator[Hazard]:
    for each in leaves(default, context):
        message = f"reads all of {each.address} for rows of {partition.address}: nobody can use it meanwhile"
        yield Hazard(HazardCode.TABLE_SCAN, str(each.address), message)
    yield misplaced(default, partition)


def misplaced(default: Table, partition: Table) -> Hazard:
    """Return the hazard that a default partition holds rows of another one."""
    message = f"fails if {default.address} holds rows of {partition.address}"
    return Hazard(HazardCode.DATA_DEPENDENT, str(default.address), message)


def checked(partition: Table, context: Context) -> Iterator[Hazard]:
    """Yield the hazards of the tables whose rows may refer to a partition that leaves."""
    for table in referring(partition, context):
        message = f"reads all of {table.address} for references to {partition.address}: nobody can use it meanwhile"
        yield Hazard(HazardCode.TABLE_SCAN, str(table.address), message)
        message = f"fails if rows of {table.address} refer to {partition.address}"
        yield Hazard(HazardCode.DATA_DEPENDENT, str(table.address), message)


def leaves(table: Table, context: Context) -> list[Table]:
    """Return the tables that hold the rows of one that was there: itself, or its partitions that have none."""
    if table.partition_by is None:
        return [table]
    return [each for each in inheritance.descendants(table, context.old_children) if each.partition_by is None]


def _below(table: Table, context: Context) -> tuple[str, ...]:
    return tuple(each.address.sql for each in inheritance.descendants(table, context.old_children))


def _above(partition: Table, tables: Tables) -> set[Address]:
    """Return the tables above a partition."""
    found: set[Address] = set()
    below: Table | None = partition
    while below is not None and below.bound is not None:
        where = Address("table", below.inherits[0])
        found.add(where)
        below = tables.get(where)
    return found


def _tied(partition: Table, tables: Tables, context: Context, *, last: bool) -> Iterator[tuple[str, Lock]]:
    """Yield what the foreign keys of those above a partition refer to, and what refers to these, with their locks.

    Without `last`, of those keys alone that stay. The triggers of keys that a table had before are dropped there.
    """
    above = _above(partition, tables)
    there = Lock.ACCESS_EXCLUSIVE if partition.address in context.before else Lock.SHARE_ROW_EXCLUSIVE
    for table in tables.values():
        for key in table.foreign_keys:
            if not last and context.gone(table.address_of(key)):
                continue
            if table.address in above:
                yield from ((name, there) for name in _referenced(key, context))
            if key.referenced in above:
                yield table.address.sql, Lock.SHARE_ROW_EXCLUSIVE


def _referenced(key: ForeignKey, context: Context) -> tuple[str, ...]:
    there = context.old_tables.get(key.referenced)
    return (key.referenced.sql, *(_below(there, context) if there is not None else ()))


def _sql(where: Address) -> str:
    return where.sql
