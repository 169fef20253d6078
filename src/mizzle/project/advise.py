"""Advice on models, migrations, SQL files, or a live database; and the migration that takes it."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase

import msgspec
import psycopg

from mizzle.advise import read, tenancy
from mizzle.advise.examine import examine
from mizzle.advise.facts import Facts
from mizzle.advise.findings import Code, Finding
from mizzle.advise.naming import Names
from mizzle.advise.tenancy import Tenancy
from mizzle.advise.thresholds import Thresholds
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.errors import ConfigError, DatabaseError, MizzleError
from mizzle.planning import script
from mizzle.planning.plan import plan
from mizzle.project import live
from mizzle.project.diff import URLS, side
from mizzle.project.patterns import patterns
from mizzle.project.project import Project
from mizzle.project.writing import Generated, read_head, write_proved
from mizzle.prove import Scratch, Stage, execute, replayed
from mizzle.runner.connection import Connection, connect
from mizzle.runner.scope import Scope

_ALEMBIC = "alembic_version"


class Answered(msgspec.Struct, frozen=True):
    """A finding that the configuration answers, and the reason it gives."""

    finding: Finding
    reason: str


class Advice(msgspec.Struct, frozen=True):
    """What was found in `source`: what is open, what the configuration answers, and answers to nothing that is there.

    `notes` are what a person should know of how it was found.
    """

    source: str
    findings: tuple[Finding, ...]
    answered: tuple[Answered, ...] = ()
    stale: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def advise(project: Project, of: str = "", *, only: Collection[str] = (), limits: Thresholds | None = None) -> Advice:
    """Look for what could be better in `of`: a URL, or what diff() takes; by default what the models say.

    `only`: codes, or subjects; nothing else is told. Raises as side() does, and DatabaseError.
    """
    with _facts(project, of) as (everything, source):
        facts = _managed(everything, project)
        belonging = tenancy.find(facts, project.config.tenants)
        found = examine(facts, belonging, Names(facts), limits=limits or Thresholds(), queries=False)
    notes = tuple(_notes(facts, belonging))
    return _sorted_out(found, project.config.accept, only, source, notes)


@contextmanager
def _facts(project: Project, of: str) -> Generator[tuple[Facts, str]]:
    """Give the facts and what they are of."""
    if of.startswith(URLS):
        yield _live(project, of), "the database"
    elif not of and (project.embedded or project.config.flag_url is not None):
        with project.database() as url:
            yield _live(project, url), "the database"
    else:
        name = of or ("models" if project.config.has_sources else "head")
        with project.scratch() as server, _loaded(server, side(project, name).catalog(server)) as connection:
            yield read.read(connection, live=False), name


def _live(project: Project, url: str) -> Facts:
    config = project.config
    schemas = (project.tenant,) if project.tenant else config.schemas or None
    with closing(connect(url, scope=Scope(role=config.role))) as connection:
        try:
            connection.execute(
                f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '{live.LOCK_TIMEOUT}'"
            )
            return read.read(connection, schemas=schemas, exclude=(config.history,), live=True)
        except psycopg.Error as error:
            raise live.explained(error) from error


@contextmanager
def _loaded(server: Scratch, catalog: Catalog) -> Generator[Connection]:
    """Give a connection to a scratch database that holds the catalog."""
    steps = script.parse(plan(EMPTY, catalog, major=server.major).sql, name="the schema")
    tenants, server.tenants = server.tenants, False
    with server.database() as connection:
        execute(server, connection, steps, name="the schema")
        server.tenants = tenants
        yield connection


def _managed(facts: Facts, project: Project) -> Facts:
    """Return the facts without tables and indexes that the project ignores, and Alembic's own table."""
    rules = patterns(project.config.ignore)

    def kept(kind: str, schema: str, name: str) -> bool:
        said = [pattern for each, pattern in rules if each == kind]
        return not any(fnmatchcase(name, each) or fnmatchcase(f"{schema}.{name}", each) for each in said)

    tables = [
        replace(table, indexes=tuple(each for each in table.indexes if kept("index", table.schema, each.name)))
        for table in facts.tables
        if table.name != _ALEMBIC and kept("table", table.schema, table.name)
    ]
    return replace(facts, tables=tuple(tables))


def _notes(facts: Facts, belonging: Tenancy | None) -> Iterator[str]:
    if belonging is not None and belonging.guessed:
        yield f"{belonging.tenants.sql} was taken for the table of tenants; the setting `tenants` says otherwise"
    if facts.live and not any(table.rows > 0 for table in facts.tables):
        yield "no table has been analyzed yet: run ANALYZE, and ask again"


def _sorted_out(
    found: Iterable[Finding],
    accepted: Sequence[tuple[str, str]],
    only: Collection[str],
    source: str,
    notes: tuple[str, ...],
) -> Advice:
    for each in only:
        if each not in set(Code) and not any(each == finding.subject for finding in found):
            raise ConfigError(f"--only {each}: no kind of finding, and nothing that a finding is about", hint=_kinds())
    wanted = [each for each in found if not only or {each.code, each.subject} & set(only)]
    open_, answered = list[Finding](), list[Answered]()
    used = set[str]()
    for finding in found:
        reason = next(((key, why) for key, why in accepted if fnmatchcase(finding.key, key)), None)
        if reason is not None:
            used.add(reason[0])
        if finding not in wanted:
            continue
        if reason is None:
            open_.append(finding)
        else:
            answered.append(Answered(finding, reason[1]))
    stale = tuple(key for key, _ in accepted if key not in used)
    return Advice(source, tuple(open_), tuple(answered), stale, notes)


def _kinds() -> str:
    return f"kinds are {', '.join(Code)}"


def write(project: Project, findings: Sequence[Finding], *, name: str = "") -> Generated | None:
    """Write the migration that does what `findings` advise, proved; None where no statement is left to do.

    Raises ConfigError where there is no migration to put it behind, DatabaseError where head does not have what a
    finding is about.
    """
    statements = tuple(dict.fromkeys(statement for finding in findings for statement in finding.statements))
    if not statements:
        return None
    last = read_head(project.chain_so_far(), project.config.manage)
    if not last.chain:
        raise ConfigError("there are no migrations to put this behind", hint="`mizzle generate` writes the first one")
    with project.scratch() as server, Stage(server, last.scripts(), last.catalog) as stage:
        wanted = _with(server, last.scripts(), statements)
        planned = plan(last.catalog, wanted, major=project.target)
        if not planned.steps:
            return None
        there = last.catalog.addresses() - {
            where for where in last.catalog.addresses() if str(where) in last.undeclared
        }
        return write_proved(project, stage, last, planned, name=name or "advised", declared=there)


def _with(server: Scratch, history: Sequence[script.Script], statements: Sequence[str]) -> Catalog:
    """Return what the migrations make, with the statements run on it."""
    with replayed(server, history) as connection:
        for statement in statements:
            try:
                connection.execute(statement.encode())
            except psycopg.Error as error:
                raise _refused(statement, error) from error
        return server.read(connection)


def _refused(statement: str, error: psycopg.Error) -> MizzleError:
    return DatabaseError(
        f"the head of the migrations does not take it: {error.diag.message_primary}\n  {statement}",
        hint="the database is not what its migrations say: mizzle check --url",
        sqlstate=error.sqlstate or "",
    )
