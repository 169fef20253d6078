"""What the online recipes of constraints share: added without looking at the rows, looked at later, given a name."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.constraint import Constraint, ForeignKey
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, finishes
from mizzle.planning.recipes import constraint as plain
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def added(table: Address, where: Address, clause: str, *, lock: Lock, also: tuple[str, ...] = ()) -> Statement:
    """Return ADD CONSTRAINT for the sake of the constraint at `where`; `clause` says CONSTRAINT, name and the rest."""
    return Statement(
        f"ALTER TABLE {table.sql} ADD {clause}", lock=lock, relation=table.sql, also=also, change=f"create {where}"
    )


def validated(table: Address, where: Address, name: str, *, others: tuple[tuple[str, Lock], ...] = ()) -> Statement:
    """Return what looks at all rows, while others read and write them."""
    message = f"fails if rows of {table.sql} violate {where}"
    return Statement(
        f"ALTER TABLE {table.sql} VALIDATE CONSTRAINT {names.ident(name)}",
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        relation=table.sql,
        others=others,
        hazards=(Hazard(HazardCode.DATA_DEPENDENT, str(where), message),),
        change=f"create {where}",
        scans=(table.sql,),
    )


def validates(statement: Statement, where: Address, *follows: Address) -> Operation:
    """Return the operation of a step of its own that looks at the rows."""
    return Operation(Phase.VALIDATE, (statement,), follows=frozenset((where, *follows)), alone=True)


def replaced(
    table: Table, old: Constraint, name: str, made: tuple[Statement, Statement], context: Context
) -> list[Operation]:
    """Return what puts a constraint in the place of the old one, once `made` has added and validated it as `name`."""
    where = table.address_of(old)
    begun, valid = stage(where, "added"), stage(where, "valid")
    added, validated = made
    phase = Phase.CREATE_FOREIGN_KEY if isinstance(old, ForeignKey) else Phase.CREATE_PART
    return [
        Operation(phase, (added,), makes=frozenset({begun}), follows=context.new_needs.get(where)),
        Operation(Phase.VALIDATE, (validated,), makes=frozenset({valid}), follows=frozenset({begun}), alone=True),
        Operation(
            Phase.VALIDATE,
            tuple(_taking_over(table.address, old, name)),
            alters=frozenset({where}),
            follows=frozenset({valid}),
        ),
    ]


def _taking_over(table: Address, old: Constraint, aside: str) -> list[Statement]:
    """Return what drops a constraint and gives its name to the one that was made `aside`: there always is one."""
    where, name = plain.where_of(table, old), names.ident(old.name)
    also = plain.referenced(old)

    def statement(action: str, *, also: tuple[str, ...] = ()) -> Statement:
        sql = f"ALTER TABLE {table.sql} {action}"
        return Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=table.sql, also=also, change=f"alter {where}")

    return [
        statement(f"DROP CONSTRAINT {name}", also=also),
        statement(f"RENAME CONSTRAINT {names.ident(aside)} TO {name}"),
    ]


def commented(table: Address, new: Constraint, old: Constraint | None = None) -> list[Operation]:
    """Return what gives a new constraint its comment; nothing where it is to have none."""
    where, on = plain.where_of(table, new), plain.on_table(table, new.name)
    statements = created("CONSTRAINT", on, new.comment, relation=table.sql)
    if old is not None and old.comment is not None and new.comment is None:
        statements = [comment("CONSTRAINT", on, None, relation=table.sql)]
    return [finishes(statements, where)] if statements else []


def aside(table: Address, name: str, context: Context) -> str:
    """Return a name for a constraint that is to be called `name` later."""
    found = {each.names[-1] for each in (*context.before, *context.after) if each.names[:2] == table.names}
    return names.aside(name, found | context.taken(table.names[0]))


def stage(where: Address, name: str) -> Address:
    """Return an address that stands for how far a constraint is."""
    return Address("stage", (*where.names, name))
