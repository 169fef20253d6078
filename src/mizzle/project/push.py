"""The models straight to a development database: no files, one transaction, nothing lost unasked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.errors import ConfigError, DecisionNeeded, HistoryError
from mizzle.planning import script
from mizzle.planning.plan import Plan, plan
from mizzle.planning.steps import HazardCode
from mizzle.project import live
from mizzle.project.declared import with_kept
from mizzle.project.generate import NobodyToAsk, Questioner, answered
from mizzle.project.project import Project
from mizzle.prove import execute
from mizzle.runner.connection import Connection, connect


@dataclass(frozen=True, slots=True)
class Loss:
    """What a push would delete: a table or a column, and how many rows hold something there."""

    address: Address
    rows: int


@dataclass(frozen=True, slots=True)
class Push:
    """A push that was planned: its plan, what it would delete, and what it leaves alone though no model has it."""

    plan: Plan
    losses: tuple[Loss, ...]
    kept: tuple[Address, ...]
    unmanaged: tuple[Address, ...]


def plan_push(project: Project, url: str, *, accept: Sequence[str] = (), questioner: Questioner | None = None) -> Push:
    """Compare the models with the database and plan what is missing.

    Tables and other objects that no model has are left alone, unless `accept` names them. Raises HistoryError for a
    database that has a migration history, ConfigError for one that the configuration marks as production.
    """
    refuse(project, url)
    accepted = frozenset(names.parse(each) for each in accept)
    with project.scratch() as server:
        project.progress("reading the models")
        wanted = project.wanted(server)
        project.progress("reading the database")
        found = project.own(live.read(url, schemas=project.config.schemas, history=project.config.history))
        home = server.rehome(found, near=wanted)
    kept = tuple(sorted(where for where, _ in home.top_level() if _left_alone(where, wanted, accepted)))
    goal = with_kept(wanted, home, _with_parts(home, kept))
    known = {each for each in accepted if any(w.names == each for w in home.addresses())}
    if unknown := sorted(names.dotted(*each) for each in accepted - known):
        raise ConfigError(
            f"--accept-data-loss {unknown[0]}: there is no such table or column", hint="name it as the plan does"
        )
    dropped = [names.dotted(*each) for each in known]
    renames = answered(home, goal, {}, dropped, questioner or NobodyToAsk())
    planned = plan(home, goal, renames=renames, major=home.major)
    with closing(connect(url)) as connection:
        losses = tuple(_losses(connection, planned, home))
    return Push(planned, losses, kept, found.unmanaged)


def refuse(project: Project, url: str) -> None:
    """Raise where pushing would leave a history or a production database in a state that no migration knows."""
    if project.config.production:
        raise ConfigError(
            "push is for development, and this project is marked `production = true`",
            hint="write a migration and run it: mizzle generate, then mizzle migrate",
        )
    query = "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = 'history'"
    with closing(connect(url)) as connection:
        if connection.execute(query, (project.config.history,)).fetchone():
            raise HistoryError(
                f"this database has a migration history (schema {project.config.history}): push would go past it",
                hint="write a migration and run it: mizzle generate, then mizzle migrate",
            )


def unaccepted(push: Push, accept: Iterable[str]) -> tuple[Loss, ...]:
    """Return the losses that nobody named."""
    accepted = {names.parse(each) for each in accept}
    return tuple(loss for loss in push.losses if loss.address.names not in accepted)


def apply_push(url: str, push: Push, *, accept: Iterable[str] = ()) -> None:
    """Run the plan: in one transaction, but for enum values, which must be committed before they are used.

    Raises DecisionNeeded where it would delete what `accept` does not name, DatabaseError where PostgreSQL refuses.
    """
    missing = unaccepted(push, accept)
    if missing:
        flags = " ".join(f"--accept-data-loss {loss.address.sql}" for loss in missing)
        listed = ", ".join(str(loss.address) for loss in missing)
        raise DecisionNeeded(f"this push deletes data: {listed}", hint=f"if it may go, say so: {flags}")
    with closing(connect(url)) as connection:
        execute(connection, script.parse(push.plan.sql, name="the plan"), name="the plan")


def _left_alone(where: Address, wanted: Catalog, accepted: Collection[tuple[str, ...]]) -> bool:
    return where not in wanted.addresses() and where.names not in accepted


def _with_parts(catalog: Catalog, kept: Iterable[Address]) -> set[Address]:
    names_kept = set(kept)
    for table in catalog.tables:
        if table.address in names_kept:
            names_kept |= {where for where, _ in table.parts()}
    return names_kept


def _losses(connection: Connection, planned: Plan, live_catalog: Catalog) -> Iterable[Loss]:
    for hazard in planned.hazards:
        if hazard.code is not HazardCode.DELETES_DATA:
            continue
        where = next((w for w in live_catalog.addresses() if str(w) == hazard.subject), None)
        if where is not None and where.kind in {"table", "column"}:
            rows = _count(connection, where)
            if rows:
                yield Loss(where, rows)


def _count(connection: Connection, where: Address) -> int:
    what = "count(*)" if where.kind == "table" else f"count({names.ident(where.name)})"
    table = where if where.kind == "table" else where.table
    assert table is not None
    row = connection.execute(f"SELECT {what} FROM {table.sql}".encode()).fetchone()
    return int(row[0]) if row else 0
