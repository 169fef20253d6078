"""Advice on models, migrations, SQL files, or a live database; and the migration that takes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
import psycopg

from mizzle.advise import search, tenancy, workload
from mizzle.advise.examine import examine
from mizzle.advise.facts import Facts
from mizzle.advise.findings import Code, Finding, certain, ordered
from mizzle.advise.naming import Names
from mizzle.advise.rules import queries as rules
from mizzle.advise.tenancy import Tenancy
from mizzle.advise.thresholds import Thresholds
from mizzle.advise.workload import Query
from mizzle.catalog.catalog import Catalog
from mizzle.errors import ConfigError, DatabaseError, MizzleError
from mizzle.names import ident
from mizzle.planning.plan import plan
from mizzle.planning.tenants import without_schema
from mizzle.project.config import TEMPLATE
from mizzle.project.ground import Ground, ground
from mizzle.project.patterns import patterns
from mizzle.project.project import Project
from mizzle.project.writing import Generated, read_head, write_proved
from mizzle.prove import Past, Scratch, Stage, replayed, standing_in

_SHOWN = 5
_RECORDS = frozenset(
    "alembic_version schema_migrations ar_internal_metadata django_migrations flyway_schema_history databasechangelog"
    " databasechangeloglock __drizzle_migrations __diesel_schema_migrations goose_db_version knex_migrations"
    " knex_migrations_lock _prisma_migrations _sqlx_migrations".split()
)
"""Tables in which other tools keep what has been migrated: nobody may change them."""

_NOBODY = (
    "nobody can be asked what an index would change: install hypopg in the database, or mizzle[scratch], without a "
    "scratch server of your own"
)
_NOT_THERE = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedObject,
    psycopg.errors.InvalidSchemaName,
)


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


class Asked(msgspec.Struct, frozen=True):
    """What to advise on.

    `of` is a URL, or what diff() takes, '' for the database that was named or the head of the migrations; `queries` are
    files of them; `only` codes or subjects, beside which nothing is told; `limits` from what size on.
    """

    of: str = ""
    queries: tuple[Path, ...] = ()
    only: tuple[str, ...] = ()
    limits: Thresholds = Thresholds()


def advise(project: Project, asked: Asked) -> Advice:
    """Look for what could be better. Raises as side() does, ConfigError where `asked` is wrong, and DatabaseError."""
    given = [query for path in asked.queries for query in workload.from_file(path)]
    with ground(project, asked.of) as found:
        facts = _managed(found.facts, project)
        queries = [*given, *found.counted]
        belonging = tenancy.find(facts, project.config.tenants)
        named = Names(found.facts)
        findings = examine(facts, belonging, named, limits=asked.limits, queries=bool(queries))
        notes = [*found.notes, *_notes(facts, belonging)]
        if queries:
            missing, said = _lacking(project, found, facts, named, queries, asked.limits)
            findings = ordered(rules.joined(findings, missing))
            notes += said
    told = [each for each in findings if not asked.only or {each.code, each.subject} & set(asked.only)]
    _expect_kinds(asked.only, findings)
    answers = _answers(project)
    reasons = {each.key: reason for each in told if (reason := _reason(each, answers)) is not None}
    known = certain(live=facts.live, queries=bool(queries))
    return Advice(
        found.source,
        tuple(each for each in told if each.key not in reasons),
        tuple(Answered(each, reasons[each.key]) for each in told if each.key in reasons),
        tuple(each.written for each in answers if each.answers_all(known) and not any(map(each.fits, findings))),
        tuple(notes),
    )


class _Answer(msgspec.Struct, frozen=True):
    """An answer as it is `written` in the configuration, the findings that it answers, and the reason."""

    written: str
    pattern: str
    reason: str

    def fits(self, finding: Finding) -> bool:
        """Say whether it answers a finding."""
        return finding.key == self.pattern or fnmatchcase(finding.key, self.pattern)

    def answers_all(self, known: Collection[Code]) -> bool:
        """Say whether it is to a kind of finding of which all there is was found."""
        return any(fnmatchcase(code, self.pattern.partition(" ")[0]) for code in known)


def _answers(project: Project) -> list[_Answer]:
    """Return the answers as they read for one tenant: in the configuration its schema is `public`, as in the models."""
    own = f" {ident(project.tenant or TEMPLATE)}."
    return [_Answer(key, key.replace(f" {TEMPLATE}.", own, 1), why) for key, why in project.config.accept]


def _reason(finding: Finding, answers: Iterable[_Answer]) -> str | None:
    return next((each.reason for each in answers if each.fits(finding)), None)


def _expect_kinds(only: Collection[str], findings: Sequence[Finding]) -> None:
    there = {*Code, *(finding.subject for finding in findings)}
    for each in only:
        if each not in there:
            raise ConfigError(
                f"--only {each}: no kind of finding, and nothing that a finding is about",
                hint=f"kinds are {', '.join(Code)}",
            )


def _lacking(
    project: Project, found: Ground, facts: Facts, named: Names, queries: Sequence[Query], limits: Thresholds
) -> tuple[tuple[Finding, ...], list[str]]:
    """Return what the queries lack, and what is to be said of that."""
    project.progress(f"asking the planner about {len(queries)} queries")
    with found.planner(facts) as planner:
        if planner is None:
            return (), [_NOBODY]
        sought = search.lacking(found.sized(facts), named, queries, planner, limits)
        missing = tuple(rules.missing(facts, sought.lacks, planner.about))
    refused = [(query, why) for query, why in sought.refused if not query.of_catalog]
    said = [f"not understood, and left out: {query.name}: {why}" for query, why in refused[:_SHOWN]]
    if len(refused) > _SHOWN:
        said.append(f"{len(refused) - _SHOWN} more queries were left out")
    return missing, said


def _managed(facts: Facts, project: Project) -> Facts:
    """Return the facts without tables and indexes that the project ignores, and the records of migration tools."""
    rules = patterns(project.config.ignore)

    def kept(kind: str, schema: str, name: str) -> bool:
        schema = TEMPLATE if schema == project.tenant else schema
        said = [pattern for each, pattern in rules if each == kind]
        return not any(fnmatchcase(name, each) or fnmatchcase(f"{schema}.{name}", each) for each in said)

    tables = [
        replace(table, indexes=tuple(each for each in table.indexes if kept("index", table.schema, each.name)))
        for table in facts.tables
        if table.name not in _RECORDS and kept("table", table.schema, table.name)
    ]
    return replace(facts, tables=tuple(tables))


def _notes(facts: Facts, belonging: Tenancy | None) -> Iterator[str]:
    if belonging is not None and belonging.guessed:
        yield f"{belonging.tenants.sql} was taken for the table of tenants; the setting `tenants` says otherwise"
    if facts.live and facts.tables and not any(table.rows > 0 for table in facts.tables):
        yield "no table has been analyzed yet: run ANALYZE, and ask again"


def write(project: Project, findings: Sequence[Finding], *, name: str = "") -> Generated | None:
    """Write the migration that does what `findings` advise, proved; None where no statement is left to do.

    Raises ConfigError where there is no migration to put it behind, DatabaseError where head does not have what a
    finding is about.
    """
    statements = tuple(dict.fromkeys(statement for finding in findings for statement in finding.statements))
    if project.tenant:  # a migration names no schema for what is a tenant's; here `public` stands for it
        statements = tuple(without_schema(each, project.tenant) for each in statements)
    if not statements:
        return None
    last = read_head(project.chain_so_far(), project.config.manage)
    if not last.chain:
        raise ConfigError("there are no migrations to put this behind", hint="`mizzle generate` writes the first one")
    with project.scratch() as server:
        wanted = _with(server, last.history(), statements, tenants=bool(project.tenant))
        planned = plan(last.catalog, wanted, major=project.target)
        if not planned.steps:
            return None
        declared = {where for where in last.catalog.addresses() if str(where) not in last.undeclared}
        with Stage(server, last.history(), last.catalog) as stage:
            return write_proved(project, stage, last, planned, name=name or "advised", declared=declared)


def _with(server: Scratch, history: Sequence[Past], statements: Sequence[str], *, tenants: bool) -> Catalog:
    """Return what the migrations make, with the statements run on it."""
    with replayed(server, history) as connection:
        with standing_in(connection, TEMPLATE if tenants else ""):
            for statement in statements:
                try:
                    connection.execute(statement.encode())
                except (psycopg.errors.DuplicateTable, psycopg.errors.DuplicateObject):
                    continue  # the migrations have it already, and the database not yet
                except psycopg.Error as error:
                    raise _refused(statement, error) from error
        return server.read(connection)


def _refused(statement: str, error: psycopg.Error) -> MizzleError:
    return DatabaseError(
        f"the head of the migrations does not take it: {error.diag.message_primary}\n  {statement}",
        hint="the database is not what its migrations say: mizzle check --url"
        if isinstance(error, _NOT_THERE)
        else "something depends on it: change it in the models, and `mizzle generate` writes all of it",
        sqlstate=error.sqlstate or "",
    )
