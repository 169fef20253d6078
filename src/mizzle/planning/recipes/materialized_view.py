"""Materialized views."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters, finishes
from mizzle.planning.recipes import defined, index, storage, view
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def create(made: MaterializedView) -> list[Operation]:
    """CREATE MATERIALIZED VIEW, filled unless it is wanted empty, and its indexes."""
    where = made.address
    more = [*created("MATERIALIZED VIEW", where.sql, made.comment), *view.column_comments(made, {})]
    operations = defined.create(Phase.CREATE_VIEW, made, definition(made), more)
    for each in made.indexes:
        operations += index.create(where, each, fresh=True)
    return [*operations, *(_cluster(made) if made.clustered else [])]


def definition(made: MaterializedView) -> str:
    """Return CREATE MATERIALIZED VIEW."""
    method = f" USING {names.ident(made.method)}" if made.method else ""
    options = f" WITH ({storage.clause(made.options)})" if made.options else ""
    space = f" TABLESPACE {names.ident(made.tablespace)}" if made.tablespace else ""
    empty = "" if made.populated else "\nWITH NO DATA"
    head = f"CREATE MATERIALIZED VIEW {made.address.sql}{method}{options}{space} AS"
    return f"{head}\n{made.definition.strip()}{empty}"


def drop(made: MaterializedView, context: Context) -> list[Operation]:
    """DROP MATERIALIZED VIEW, without CASCADE: its indexes go with it."""
    where = made.address
    again = Hazard(HazardCode.TABLE_REWRITE, str(where), f"computes {where} again: nobody can use it meanwhile")
    sql = f"DROP MATERIALIZED VIEW {where.sql}"
    operations = defined.drop(Phase.DROP_PART, made, sql, context, lock=Lock.ACCESS_EXCLUSIVE)
    if where in context.after and made.populated:
        operations = [defined.with_hazard(each, again) for each in operations]
    return operations


def in_place(old: MaterializedView, new: MaterializedView, _: Context) -> bool:
    """Say whether what the query gives stays, and where it is kept."""
    return _fixed(old) == _fixed(new)


def alter(old: MaterializedView, new: MaterializedView, _: Context) -> list[Operation]:
    """ALTER MATERIALIZED VIEW: storage parameters and comments; and REFRESH where it is to be filled, or emptied."""
    where = new.address
    kind = "MATERIALIZED VIEW"
    statements = storage.altered(kind, where.sql, old.options, new.options, change=f"alter {where}")
    if old.populated != new.populated:
        empty = "" if new.populated else " WITH NO DATA"
        sql = f"REFRESH MATERIALIZED VIEW {where.sql}{empty}"
        statements.append(Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=where.sql, change=f"alter {where}"))
    operations = [alters(Phase.CREATE_VIEW, statements, where)] if statements else []
    operations += defined.commented(kind, where.sql, old, new)
    if told := view.column_comments(new, dict(old.comments)):
        operations.append(finishes(told, where))
    return [*operations, *(_cluster(new) if old.clustered != new.clustered else [])]


def _fixed(made: MaterializedView) -> tuple[object, ...]:
    return made.columns, made.definition, made.method, made.tablespace


def _cluster(made: MaterializedView) -> list[Operation]:
    where = made.address
    action = f"CLUSTER ON {names.ident(made.clustered)}" if made.clustered else "SET WITHOUT CLUSTER"
    sql = f"ALTER MATERIALIZED VIEW {where.sql} {action}"
    return [finishes([Statement(sql, lock=Lock.SHARE_UPDATE_EXCLUSIVE, relation=where.sql)], where)]
