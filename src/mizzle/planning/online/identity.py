"""New identity columns: filled in batches from a sequence of their own, which the identity then goes on from."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column, Identity
from mizzle.catalog.table import Table
from mizzle.planning.needs import default_of
from mizzle.planning.online import constraint, not_null
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import identity as plain
from mizzle.planning.recipes import sequence
from mizzle.planning.recipes.altering import altering
from mizzle.planning.steps import Lock, Statement


def create(
    table: Table, column: Column, wanted: Identity, added: list[Statement], *, follows: frozenset[Address]
) -> list[Operation]:
    """Return what gives a column, which is `added` empty, numbers by default, and its identity when it is filled."""
    where = table.address_of(column)
    aside = address.sequence(table.schema, names.aside(wanted.sequence, {wanted.sequence}))
    name = names.literal(aside.sql)
    made = Statement(
        " ".join([f"CREATE SEQUENCE {aside.sql}", *sequence.clauses(wanted.options)]), change=f"create {aside}"
    )
    given = altering(table, column, f"SET DEFAULT nextval({name}::regclass)")
    begun = Operation(Phase.ALTER_TABLE, (made, *added, given), makes=frozenset({numbered(where)}), follows=follows)
    final = address.sequence(table.schema, wanted.sequence)
    last = [
        altering(table, column, "DROP DEFAULT"),
        altering(table, column, f"ADD {plain.clause(table.address, column.name, wanted)}"),
        going_on(final, aside, where),
        Statement(
            f"DROP SEQUENCE {aside.sql}", lock=Lock.ACCESS_EXCLUSIVE, relation=aside.sql, change=f"alter {where}"
        ),
    ]
    reached = Operation(
        Phase.VALIDATE,
        tuple(last),
        makes=frozenset({default_of(where)}),
        follows=frozenset({not_null.reached(where)}),
    )
    return [begun, reached]


def numbered(column: Address) -> Address:
    """Return what stands for a column having numbers by default."""
    return constraint.stage(column, "numbered")


def going_on(sequence: Address, other: Address, column: Address) -> Statement:
    """Return what lets one sequence go on where another is."""
    sql = f"SELECT setval({names.literal(sequence.sql)}::regclass, last_value, is_called) FROM {other.sql}"
    return Statement(sql, change=f"alter {column}")
