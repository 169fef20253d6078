"""Functions and procedures."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column, Generated
from mizzle.catalog.constraint import Check, Exclusion
from mizzle.catalog.index import Index
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.routine import Routine
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Hazard, HazardCode, Statement


def create(routine: Routine) -> list[Operation]:
    """CREATE FUNCTION or PROCEDURE."""
    more = created(routine.kind.upper(), _named(routine), routine.comment)
    return defined.create(Phase.CREATE_ROUTINE, routine, definition(routine), more)


def definition(routine: Routine, *, replace: bool = False) -> str:
    """Return CREATE FUNCTION or PROCEDURE, or (`replace`) CREATE OR REPLACE."""
    head = f"CREATE {'OR REPLACE ' if replace else ''}{routine.kind.upper()}"
    return f"{head} {names.dotted(routine.schema, routine.name)}{routine.definition}"


def drop(routine: Routine, context: Context) -> list[Operation]:
    """DROP FUNCTION or PROCEDURE, without CASCADE."""
    sql = f"DROP {routine.kind.upper()} {_named(routine)}"
    operations = defined.drop(Phase.DROP_OUTER, routine, sql, context)
    new = context.after.get(routine.address)
    if not isinstance(new, Routine) or (new.identity, new.result) == (routine.identity, routine.result):
        return operations
    where = routine.address
    message = f"makes {where} anew, with other arguments or another result: code that uses the old ones fails"
    return [defined.with_hazard(operations[0], Hazard(HazardCode.BREAKS_OLD_CODE, str(where), message))]


def in_place(old: Routine, new: Routine, _: Context) -> bool:
    """Say whether CREATE OR REPLACE can: it changes neither the arguments nor the result, and takes no default away."""
    return (old.identity, old.result) == (new.identity, new.result) and old.defaults <= new.defaults


def alter(old: Routine, new: Routine, context: Context) -> list[Operation]:
    """CREATE OR REPLACE; what was computed with the old body stays, and that is said."""
    where = new.address
    operations = defined.commented(new.kind.upper(), _named(new), old, new)
    if old.definition == new.definition:
        return operations
    sql = definition(new, replace=True)
    statement = Statement(sql, hazards=tuple(_stale(where, context)), change=f"alter {where}")
    return [alters(Phase.CREATE_ROUTINE, [statement], where), *operations]


def _stale(routine: Address, context: Context) -> Iterator[Hazard]:
    """Yield a hazard for each object that holds what the routine computed, and is neither new nor made again."""
    users = (each for each in context.old_needs.users(routine) if not context.lets_go(each))
    for where in sorted(users):
        holder = Address("column", where.names) if where.kind == "default" else where
        match context.after.get(holder):
            case Index() | MaterializedView() | Exclusion():
                message = f"{where} keeps what the old {routine} computed: build it again"
            case Check():
                message = f"{where} was held against the rows with the old {routine}: they may not pass the new one"
            case Column(generated=Generated(kind="stored")):
                message = f"{holder} keeps what the old {routine} computed: write its rows again"
            case _:
                continue
        yield Hazard(HazardCode.STALE_RESULTS, str(holder), message)


def _named(routine: Routine) -> str:
    """Return what DROP and COMMENT call it; a procedure by its OUT arguments too, which may be all that differs."""
    if routine.kind == "procedure":
        return f"{names.dotted(routine.schema, routine.name)}({routine.identity})"
    return routine.address.sql
