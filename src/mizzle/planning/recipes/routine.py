"""Functions and procedures."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.routine import Routine
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Hazard, HazardCode, Statement

_KEEPING = frozenset({"index", "materialized view"})
"""Kinds of objects that hold what a function computed."""


def create(routine: Routine) -> list[Operation]:
    """CREATE FUNCTION or PROCEDURE."""
    more = created(routine.kind.upper(), routine.address.sql, routine.comment)
    return defined.create(Phase.CREATE_ROUTINE, routine, definition(routine), more)


def definition(routine: Routine, *, replace: bool = False) -> str:
    """Return CREATE FUNCTION or PROCEDURE, or (`replace`) CREATE OR REPLACE."""
    head = f"CREATE {'OR REPLACE ' if replace else ''}{routine.kind.upper()}"
    return f"{head} {names.dotted(routine.schema, routine.name)}{routine.definition}"


def drop(routine: Routine, context: Context) -> list[Operation]:
    """DROP FUNCTION or PROCEDURE, without CASCADE."""
    return defined.drop(Phase.DROP_OUTER, routine, f"DROP {routine.kind.upper()} {routine.address.sql}", context)


def in_place(old: Routine, new: Routine, _: Context) -> bool:
    """Say whether CREATE OR REPLACE can: it changes neither the arguments nor the result, and takes no default away."""
    return (old.identity, old.result) == (new.identity, new.result) and old.defaults <= new.defaults


def alter(old: Routine, new: Routine, context: Context) -> list[Operation]:
    """CREATE OR REPLACE; what was computed with the old body stays, and that is said."""
    where = new.address
    operations = defined.commented(new.kind.upper(), where.sql, old, new)
    if old.definition == new.definition:
        return operations
    users = [each for each, needed in context.new_needs.items() if where in needed and each in context.before]
    hazards = tuple(
        Hazard(HazardCode.STALE_RESULTS, str(each), f"{each} keeps what the old {where} computed: build it again")
        for each in sorted(users)
        if each.kind in _KEEPING
    )
    sql = definition(new, replace=True)
    statement = Statement(sql, hazards=hazards, change=f"alter {where}")
    return [alters(Phase.CREATE_ROUTINE, [statement], where), *operations]
