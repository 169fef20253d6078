"""Views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mizzle import names
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.view import View
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters, finishes
from mizzle.planning.recipes import defined, storage
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Lock, Statement
from mizzle.sqltext import tokens


def create(view: View) -> list[Operation]:
    """CREATE VIEW, with the defaults and comments of its columns."""
    where = view.address
    more = [
        *(_default(view, name, text, change=f"create {where}") for name, text in view.defaults),
        *created("VIEW", where.sql, view.comment),
        *column_comments(view, {}),
    ]
    if not _recursive(view):
        return defined.create(Phase.CREATE_VIEW, view, definition(view), more)
    empty = ", ".join(f"NULL::{type_} AS {names.ident(name)}" for name, type_ in view.columns)
    first = f"CREATE VIEW {where.sql} AS SELECT {empty}"
    again = Statement(definition(view, replace=True), change=f"create {where}")
    return defined.create(Phase.CREATE_VIEW, view, first, [again, *more])


def _recursive(view: View) -> bool:
    """Say whether the query reads from the view itself, which must be there before."""
    found = [token.text for token in tokens(view.definition) if token.significant]
    own = [names.ident(view.schema), ".", names.ident(view.name)]
    return any(found[place : place + 3] == own for place in range(len(found)))


def definition(view: View, *, replace: bool = False) -> str:
    """Return CREATE VIEW, or CREATE OR REPLACE VIEW."""
    options = f" WITH ({storage.clause(view.options)})" if view.options else ""
    return f"CREATE {'OR REPLACE ' if replace else ''}VIEW {view.address.sql}{options} AS\n{view.definition.strip()}"


def drop(view: View, context: Context) -> list[Operation]:
    """DROP VIEW, without CASCADE."""
    sql = f"DROP VIEW {view.address.sql}"
    return defined.drop(Phase.DROP_PART, view, sql, context, lock=Lock.ACCESS_EXCLUSIVE)


def in_place(old: View, new: View, _: Context) -> bool:
    """Say whether CREATE OR REPLACE VIEW can: it adds columns behind those that are there, and changes none."""
    return new.columns[: len(old.columns)] == old.columns


def alter(old: View, new: View, _: Context) -> list[Operation]:
    """CREATE OR REPLACE VIEW where the query differs, else what differs alone."""
    where = new.address
    statements = list(_changed(old, new))
    statements += [_default(new, name, None) for name, _ in old.defaults if name not in dict(new.defaults)]
    statements += [_default(new, name, text) for name, text in new.defaults if dict(old.defaults).get(name) != text]
    operations = [alters(Phase.CREATE_VIEW, statements, where)] if statements else []
    operations += defined.commented("VIEW", where.sql, old, new)
    if told := column_comments(new, dict(old.comments)):
        operations.append(finishes(told, where))
    return operations


def column_comments(view: View | MaterializedView, old: Mapping[str, str]) -> list[Statement]:
    """Return what brings the comments of a view's columns from `old` to those that are wanted."""
    wanted: dict[str, str | None] = {**dict.fromkeys(old), **dict(view.comments)}
    return [
        comment("COLUMN", names.dotted(view.schema, view.name, name), text)
        for name, text in wanted.items()
        if old.get(name) != text
    ]


def _changed(old: View, new: View) -> Iterator[Statement]:
    where = new.address
    if (old.columns, old.definition) != (new.columns, new.definition):
        yield Statement(
            definition(new, replace=True), lock=Lock.ACCESS_EXCLUSIVE, relation=where.sql, change=f"alter {where}"
        )
    elif old.options != new.options:
        yield from storage.altered(
            "VIEW", where.sql, old.options, new.options, change=f"alter {where}", lock=Lock.ACCESS_EXCLUSIVE
        )


def _default(view: View, column: str, text: str | None, *, change: str = "") -> Statement:
    where = view.address
    action = "DROP DEFAULT" if text is None else f"SET DEFAULT {text}"
    sql = f"ALTER VIEW {where.sql} ALTER COLUMN {names.ident(column)} {action}"
    return Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=where.sql, change=change or f"alter {where}")
