"""What advice rests on: the facts of a database or of a schema on scratch, what is asked of it, and a planner."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial

import psycopg

from mizzle.advise import planner, read, statistics, workload
from mizzle.advise.facts import Facts
from mizzle.advise.hypothetical import EXTENSION, Hypothetical
from mizzle.advise.imitation import MAJOR, Imitation
from mizzle.advise.planner import Planner
from mizzle.advise.statistics import Statistics
from mizzle.advise.workload import Query
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.errors import DatabaseError, MizzleError
from mizzle.planning import script
from mizzle.planning.plan import plan
from mizzle.project import live
from mizzle.project.diff import URLS, side
from mizzle.project.project import Project
from mizzle.prove import Scratch, execute
from mizzle.runner.connection import Connection, connect
from mizzle.runner.scope import Scope

ASSUMED = 1_000_000
"""Rows in each table where there is no database to know it from."""

_NO_STATEMENTS = (
    "pg_stat_statements is not there for this role: it tells which queries take the time, and --queries FILE does, too"
)

MakePlanner = Callable[[Facts], AbstractContextManager[Planner | None]]


@dataclass(frozen=True)
class Ground:
    """The facts, what they are of, the queries that the server has counted, and what is to be said of all that.

    `connection` leads to the database, or to one on scratch that holds the schema.
    `planner` gives whoever can be asked what an index would change; None where nobody can.
    """

    facts: Facts
    source: str
    connection: Connection
    planner: MakePlanner
    counted: tuple[Query, ...] = ()
    notes: tuple[str, ...] = ()

    def sized(self, facts: Facts) -> Facts:
        """Return facts with rows in each table: those that are assumed, where there is no database."""
        if facts.live:
            return facts
        return replace(facts, tables=tuple(replace(table, rows=ASSUMED) for table in facts.tables))


@contextmanager
def ground(project: Project, of: str) -> Generator[Ground]:
    """Give what advice on `of` rests on.

    That is a URL, or what diff() takes; '' is the database that was named, or else the head of the migrations, the
    models where there are none.

    Raises as side() does, and DatabaseError.
    """
    if of.startswith(URLS):
        with _live(project, of) as found:
            yield found
    elif not of and (project.embedded or project.config.flag_url is not None):
        with project.database() as url, _live(project, url) as found:
            yield found
    else:
        name = of or ("head" if project.chain_so_far() else "models")
        with project.scratch() as server, _loaded(server, side(project, name).catalog(lambda: server)) as connection:
            facts = read.read(connection, live=False)
            yield Ground(facts, name, connection, partial(_assuming, server, connection, _path(project, facts)))


@contextmanager
def _live(project: Project, url: str) -> Generator[Ground]:
    config, tenant = project.config, project.scope.tenant
    schemas = (tenant,) if tenant else config.schemas or None
    with closing(connect(url, scope=Scope(role=config.role))) as connection:
        try:
            connection.execute(live.BEGIN)
            if tenant:
                _expect_schema(connection, tenant)
            facts = read.read(connection, schemas=schemas, exclude=(config.history,), live=True)
            counted = workload.from_statements(connection, facts.server.installed)
            notes = () if counted is not None else (_NO_STATEMENTS,)
            make = partial(_asking, project, url, connection, schemas)
            yield Ground(facts, "the database", connection, make, tuple(counted or ()), notes)
        except psycopg.Error as error:
            raise live.explained(error) from error


def _expect_schema(connection: Connection, tenant: str) -> None:
    if connection.execute("SELECT FROM pg_catalog.pg_namespace WHERE nspname = %s", (tenant,)).rowcount == 0:
        raise DatabaseError(f"tenant {tenant} has no schema in the database", hint="correct the name: --tenant NAME")


@contextmanager
def _asking(
    project: Project, url: str, connection: Connection, schemas: Sequence[str] | None, facts: Facts
) -> Generator[Planner | None]:
    """Give the planner of the database, if it has hypopg; else one on scratch with the database's statistics."""
    installed = facts.server.installed
    if EXTENSION in installed:
        planner.begin(connection, _path(project, facts))
        yield Hypothetical(connection, installed[EXTENSION])
        return
    known = statistics.read(connection, schemas=schemas, exclude=(project.config.history,))
    catalog = live.read(url, schemas=schemas, history=project.config.history, role=project.config.role)
    if schemas:
        catalog = project.own(catalog, tenant=project.tenant)
    connection.execute("COMMIT")  # all is read: what follows takes its time, and a snapshot would keep VACUUM from rows
    with project.scratch() as server:
        if not server.private or server.major < MAJOR:
            yield None
            return
        with ExitStack() as stack:
            try:
                loadable = replace(catalog, unmanaged=())  # such as a tablespace: the planner does without
                scratch = stack.enter_context(_loaded(server, server.rehome(loadable)))
            except MizzleError as error:
                project.note(f"the schema cannot be loaded on scratch, to ask a planner there: {error.message}")
                yield None
                return
            stack.enter_context(_settled(scratch, _path(project, facts)))
            about = f"as PostgreSQL {server.major} plans it with the database's statistics"
            yield stack.enter_context(closing(Imitation(scratch, known, about=about)))


@contextmanager
def _assuming(server: Scratch, connection: Connection, path: Sequence[str], facts: Facts) -> Generator[Planner | None]:
    """Give a planner on scratch that takes each table for one of ASSUMED rows; None where scratch is not our own."""
    if not server.private or server.major < MAJOR:
        yield None
        return
    known: Statistics = statistics.assumed(facts, ASSUMED)
    about = f"as PostgreSQL plans it for {ASSUMED:,} rows in each table"
    with _settled(connection, path), closing(Imitation(connection, known, about=about)) as imitation:
        yield imitation


@contextmanager
def _settled(connection: Connection, path: Sequence[str]) -> Generator[None]:
    """Have the session plan as it will be asked to, in a transaction that is given up."""
    with connection.transaction(force_rollback=True):
        planner.begin(connection, path)
        yield


@contextmanager
def _loaded(server: Scratch, catalog: Catalog) -> Generator[Connection]:
    """Give a connection to a scratch database that holds the catalog."""
    steps = script.parse(plan(EMPTY, catalog, major=server.major).sql, name="the schema")
    tenants, server.tenants = server.tenants, False
    try:
        with server.database() as connection:
            execute(server, connection, steps, name="the schema")
            yield connection
    finally:
        server.tenants = tenants


def _path(project: Project, facts: Facts) -> list[str]:
    """Return the schemas in which queries find their tables: the project's or the tenant's, `public`, all others."""
    own = (project.tenant,) if project.tenant else project.config.schemas
    return list(dict.fromkeys((*own, "public", *(table.schema for table in facts.tables))))
