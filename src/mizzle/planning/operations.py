"""Operations: what the recipes return and the order is found for.

Each drops objects, changes them in place or makes them; seldom more than one of these, so that drops can go in the
order of what was needed before, and what is made in the order of what will be needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.planning.context import Context, claims
from mizzle.planning.steps import Backfill, Condition, Statement


class Phase(IntEnum):
    """Where an operation stands when no dependency says otherwise."""

    RENAME = 0
    ADD_ENUM_VALUE = 1
    DROP_PART = 2
    RENAME_PART = 3
    CREATE_OUTER = 4
    ALTER_TYPE = 5
    CREATE_ROUTINE = 6
    ALTER_TABLE = 7
    CREATE_TABLE = 8
    DROP_TABLE = 9
    DROP_OUTER = 10
    CREATE_PART = 11
    CREATE_FOREIGN_KEY = 12
    CREATE_VIEW = 13
    CREATE_ATTACHED = 14
    FINISH = 15
    BUILD = 16
    TAKE_OVER = 17
    VALIDATE = 18
    DROP_INDEX = 19
    CREATE_EVENT_TRIGGER = 20


@dataclass(frozen=True, slots=True)
class Operation:
    """Statements that belong together, and the objects they bring (`makes`), take (`drops`) or change (`alters`).

    `frees` and `takes` are objects whose names get free, or are taken, though the objects stay.
    `follows`: what else must be there, and changed, before them; nothing waits for them in turn.
    `precedes`: what may be dropped or changed only after them.
    `alone`: must be committed before anything else in the plan may use what it made, or keep its locks from what else
    there is to do. `outside`: its one statement runs outside of a transaction, and is done when that holds; `backfill`:
    it goes through a table in batches. `change` is the change that it is made online for, if it is.
    """

    phase: Phase
    statements: tuple[Statement, ...]
    makes: frozenset[Address] = frozenset()
    drops: frozenset[Address] = frozenset()
    alters: frozenset[Address] = frozenset()
    frees: frozenset[Address] = frozenset()
    takes: frozenset[Address] = frozenset()
    follows: frozenset[Address] = frozenset()
    precedes: frozenset[Address] = frozenset()
    alone: bool = False
    outside: Condition | None = None
    backfill: Backfill | None = None
    change: Address | None = None

    @property
    def apart(self) -> bool:
        """Whether it is a step of its own."""
        return self.alone or self.outside is not None or self.backfill is not None

    @property
    def subjects(self) -> frozenset[Address]:
        """What it is about."""
        one = self.makes or self.drops or self.alters or self.takes or self.frees
        return one or self.follows or self.precedes


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


def renames_part(
    rename: Callable[[str, str], Statement], where: Address, to: Address, context: Context
) -> list[Operation]:
    """Return operations that give the object at `where` the name of `to`, once that is free.

    `rename` makes the statement, from both names.
    Where the name is given up by something that is renamed as well, the object goes by another one in between: the two
    may be waiting for each other.
    """
    taken, free = frozenset({to}), frozenset({where})
    if not context.fates.vacated.intersection(claims(to, context.after)):
        return [Operation(Phase.RENAME_PART, (rename(where.name, to.name),), frees=free, takes=taken)]
    between = names.aside(to.name, context.taken(to.names[0]))
    aside = frozenset({Address("name", (*to.names[:-1], between))})
    return [
        Operation(Phase.RENAME_PART, (rename(where.name, between),), frees=free, makes=aside),
        Operation(Phase.RENAME_PART, (rename(between, to.name),), takes=taken, follows=aside),
    ]


def finishes(statements: list[Statement], *addresses: Address) -> Operation:
    """Return an operation that comes after all else that is done to the objects at `addresses`."""
    return Operation(Phase.FINISH, tuple(statements), follows=frozenset(addresses))
