"""What the recipes of objects that are made by one definition share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from mizzle.catalog.defined import Defined
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, drops, finishes, makes
from mizzle.planning.recipes.comment import comment
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def create(phase: Phase, thing: Defined, made: Statement | str, more: Iterable[Statement] = ()) -> list[Operation]:
    """Return what makes `thing` by a statement, and then does `more`."""
    where = thing.address
    statement = Statement(made, change=f"create {where}") if isinstance(made, str) else made
    return [makes(phase, [statement, *more], where)]


def drop(  # noqa: PLR0913 - what a statement says
    phase: Phase,
    thing: Defined,
    sql: str,
    context: Context,
    *,
    lock: Lock = Lock.NONE,
    relation: str = "",
    hazard: Hazard | None = None,
) -> list[Operation]:
    """Return what drops `thing` by `sql`; there is a hazard in that, unless it comes back in the same plan.

    `relation` is what is locked, the object itself where it is not given.
    """
    where = thing.address
    hazard = hazard or Hazard(HazardCode.BREAKS_OLD_CODE, str(where), f"drops {where}: code that uses it fails")
    statement = Statement(
        sql,
        lock=lock,
        relation="" if lock is Lock.NONE else relation or where.sql,
        hazards=() if where in context.after else (hazard,),
        change=f"drop {where}",
    )
    return [drops(phase, [statement], *context.contents(where))]


def commented(kind: str, name: str, old: Defined, new: Defined, *, relation: str = "") -> list[Operation]:
    """Return what brings the comment of an object, `kind` and `name` in SQL, from `old` to `new`."""
    if old.comment == new.comment:
        return []
    return [finishes([comment(kind, name, new.comment, relation=relation)], new.address)]


def with_hazard(operation: Operation, hazard: Hazard) -> Operation:
    """Return the operation with one more hazard of its first statement."""
    first, *rest = operation.statements
    told = msgspec.structs.replace(first, hazards=(*first.hazards, hazard))
    return replace(operation, statements=(told, *rest))
