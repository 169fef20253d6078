"""Tables under others: partitions and tables that inherit, made, put under a parent, and taken from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mizzle import names
from mizzle.catalog import inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.table import Table
from mizzle.errors import Unsupported
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, finishes
from mizzle.planning.recipes import partition
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def above(table: Table) -> tuple[str, ...]:
    """Return the tables right above one, in SQL."""
    return tuple(names.dotted(*parent) for parent in table.inherits)


def below(table: Table, context: Context) -> tuple[str, ...]:
    """Return the tables below one that were there before, in SQL: what is done to it is done to them."""
    there = context.old_tables.get(table.address)
    found = inheritance.descendants(there, context.old_children) if there is not None else ()
    return tuple(dict.fromkeys(each.address.sql for each in found))


def changes_parents(old: Table, new: Table) -> bool:
    """Say whether a table leaves a parent, comes under one, or holds another part of it."""
    return (old.inherits, old.bound) != (new.inherits, new.bound)


def moved(old: Table, new: Table, context: Context) -> Iterator[Operation]:
    """Yield what takes a table from its old parents, before all else, and puts it under the new ones, at the end.

    Raises Unsupported for a table that is partitioned in another way, or no longer.
    """
    if old.partition_by != new.partition_by:
        raise _repartitioned(old, new)
    if not changes_parents(old, new):
        return
    where = new.address
    left, reached = list(_leaving(old, new, context)), list(_reaching(old, new, context))
    comes = frozenset({under(where)})  # nobody shall find it under no parent in between
    if left:
        yield Operation(Phase.RENAME, tuple(left), drops=comes)
    if reached:
        yield reaches(new, reached, context)


def reaches(new: Table, statements: list[Statement], context: Context) -> Operation:
    """Return the operation that puts a table under its parents, when all is done to both."""
    parts = [part for part, _ in new.parts()]
    parents = [each for parent in new.inherits for each in _whole(parent, context)]
    return replace(finishes(statements, new.address, *parts, *parents), makes=frozenset({under(new.address)}))


def under(where: Address) -> Address:
    """Return what stands for the table at `where` being under its parents."""
    return Address("stage", (*where.names, "under"))


def names_of_parts(old: Table | None, new: Table, context: Context) -> list[Operation]:
    """Return what gives a partition's parts of partitioned indexes their names, from those that they have by then."""
    was = dict(old.attached) if old is not None else {}
    wanted = dict(new.attached)
    statements: list[Statement] = []
    for root in sorted(was.keys() | wanted.keys()):
        part = inheritance.indexed(new, root, context.new_tables)
        if part is None:
            continue
        usual = inheritance.usual_name(new.name, part)
        before, after = was.get(root, usual), wanted.get(root, usual)
        if before != after:
            name = names.dotted(new.schema, before)
            sql = f"ALTER INDEX {name} RENAME TO {names.ident(after)}"
            lock = Lock.SHARE_UPDATE_EXCLUSIVE
            statements.append(Statement(sql, lock=lock, relation=name, change=f"alter {new.address}"))
    roots = [each for parent in new.inherits for each in _whole(parent, context)]
    return [finishes(statements, new.address, *roots)] if statements else []


def _whole(parent: tuple[str, str], context: Context) -> Iterator[Address]:
    table = context.new_tables.get(Address("table", parent))
    if table is not None:
        yield table.address
        yield from (where for where, _ in table.parts())
        for each in table.inherits:
            yield from _whole(each, context)


def _leaving(old: Table, new: Table, context: Context) -> Iterator[Statement]:
    if old.bound is not None:
        sql = f"ALTER TABLE {names.dotted(*old.inherits[0])} DETACH PARTITION {old.address.sql}"
        hazards = tuple(partition.checked(old, context))
        yield _on(old, sql, partition.leaving(old, context), hazards=hazards)
        return
    for parent in old.inherits:
        if parent not in new.inherits:
            yield _on(old, f"ALTER TABLE {old.address.sql} NO INHERIT {names.dotted(*parent)}", {})


def _reaching(old: Table, new: Table, context: Context) -> Iterator[Statement]:
    where = new.address
    if new.bound is not None:
        read = (str(each.address) for each in partition.leaves(old, context))
        scans = (
            Hazard(HazardCode.TABLE_SCAN, each, f"reads all of {each}: nobody can use it meanwhile") for each in read
        )
        fails = Hazard(HazardCode.DATA_DEPENDENT, str(where), f"fails if a row of {where} belongs to another partition")
        others = partition.coming(new, context, parent=Lock.SHARE_UPDATE_EXCLUSIVE, last=True)
        yield _on(new, attaching(new), others, hazards=(*scans, fails, *partition.searched(new, context)))
        return
    for parent in new.inherits:
        if parent not in old.inherits or old.bound is not None:
            sql = f"ALTER TABLE {where.sql} INHERIT {names.dotted(*parent)}"
            yield _on(new, sql, {names.dotted(*parent): Lock.SHARE_UPDATE_EXCLUSIVE})


def attaching(table: Table) -> str:
    """Return what puts a partition under its parent."""
    return f"ALTER TABLE {names.dotted(*table.inherits[0])} ATTACH PARTITION {table.address.sql} {table.bound}"


def _on(table: Table, sql: str, others: dict[str, Lock], *, hazards: tuple[Hazard, ...] = ()) -> Statement:
    where = table.address
    return Statement(
        sql,
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=where.sql,
        others=tuple(others.items()),
        hazards=hazards,
        change=f"alter {where}",
    )


def refuse_owning(column: Address, *, own: bool) -> Unsupported:
    """Return what says that a column cannot come to be a table's `own`, or no longer be that."""
    how = "a column of its own as well" if own else "just what its parent passes on"
    return Unsupported(
        f"cannot make {column} {how}: PostgreSQL decides that when the column is made",
        hint="make the table that inherits anew, in a hand-written migration: mizzle generate --custom",
        objects=(str(column),),
    )


def _repartitioned(old: Table, new: Table) -> Unsupported:
    how = "partitioned in another way" if old.partition_by and new.partition_by else "partitioned"
    how = how if new.partition_by else "a table without partitions"
    return Unsupported(
        f"cannot make {new.address} {how}: PostgreSQL has no ALTER TABLE for that",
        hint="make a new table, move the rows and rename it, in a hand-written migration: mizzle generate --custom",
        objects=(str(new.address),),
    )
