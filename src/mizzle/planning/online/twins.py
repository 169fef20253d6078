"""Indexes and constraints once more, over columns that shall take the place of others: built and validated before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.constraint import Check, Constraint, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.planning import sqlparts
from mizzle.planning.context import Context
from mizzle.planning.online import constraint, index, key
from mizzle.planning.online.retyped import Retyped
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import constraint as plain
from mizzle.planning.recipes import physical
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Lock, Statement


@dataclass(frozen=True, slots=True)
class Twin:
    """What takes the place of an index or a constraint.

    `operations` make it, and the last of them makes `ready`; `goes` are the statements that drop the old one, where it
    does not go by itself with its columns; `comes` those that give the new one its name.
    """

    where: Address
    ready: Address
    operations: tuple[Operation, ...]
    comes: tuple[Statement, ...]
    goes: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """The columns that shall take the place of others, and all that is as wanted only when they have: `mine`."""

    retyped: Retyped
    mine: frozenset[Address]
    context: Context

    @property
    def table(self) -> Table:
        """The table that they are of."""
        return self.retyped.table

    def over(self, definition: str) -> str:
        """Return a definition, over the columns beside."""
        called = {name: names.ident(aside) for name, aside in self.retyped.called.items()}
        return self.retyped.typed(sqlparts.with_columns(definition, called))

    def raw(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return what columns are called beside."""
        return tuple(self.retyped.called.get(name, name) for name in columns)

    def needs(self, where: Address) -> frozenset[Address]:
        """Return what else an object must wait for."""
        return self.context.new_needs.get(where) - self.mine


def of_index(each: Index, beside: Beside, after: frozenset[Address]) -> Twin:
    """Return the twin of an index of the table, built `after` these."""
    where = beside.table.address_of(each)
    ready, aside, built = _built(
        each.name, replace(each, definition=beside.over(each.definition)), where, beside, after
    )
    renamed = Statement(
        f"ALTER INDEX {aside.sql} RENAME TO {names.ident(each.name)}",
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        relation=aside.sql,
        change=f"alter {where}",
    )
    more = [*physical.targets(where, (), each.statistics), *created("INDEX", where.sql, each.comment)]
    return Twin(where, ready, (built,), (renamed, *more))


def of_constraint(each: Constraint, beside: Beside, after: frozenset[Address]) -> Twin:
    """Return the twin of a constraint of the table itself."""
    match each:
        case PrimaryKey() | Unique():
            return _of_key(each, beside, after)
        case Check():
            over = replace(each, definition=beside.over(each.definition))
            return _added(beside.table, each, over, after | beside.needs(beside.table.address_of(each)), beside.context)
        case ForeignKey():
            referred = beside.raw(each.ref_columns) if each.referenced == beside.table.address else each.ref_columns
            columns, set_columns = beside.raw(each.columns), beside.raw(each.set_columns)
            over = replace(each, columns=columns, ref_columns=referred, set_columns=set_columns)
            twin = _added(beside.table, each, over, after | beside.needs(beside.table.address_of(each)), beside.context)
            return replace(twin, goes=(_dropped(beside.table, each),))
        case Exclusion():
            raise AssertionError(each)  # which no recipe takes on


def of_reference(other: Table, each: ForeignKey, beside: Beside, after: frozenset[Address]) -> Twin:
    """Return the twin of another table's foreign key to the columns."""
    twin = _added(other, each, replace(each, ref_columns=beside.raw(each.ref_columns)), after, beside.context)
    return replace(twin, goes=(_dropped(other, each),))


def all_of(parts: Iterable[Index | Constraint], beside: Beside, filled: Address) -> list[Twin]:
    """Return the twins of the table's own parts, keys first: its foreign keys may refer to these."""
    ordered = sorted(parts, key=lambda each: isinstance(each, ForeignKey))
    made: list[Twin] = []
    for each in ordered:
        after = frozenset({filled, *(twin.ready for twin in made if isinstance(each, ForeignKey))})
        made.append(of_index(each, beside, after) if isinstance(each, Index) else of_constraint(each, beside, after))
    return made


def _built(
    name: str, twin: Index, where: Address, beside: Beside, after: frozenset[Address]
) -> tuple[Address, Address, Operation]:
    """Return what stands for a built index, its address until it is called `name`, and the operation that builds it."""
    table, context = beside.table, beside.context
    aside = address.index(table.schema, names.aside(name, context.taken(table.schema)))
    ready = _stage(table, name, "built")
    built = Operation(
        Phase.BUILD,
        (index.build(table.address, aside, twin, subject=where),),
        makes=frozenset({ready}),
        follows=after | beside.needs(where),
        outside=index.valid(aside),
    )
    return ready, aside, built


def _of_key(each: PrimaryKey | Unique, beside: Beside, after: frozenset[Address]) -> Twin:
    table, where = beside.table, beside.table.address_of(each)
    definition = key.definition(replace(each, definition=beside.over(each.definition)))
    ready, aside, built = _built(each.name, Index(each.name, definition, unique=True), where, beside, after)
    comes = key.adding(table, f"ADD {key.using(each, aside.name)}", where)
    comment = created("CONSTRAINT", plain.on_table(table.address, each.name), each.comment, relation=table.address.sql)
    return Twin(where, ready, (built,), (comes, *comment))


def _added(
    table: Table, each: Check | ForeignKey, over: Check | ForeignKey, follows: frozenset[Address], context: Context
) -> Twin:
    lock = Lock.SHARE_ROW_EXCLUSIVE if isinstance(each, ForeignKey) else Lock.ACCESS_EXCLUSIVE
    where = table.address_of(each)
    aside = constraint.aside(table.address, each.name, context)
    clause = plain.clause(replace(over, name=aside))  # another one for each time that a key is led over
    begun, ready = _stage(table, clause, "added"), _stage(table, clause, "valid")
    also = plain.referenced(over)
    lenient = plain.is_lenient(over)
    clause += "" if lenient else plain.NOT_VALID
    added = constraint.added(table.address, where, clause, lock=lock, also=also)
    operations = [Operation(Phase.CREATE_FOREIGN_KEY, (added,), makes=frozenset({begun}), follows=follows)]
    if not lenient:
        others = tuple((name, Lock.ROW_SHARE) for name in also if name != table.address.sql)
        validated = constraint.validated(table.address, where, aside, others=others)
        operations.append(
            Operation(Phase.VALIDATE, (validated,), makes=frozenset({ready}), follows=frozenset({begun}), alone=True)
        )
    renamed = Statement(
        f"ALTER TABLE {table.address.sql} RENAME CONSTRAINT {names.ident(aside)} TO {names.ident(each.name)}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.address.sql,
        change=f"alter {where}",
    )
    comment = created("CONSTRAINT", plain.on_table(table.address, each.name), each.comment, relation=table.address.sql)
    return Twin(where, begun if lenient else ready, tuple(operations), (renamed, *comment))


def _dropped(table: Table, each: ForeignKey) -> Statement:
    return Statement(
        f"ALTER TABLE {table.address.sql} DROP CONSTRAINT {names.ident(each.name)}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.address.sql,
        also=plain.referenced(each),
        change=f"alter {table.address_of(each)}",
    )


def _stage(table: Table, name: str, stage: str) -> Address:
    return Address("stage", (*table.address.names, name, f"twin {stage}"))
