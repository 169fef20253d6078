"""Extended statistics."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.statistics import Statistics
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def create(statistics: Statistics) -> list[Operation]:
    """CREATE STATISTICS; ANALYZE fills them."""
    where = statistics.address
    made = _on(statistics, definition(statistics), f"create {where}")
    more = [*([_target(statistics)] if statistics.target >= 0 else [])]
    more += created("STATISTICS", where.sql, statistics.comment)
    return defined.create(Phase.CREATE_ATTACHED, statistics, made, more)


def definition(statistics: Statistics) -> str:
    """Return CREATE STATISTICS."""
    return f"CREATE STATISTICS {statistics.address.sql} {statistics.definition}"


def drop(statistics: Statistics, context: Context) -> list[Operation]:
    """DROP STATISTICS, unless the table takes them along."""
    where, table = statistics.address, address.table(*statistics.on)
    if context.gone(table):
        return []
    hazard = Hazard(HazardCode.INDEX_DROPPED, str(where), f"drops {where}: queries may be planned worse")
    return defined.drop(
        Phase.DROP_PART,
        statistics,
        f"DROP STATISTICS {where.sql}",
        context,
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        relation=table.sql,
        hazard=hazard,
    )


def in_place(old: Statistics, new: Statistics, _: Context) -> bool:
    """Say whether they are about the same."""
    return (old.on, old.definition) == (new.on, new.definition)


def alter(old: Statistics, new: Statistics, _: Context) -> list[Operation]:
    """ALTER STATISTICS … SET STATISTICS."""
    told = [alters(Phase.CREATE_ATTACHED, [_target(new)], new.address)] if old.target != new.target else []
    return [*told, *defined.commented("STATISTICS", new.address.sql, old, new)]


def _target(statistics: Statistics) -> Statement:
    where = statistics.address
    return Statement(f"ALTER STATISTICS {where.sql} SET STATISTICS {statistics.target}", change=f"alter {where}")


def _on(statistics: Statistics, sql: str, change: str) -> Statement:
    table = names.dotted(*statistics.on)
    return Statement(sql, lock=Lock.SHARE_UPDATE_EXCLUSIVE, relation=table, change=change)
