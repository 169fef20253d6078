"""Operations: what the recipes return and the order is found for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from mizzle.catalog.address import Address
from mizzle.planning.steps import Statement


class Phase(IntEnum):
    """Where an operation stands when no dependency says otherwise."""

    RENAME = 0
    ADD_ENUM_VALUE = 1
    DROP_PART = 2
    RENAME_PART = 3
    CREATE_OUTER = 4
    ALTER_TYPE = 5
    ALTER_TABLE = 6
    CREATE_TABLE = 7
    DROP_TABLE = 8
    DROP_OUTER = 9
    CREATE_PART = 10
    CREATE_FOREIGN_KEY = 11
    FINISH = 12


@dataclass(frozen=True, slots=True)
class Operation:
    """Statements that belong together, and the objects they bring (`makes`), take (`drops`) or change (`alters`).

    `follows`: what else must be there, and changed, before them; nothing waits for them in turn.
    `precedes`: what may be dropped or changed only after them.
    `alone`: must be committed before anything else in the plan may use what it made.
    """

    phase: Phase
    statements: tuple[Statement, ...]
    makes: frozenset[Address] = frozenset()
    drops: frozenset[Address] = frozenset()
    alters: frozenset[Address] = frozenset()
    follows: frozenset[Address] = frozenset()
    precedes: frozenset[Address] = frozenset()
    alone: bool = False


def makes(phase: Phase, statements: list[Statement], *addresses: Address) -> Operation:
    """Return an operation that creates the objects at `addresses`."""
    return Operation(phase, tuple(statements), makes=frozenset(addresses))


def drops(phase: Phase, statements: list[Statement], *addresses: Address) -> Operation:
    """Return an operation that drops the objects at `addresses`."""
    return Operation(phase, tuple(statements), drops=frozenset(addresses))


def alters(phase: Phase, statements: list[Statement], *addresses: Address) -> Operation:
    """Return an operation that changes the objects at `addresses` in place."""
    return Operation(phase, tuple(statements), alters=frozenset(addresses))


def renames(statement: Statement) -> Operation:
    """Return an operation that gives another name, before all else: everything behind it goes by the new one."""
    return Operation(Phase.RENAME, (statement,))


def renames_part(statement: Statement, where: Address, name: str) -> Operation:
    """Return an operation that gives the object at `where` another name, once that is free."""
    to = Address(where.kind, (*where.names[:-1], name))
    return Operation(Phase.RENAME_PART, (statement,), makes=frozenset({to}), follows=frozenset({where}))


def finishes(statements: list[Statement], *addresses: Address) -> Operation:
    """Return an operation that comes after all else that is done to the objects at `addresses`."""
    return Operation(Phase.FINISH, tuple(statements), follows=frozenset(addresses))
