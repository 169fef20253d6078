"""Aggregates."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.aggregate import Aggregate
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import created


def create(aggregate: Aggregate) -> list[Operation]:
    """CREATE AGGREGATE."""
    more = created("AGGREGATE", _signed(aggregate), aggregate.comment)
    return defined.create(Phase.CREATE_ROUTINE, aggregate, definition(aggregate), more)


def definition(aggregate: Aggregate) -> str:
    """Return CREATE AGGREGATE."""
    options = ",\n    ".join(aggregate.options)
    return f"CREATE AGGREGATE {_signed(aggregate)} (\n    {options}\n)"


def drop(aggregate: Aggregate, context: Context) -> list[Operation]:
    """DROP AGGREGATE, without CASCADE."""
    return defined.drop(Phase.DROP_OUTER, aggregate, f"DROP AGGREGATE {_signed(aggregate)}", context)


def in_place(old: Aggregate, new: Aggregate, _: Context) -> bool:
    """Say whether only the comment differs."""
    return (old.arguments, old.options) == (new.arguments, new.options)


def alter(old: Aggregate, new: Aggregate, _: Context) -> list[Operation]:
    """COMMENT ON."""
    return defined.commented("AGGREGATE", _signed(new), old, new)


def _signed(aggregate: Aggregate) -> str:
    return f"{names.dotted(aggregate.schema, aggregate.name)}({aggregate.arguments})"
