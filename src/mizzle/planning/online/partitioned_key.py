"""Keys of partitioned tables: an empty one above, one for each partition, built CONCURRENTLY and put under it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mizzle import names
from mizzle.catalog import address, inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.constraint import PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.online import constraint, index
from mizzle.planning.online.not_null import demanded
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import constraint as plain
from mizzle.planning.steps import Lock, Statement

Key = PrimaryKey | Unique


@dataclass(frozen=True, slots=True)
class _Part:
    """A table, the key that it shall have, and the index of that."""

    table: Table
    key: Key

    @property
    def index(self) -> Address:
        return address.index(self.table.schema, self.key.name)

    @property
    def built(self) -> Address:
        """What stands for the index being built."""
        return Address("stage", (*self.index.names, "built"))


def create(table: Table, key: Key, context: Context, *, over: str, using: str) -> list[Operation] | None:
    """ADD CONSTRAINT to the table ONLY, one USING INDEX to each partition, ALTER INDEX … ATTACH PARTITION.

    `over` is what the index of the key says behind its table's name, `using` what the key says behind USING INDEX.
    None where a partition is new, or has a key or an index of that name.
    """
    where = table.address_of(key)
    below = list(inheritance.descendants(table, context.new_children))
    parts = {each.address: _Part(each, replace(key, name=inheritance.part_name(each, key))) for each in below}
    if not below or key.options or any(_taken(each, context) for each in parts.values()):
        return None
    parts[table.address] = _Part(table, key)
    leaves = [each for each in parts.values() if each.table.partition_by is None]
    begun = Address("stage", (*where.names, "only"))
    built = [_built(each, where, over, begun) for each in leaves]
    empty = (_empty(each, where) for each in parts.values() if each.table.partition_by is not None)
    adopted = [_adopted(each, where, using) for each in leaves]
    needed = context.new_needs.get(where) | {*demanded(table, key)}
    return [
        Operation(Phase.BUILD, tuple(empty), makes=frozenset({begun}), follows=needed),
        *(replace(each, follows=each.follows | needed) for each in built),
        *adopted,
        Operation(
            Phase.TAKE_OVER,
            tuple(_attached(below, parts, where)),
            makes=frozenset({where}),
            follows=frozenset(one for each in adopted for one in each.makes),
        ),
        *constraint.commented(table.address, key),
    ]


def _taken(part: _Part, context: Context) -> bool:
    """Say whether a partition is new, or moves, or cannot have the key by the name that it is to have."""
    there = context.old_tables.get(part.table.address)
    if there is None or (there.inherits, there.bound) != (part.table.inherits, part.table.bound):
        return True
    if isinstance(part.key, PrimaryKey) and there.primary_key is not None:
        return True
    same = any(each.columns == part.key.columns for each in (*there.uniques, *there.indexes))
    return same or part.key.name in context.taken(part.table.schema)


def _empty(part: _Part, where: Address) -> Statement:
    sql = part.table.address.sql
    return Statement(
        f"ALTER TABLE ONLY {sql} ADD {plain.clause(part.key)}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=sql,
        change=f"create {where}",
    )


def _built(part: _Part, where: Address, over: str, begun: Address) -> Operation:
    statement = index.build(part.table.address, part.index, Index(part.key.name, over, unique=True), subject=where)
    return Operation(
        Phase.BUILD,
        (statement,),
        makes=frozenset({part.built}),
        follows=frozenset({begun, part.table.address}),
        outside=index.valid(part.index),
    )


def _adopted(part: _Part, where: Address, using: str) -> Operation:
    kind = "PRIMARY KEY" if isinstance(part.key, PrimaryKey) else "UNIQUE"
    name, sql = names.ident(part.key.name), part.table.address.sql
    statement = Statement(
        f"ALTER TABLE {sql} ADD CONSTRAINT {name} {kind} USING INDEX {name}{using}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=sql,
        change=f"create {where}",
    )
    ready = Address("stage", (*part.index.names, "key"))
    return Operation(Phase.TAKE_OVER, (statement,), makes=frozenset({ready}), follows=frozenset({part.built}))


def _attached(below: list[Table], parts: dict[Address, _Part], where: Address) -> Iterator[Statement]:
    for each in reversed(below):
        mine, above = parts[each.address].index, parts[Address("table", each.inherits[0])].index
        yield index.attaching(mine, above, change=f"create {where}")
