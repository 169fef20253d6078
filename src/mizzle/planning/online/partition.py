"""Partitions that come and go while others read and write the tables above: ATTACH, and DETACH … CONCURRENTLY.

CREATE TABLE … PARTITION OF and DROP TABLE lock the partitioned table against everybody; these two do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from mizzle import names
from mizzle.catalog import inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.online import bound, bound_check
from mizzle.planning.online.bound_check import Proof
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import constraint, parents, partition
from mizzle.planning.recipes import table as plain
from mizzle.planning.recipes.constraint import NOT_VALID
from mizzle.planning.steps import Condition, Lock, Statement


def create(table: Table, context: Context) -> list[Operation] | None:
    """CREATE TABLE of its own with all that the parent demands, then ATTACH PARTITION."""
    proof = bound_check.excluded(table, context) if _like_parent(table, context) else None
    if proof is None:
        return None
    first, *rest = plain.create(table, context)
    made = plain.create(_whole(table, context), context)[0].statements
    statements = (*made, _attached(table, context, proof, last=False), *proof.undone)
    return [*proof.operations, replace(first, statements=statements, follows=first.follows | proof.ready), *rest]


def drop(table: Table, context: Context) -> list[Operation] | None:
    """DETACH PARTITION … CONCURRENTLY, then DROP TABLE, which locks nothing above by then."""
    where = table.address
    if not _detachable(table, where, context):
        return None
    *first, last = plain.drop(table, context)
    (statement,) = last.statements
    keys = inheritance.expanded(table, context.old_tables).foreign_keys  # its own by then
    referred = dict.fromkeys(key.referenced.sql for key in keys if key.referenced != where)
    alone = msgspec.structs.replace(statement, also=tuple(referred))
    left = _stage(where, "detached")
    detach = Operation(
        Phase.DROP_TABLE,
        (_detached(table, context, f"drop {where}"),),
        makes=frozenset({left}),
        outside=_is_detached(table),
    )
    return [detach, *first, replace(last, statements=(alone,), follows=last.follows | {left})]


def alter(old: Table, new: Table, context: Context) -> list[Operation] | None:
    """Put a table that is there under a parent, or take it from there, where nothing else of it changes."""
    where, manner = new.address, context.manner
    if where in manner.plain or where.sql in manner.small or context.replaced(where):
        return None
    if (old.inherits, old.bound) == (new.inherits, new.bound):
        return None
    if replace(old, inherits=new.inherits, bound=new.bound, attached=new.attached) != new:
        return None
    if not old.inherits and new.bound is not None:
        return _attach(new, context)
    return _detach(old, context) if not new.inherits and old.bound is not None else None


def _attach(table: Table, context: Context) -> list[Operation] | None:
    where = table.address
    if not context.in_use(Address("table", table.inherits[0]), where):
        return None
    proofs = bound_check.within(table, context), bound_check.excluded(table, context)
    mine, others = proofs
    if mine is None or others is None:
        return None
    statements = [_attached(table, context, others, last=True), *mine.undone, *others.undone]
    last = parents.reaches(table, statements, context)
    last = replace(last, follows=last.follows | mine.ready | others.ready, takes=frozenset({where}))
    return [*mine.operations, *others.operations, last, *parents.names_of_parts(None, table, context)]


def _detach(table: Table, context: Context) -> list[Operation] | None:
    """DETACH PARTITION … CONCURRENTLY, then drop the check that it leaves, which says what the bound said."""
    where = table.address
    check = _left_behind(table, context)
    if check is None or not _detachable(table, where, context):
        return None
    left = _stage(where, "detached")
    detach = Operation(
        Phase.DROP_PART,
        (_detached(table, context, f"alter {where}"),),
        makes=frozenset({left}),
        frees=frozenset({where}),
        outside=_is_detached(table),
    )
    undone = bound_check.dropped(table, check, f"alter {where}")
    return [detach, Operation(Phase.DROP_PART, (undone,), follows=frozenset({left}))]


def _left_behind(table: Table, context: Context) -> str | None:
    """Return the name of the check that DETACH CONCURRENTLY leaves; None where that is not known, or there is none."""
    parent = context.new_tables.get(Address("table", table.inherits[0]))
    said = table.bound or ""
    if parent is None or parent.bound is not None or said.startswith("FOR VALUES WITH"):  # of hashes it leaves none
        return None
    keys = bound.columns(parent, context)
    if keys is None or table.checks or ("MINVALUE" in said and "MAXVALUE" in said):
        return None
    over = tuple(names.parse(key.name)[0] for key in keys)
    name = names.default_name(table.name, over if len(over) == 1 else (), "check")
    found = (each for each in (*context.before, *context.after) if each.kind == "constraint")
    return None if any((each.names[0], each.names[-1]) == (table.schema, name) for each in found) else name


def _detachable(table: Table, where: Address, context: Context) -> bool:
    """Say whether PostgreSQL can take a partition away concurrently, with nobody's rows to look at."""
    if table.bound in {None, "DEFAULT"} or partition.default_beside(table, context) is not None:
        return False
    return context.in_use(Address("table", table.inherits[0]), where) and not partition.referring(table, context)


def _detached(table: Table, context: Context, change: str) -> Statement:
    parent = names.dotted(*table.inherits[0])
    locks = partition.leaving(table, context) | {parent: Lock.SHARE_UPDATE_EXCLUSIVE}
    return Statement(
        f"ALTER TABLE {parent} DETACH PARTITION {table.address.sql} CONCURRENTLY",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.address.sql,
        others=tuple(locks.items()),
        change=change,
    )


def _is_detached(table: Table) -> Condition:
    """Return the question whether a partition is one no more, be it dropped by then or not; its parent is there."""
    schema, _ = above = table.inherits[0]
    parent = f"{names.literal(names.dotted(*above))}::regclass"  # a tenant's loses its schema
    home = f"(SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = {parent})"
    if schema != table.schema:
        home = f"(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = {names.literal(table.schema)})"
    found = f"inhparent = {parent} AND c.relname = {names.literal(table.name)} AND c.relnamespace = {home}"
    among = "pg_catalog.pg_inherits JOIN pg_catalog.pg_class c ON c.oid = inhrelid"
    return Condition("query", (f"SELECT NOT EXISTS (SELECT FROM {among} WHERE {found})",), "holds")


def _attached(table: Table, context: Context, others: Proof, *, last: bool) -> Statement:
    """Return ATTACH PARTITION, which believes what was proved; `last` as in recipes.partition.coming()."""
    where = table.address
    locks = partition.coming(table, context, parent=Lock.SHARE_UPDATE_EXCLUSIVE, last=last)
    return Statement(
        parents.attaching(table),
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=where.sql,
        others=tuple(locks.items()),
        hazards=partition.searched(table, context) if others.searched else (),
        change=f"{'alter' if last else 'create'} {where}",
    )


def _like_parent(table: Table, context: Context) -> bool:
    """Say whether a new partition is made of nothing but what its parent passes on, and that stays as it is."""
    own = (*table.columns, table.primary_key, *table.uniques, *table.exclusions)
    if table.bound is None or any(own) or context.fates.swapped:
        return False
    parent = Address("table", table.inherits[0])
    return context.in_use(parent, table.address) and all(_stays(each, context) for each in _above(table, context))


def _above(table: Table, context: Context) -> Iterator[Table]:
    while table.bound is not None:
        table = context.new_tables[Address("table", table.inherits[0])]
        yield table


def _stays(parent: Table, context: Context) -> bool:
    where = parent.address
    if context.old_tables.get(where) != parent or context.replaced(where):
        return False
    if any(context.replaced(part) or context.lets_go(default_of(part)) for part, _ in parent.parts()):
        return False
    lenient = any(constraint.is_lenient(check) for check in parent.checks)
    return not lenient and not any(column.not_null.endswith(NOT_VALID) for column in parent.columns)


def _whole(table: Table, context: Context) -> Table:
    """Return a partition as an ordinary table that can be attached; its indexes and foreign keys come with that."""
    whole = inheritance.expanded(table, context.new_tables)
    return replace(
        table,
        columns=tuple(_passed(each, table, context) for each in whole.columns),
        checks=whole.checks,
        inherits=(),
        bound=None,
        attached=(),
    )


def _passed(column: Column, table: Table, context: Context) -> Column:
    """Return a column as a partition has it: NOT NULL by the parent's name."""
    not_null = column.not_null
    if not column.nullable and not not_null:
        origin = inheritance.origin(table, column.name, context.new_tables)
        holder = origin.names[1] if origin is not None else table.name
        not_null = f"CONSTRAINT {names.ident(names.default_name(holder, (column.name,), 'not_null'))} NOT NULL"
    return replace(column, comment=None, statistics=-1, options=(), not_null=not_null)


def _stage(where: Address, name: str) -> Address:
    return Address("stage", (*where.names, name))
