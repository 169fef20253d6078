"""Aggregates."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.aggregate import Aggregate
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Statement

HYPOTHETICAL = "HYPOTHETICAL"
"""The option that makes an aggregate another sort."""


def create(aggregate: Aggregate) -> list[Operation]:
    """CREATE AGGREGATE."""
    more = created("AGGREGATE", _signed(aggregate), aggregate.comment)
    return defined.create(Phase.CREATE_ROUTINE, aggregate, definition(aggregate), more)


def definition(aggregate: Aggregate, *, replace: bool = False) -> str:
    """Return CREATE AGGREGATE, or (`replace`) CREATE OR REPLACE."""
    options = ",\n    ".join(aggregate.options)
    head = f"CREATE {'OR REPLACE ' if replace else ''}AGGREGATE"
    return f"{head} {_signed(aggregate)} (\n    {options}\n)"


def drop(aggregate: Aggregate, context: Context) -> list[Operation]:
    """DROP AGGREGATE, without CASCADE."""
    return defined.drop(Phase.DROP_OUTER, aggregate, f"DROP AGGREGATE {_signed(aggregate)}", context)


def in_place(old: Aggregate, new: Aggregate, _: Context) -> bool:
    """Say whether CREATE OR REPLACE can: it changes neither the arguments nor the result, nor what sort it is."""
    sorts = [HYPOTHETICAL in each.options for each in (old, new)]
    return (old.arguments, old.result, sorts[0]) == (new.arguments, new.result, sorts[1])


def alter(old: Aggregate, new: Aggregate, _: Context) -> list[Operation]:
    """CREATE OR REPLACE."""
    where = new.address
    told: list[Operation] = []
    if old.options != new.options:
        statement = Statement(definition(new, replace=True), change=f"alter {where}")
        told = [alters(Phase.CREATE_ROUTINE, [statement], where)]
    return [*told, *defined.commented("AGGREGATE", _signed(new), old, new)]


def _signed(aggregate: Aggregate) -> str:
    return f"{names.dotted(aggregate.schema, aggregate.name)}({aggregate.arguments})"
