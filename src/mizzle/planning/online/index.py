"""Indexes, built, replaced and dropped CONCURRENTLY: neither readers nor writers wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mizzle import names
from mizzle.catalog import address, inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.index import Index
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, finishes, makes
from mizzle.planning.recipes import physical
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Condition, Hazard, HazardCode, Lock, Statement

Holder = Table | MaterializedView


def create(holder: Holder, index: Index, context: Context) -> list[Operation] | None:
    """CREATE INDEX CONCURRENTLY; of a partitioned table, one for each partition, put under one that is empty."""
    if not index.valid:
        return None
    where = address.index(holder.schema, index.name)
    if isinstance(holder, Table) and holder.partition_by is not None:
        made = _of_partitions(holder, index, context)
        return [*made, *_extras(where, index)] if made else None
    built = build(holder.address, where, index)
    return [
        Operation(Phase.BUILD, (built,), makes=frozenset({where}), outside=valid(where)),
        *_extras(where, index),
    ]


def alter(holder: Holder, old: Index, new: Index, context: Context) -> list[Operation] | None:
    """Put the old index aside, build the new one, then drop the old one: there always is one."""
    where = address.index(holder.schema, new.name)
    same = (old.definition, old.unique, old.valid) == (new.definition, new.unique, new.valid)
    if same or not new.valid or (isinstance(holder, Table) and holder.partition_by is not None):
        return None
    if any(where in context.old_needs.get(user) for user in context.fates.lost):
        return None
    aside = address.index(where.names[0], names.aside(where.name, context.taken(where.names[0])))
    waiting = frozenset({Address("stage", (*where.names, "aside"))})
    renamed = Statement(
        f"ALTER INDEX {where.sql} RENAME TO {names.ident(aside.name)}",
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        relation=where.sql,
        change=f"alter {where}",
    )
    built = build(holder.address, where, new)
    # What the old one is over may go only after it, and what the new one is over must be there before it.
    over = context.old_needs.get(where) - context.new_needs.get(where)
    return [
        Operation(Phase.BUILD, (renamed,), frees=frozenset({where}), makes=waiting),
        Operation(
            Phase.BUILD, (built,), alters=frozenset({where}), follows=waiting, outside=valid(where), change=where
        ),
        Operation(
            Phase.DROP_INDEX,
            (_dropped(holder.address, aside, str(where)),),
            follows=frozenset({where}),
            precedes=over,
            outside=_absent(aside),
        ),
        *_extras(where, new),
    ]


def drop(holder: Holder, index: Index) -> list[Operation] | None:
    """DROP INDEX CONCURRENTLY, which PostgreSQL has not for a partitioned table's."""
    if isinstance(holder, Table) and holder.partition_by is not None:
        return None
    where = address.index(holder.schema, index.name)
    hazard = Hazard(HazardCode.INDEX_DROPPED, str(where), f"drops {where}: queries that use it slow down")
    dropped = _dropped(holder.address, where, str(where), hazard)
    return [
        Operation(Phase.DROP_INDEX, (dropped,), drops=frozenset({where}), outside=_absent(where)),
    ]


def build(table: Address, where: Address, index: Index, *, subject: Address | None = None) -> Statement:
    """Return the concurrent build of the index at `where`; `subject` is what fails where rows have the same values."""
    unique = "UNIQUE " if index.unique else ""
    message = f"fails if rows of {table.sql} have the same values in {subject or where}"
    hazard = Hazard(HazardCode.DATA_DEPENDENT, str(subject or where), message)
    return Statement(
        f"CREATE {unique}INDEX CONCURRENTLY {names.ident(where.name)} ON {table.sql} {index.definition}",
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        relation=table.sql,
        hazards=(hazard,) if index.unique else (),
        change=f"create {subject or where}",
        builds=(where.sql,),
    )


def valid(where: Address) -> Condition:
    """Return the condition under which an index is built."""
    return Condition("index", where.names, "is valid")


def _absent(where: Address) -> Condition:
    return Condition("index", where.names, "is absent")


def _dropped(table: Address, where: Address, subject: str, *hazards: Hazard) -> Statement:
    return Statement(
        f"DROP INDEX CONCURRENTLY {where.sql}",
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        relation=table.sql,
        hazards=hazards,
        change=f"drop {subject}",
    )


def _extras(where: Address, index: Index) -> list[Operation]:
    more = [*physical.targets(where, (), index.statistics), *created("INDEX", where.sql, index.comment)]
    return [finishes(more, where)] if more else []


def _of_partitions(table: Table, index: Index, context: Context) -> list[Operation]:
    """Return what makes an empty index, builds that of each partition, and puts them under it.

    Nothing, where a partition is new, or has an index of that name.
    """
    where = table.address_of(index)
    below = list(inheritance.descendants(table, context.new_children))
    if any(each.address not in context.before for each in below) or not below:
        return []
    own = {each.address: address.index(each.schema, inheritance.part_name(each, index)) for each in below}
    if any(each in context.before for each in own.values()):
        return []
    above = {table.address: where, **own}
    begun = frozenset({Address("stage", (*where.names, "only"))})
    parted = [each for each in (table, *below) if each.partition_by is not None]
    empty = [_empty(each.address, above[each.address], index) for each in parted]
    operations = [Operation(Phase.BUILD, tuple(empty), makes=begun, follows=frozenset({table.address}))]
    built: set[Address] = set()
    for leaf in below:
        if leaf.partition_by is not None:
            continue
        mine = own[leaf.address]
        stage = Address("stage", (*mine.names, "built"))
        built.add(stage)
        statement = build(leaf.address, mine, index, subject=where)
        operations.append(
            Operation(
                Phase.BUILD,
                (statement,),
                makes=frozenset({stage}),
                follows=begun | {leaf.address},
                outside=valid(mine),
            )
        )
    attached = list(_attached(below, own, above))
    over = context.new_needs.get(where)
    operations = [_after(each, over) for each in operations]
    last = makes(Phase.TAKE_OVER, attached, where)
    return [*operations, _after(last, frozenset(built))]


def _after(operation: Operation, what: frozenset[Address]) -> Operation:
    return replace(operation, follows=operation.follows | what)


def _empty(table: Address, where: Address, index: Index) -> Statement:
    unique = "UNIQUE " if index.unique else ""
    return Statement(
        f"CREATE {unique}INDEX {names.ident(where.name)} ON ONLY {table.sql} {index.definition}",
        lock=Lock.SHARE,
        relation=table.sql,
        change=f"create {where}",
    )


def _attached(below: list[Table], own: dict[Address, Address], above: dict[Address, Address]) -> Iterator[Statement]:
    for each in reversed(below):
        mine, theirs = own[each.address], above[Address("table", each.inherits[0])]
        yield attaching(mine, theirs, change=f"create {theirs}")


def attaching(mine: Address, theirs: Address, *, change: str) -> Statement:
    """Return what puts the index of a partition under that of the table above it."""
    return Statement(
        f"ALTER INDEX {theirs.sql} ATTACH PARTITION {mine.sql}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=mine.sql,
        others=((theirs.sql, Lock.SHARE_UPDATE_EXCLUSIVE),),
        change=change,
    )
