"""What no push is made for: databases that migrations made, or that are in production, and names that are not there."""

from __future__ import annotations

import glob
import shlex
from collections.abc import Set as AbstractSet
from contextlib import closing
from difflib import get_close_matches

import psycopg

from mizzle import names
from mizzle.adopt import detect, versions
from mizzle.adopt.versions import Table
from mizzle.catalog.catalog import Catalog
from mizzle.errors import ConfigError, HistoryError
from mizzle.project import ignore, live
from mizzle.project.project import Project
from mizzle.project.push_risks import attributes
from mizzle.runner.connection import Connection, connect

_INSTEAD = "write a migration and run it: mizzle generate, then mizzle migrate"
_DRIZZLE = "drizzle"
"""The schema in which Drizzle keeps its table, unless it is told another."""

_HISTORY = """
SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = 'history'
"""
_NEVER = frozenset({"extension", "schema"})
"""Kinds that hold what belongs to others: no push drops them, whoever names them."""


def refuse(project: Project, url: str) -> None:
    """Raise where pushing would leave a history or a production database in a state that no migration knows."""
    if project.config.production:
        raise ConfigError("push is for development, and this project is marked `production = true`", hint=_INSTEAD)
    if project.config.per_schema:
        raise ConfigError("push does not serve projects that keep one schema per tenant (per_schema)", hint=_INSTEAD)
    with closing(connect(url, scope=project.scope)) as connection:
        if connection.execute(_HISTORY, (project.config.history,)).fetchone() is not None:
            raise HistoryError(
                f"this database has a migration history (schema {project.config.history}): push would go past it",
                hint=_INSTEAD,
            )
        try:
            _refuse_other_tools(project, connection)
        except psycopg.Error as error:
            raise live.explained(error) from error


def refuse_unknown(accepted: AbstractSet[tuple[str, ...]], home: Catalog) -> None:
    """Raise where a name that is accepted to go is none that a push could drop, with the one that is meant."""
    there = {where.names for where in home.addresses() if where.kind not in _NEVER} | attributes(home)
    for each in sorted(accepted - there):
        raise ConfigError(
            f"--accept-data-loss {names.dotted(*each)}: push can drop nothing of that name here",
            hint=_meant(each, {names.dotted(*known): known for known in there}),
        )


def _meant(given: tuple[str, ...], there: dict[str, tuple[str, ...]]) -> str:
    ends = sorted(name for name, parts in there.items() if parts[-len(given) :] == given)
    close = ends or get_close_matches(names.dotted(*given), sorted(there), n=1)
    if not close:
        return "name it as the plan does: schema.table or schema.table.column"
    options = (f"--accept-data-loss {shlex.quote(name)}" for name in close[:3])
    return f"is it {' or '.join(options)}?"


def _refuse_other_tools(project: Project, connection: Connection) -> None:
    """Raise where Alembic or Drizzle has migrated the database: what they know of it would be wrong then."""
    tables = [table for table in versions.find(connection) if table.sure]
    here = {each.tool for each in detect.look(project.config.root)} if tables else set[str]()
    for table in tables:
        if table.tool in here or _may_be_ours(table, project):
            tool = table.tool.capitalize()
            raise HistoryError(
                f"this database has a migration history of {tool} ({table.sql}): push would go past it",
                hint=_way_out(table, ours=table.tool in here),
            )


def _may_be_ours(table: Table, project: Project) -> bool:
    managed = table.schema in {*project.config.schemas, _DRIZZLE}
    return managed and not ignore.matches(table.address, project.config.ignore)


def _way_out(table: Table, *, ours: bool) -> str:
    kept = ", or keep Alembic and write a revision: mizzle generate --format alembic" * (table.tool == "alembic")
    pattern = glob.escape(f"{table.schema}.{table.name}")
    foreign = f'; of another application? ignore = ["table:{pattern}"]' * (not ours)
    return f"take it over: mizzle adopt {table.tool}{kept}{foreign}"
