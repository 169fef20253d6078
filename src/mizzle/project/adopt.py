"""A project and its database, taken over from another tool or from hands: nothing is run, nothing of theirs changes."""

from __future__ import annotations

import glob
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec
import psycopg
from msgspec import structs

from mizzle.adopt import versions
from mizzle.adopt.detect import Found, Tool
from mizzle.adopt.findings import DIFFER
from mizzle.catalog import prune
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.compare import compare
from mizzle.errors import ConfigError, HistoryError, MizzleError
from mizzle.migrations import write
from mizzle.migrations.folder import Migration
from mizzle.planning.needs import Needs
from mizzle.project import adopt_alembic, adopt_drizzle, adopt_from, config, ignore, live, settings_file
from mizzle.project.adopt_baseline import Compared, from_database, from_models, write_baseline
from mizzle.project.adopt_from import Source
from mizzle.project.database import applied, up_units
from mizzle.project.losses import counted
from mizzle.project.project import Project
from mizzle.project.tenants import as_template
from mizzle.prove import Scratch
from mizzle.runner.connection import Connection, connect, lost
from mizzle.runner.events import ignore as unheard
from mizzle.runner.migrate import open_ledger
from mizzle.runner.resolve import record
from mizzle.runner.work import opened

Base = Literal["database", "models"]


class Adopted(msgspec.Struct, frozen=True):
    """What was taken over: the migration that was written and recorded (None where none was to be), and what differs.

    `ignored` is what the configuration file `config` ignores from now on.
    """

    source: Source
    compared: Compared
    migration: Migration | None
    ignored: tuple[str, ...]
    config: Path

    @property
    def differs(self) -> bool:
        """Whether `check` finds something from now on, or the database has not what another tool's files say."""
        return bool(self.compared.drift) or any(each.kind in DIFFER for each in self.source.findings)


class Before(msgspec.Struct, frozen=True):
    """It was taken over before: the migration that was recorded then, and when."""

    migration: str
    when: datetime


class Wanted(msgspec.Struct, frozen=True):
    """What a person says: which tool and where its files are, its table, what the first migration is to be made of.

    `config` is the configuration file where another one than the nearest counts, `write` False only looks.
    """

    tool: Tool | None = None
    path: Path | None = None
    table: str = ""
    base: Base = "database"
    name: str = "baseline"
    reason: str = ""
    config: Path | None = None
    write: bool = True
    wait: float = 60.0


def adopt(project: Project, url: str, wanted: Wanted) -> Adopted | Before:
    """Take over the database at `url`: write a first migration, proved, and record it as applied.

    Of a database with a schema for each tenant it is the schema of the project's tenant; the others are for baseline().
    Raises HistoryError where the database is behind the other tool's files, has been migrated by Mizzle, or there are
    migrations already; DecisionNeeded where several tools or tables could be meant; what generate() raises. Files and
    database are as they were then.
    """
    if wanted.base == "models" and not project.config.has_sources:
        raise ConfigError("no models are configured", hint='set models = "package.module:Base", or leave --from out')
    if (before := _before(project, url)) is not None:
        return before
    found = adopt_from.find(project.config.root, wanted.tool, wanted.path)
    if project.tenant and found.tool == "drizzle":
        raise ConfigError(
            "Drizzle's files are of one schema, and this project keeps one per tenant (per_schema)",
            hint=f"mizzle adopt database --tenant {project.tenant} takes over what is there",
        )
    with project.scratch_if_needed() as server:
        with _reading(project, url) as connection:
            tables = _tables_of(versions.find(connection), project.tenant)
            table = adopt_from.one_table(tables, found.tool, wanted.table)
            settings = _settings(project, url, wanted, [each for each in tables if each.sure or each == table])
            with _ignored(project, settings.ignored):
                told = partial(_live, project, server, settings.database)
                source = _source(found, connection, table, project, server, told)
        with _ignored(project, settings.ignored):
            declared = project.wanted(server()) if project.config.has_sources else EMPTY
            compared = (from_models if wanted.base == "models" else from_database)(declared, told(declared))
            if not wanted.write:
                return Adopted(source, compared, None, settings.ignored, settings.path)
            migration = _write(project, server(), url, source, compared, wanted=wanted, settings=settings)
    project.config = structs.replace(project.config, ignore=(*project.config.ignore, *settings.ignored))
    return Adopted(source, compared, migration, settings.ignored, settings.path)


class _Settings(msgspec.Struct, frozen=True):
    """The configuration file, what is to stand in it, what it ignores more than before; the database as it was read."""

    path: Path
    text: str
    ignored: tuple[str, ...]
    database: Catalog


def _source(
    found: Found,
    connection: Connection,
    table: versions.Table | None,
    project: Project,
    server: Callable[[], Scratch],
    live: Callable[[Catalog], Catalog],
) -> Source:
    """Return what the other tool's files and its table say."""
    match found.tool:
        case "alembic":
            return adopt_alembic.source(found.path, connection, table)
        case "drizzle":
            return adopt_drizzle.source(found.path, connection, table, server=server(), project=project, live=live)
        case "database":
            return adopt_from.by_hand(_tables_of(versions.find(connection), project.tenant))


def _live(project: Project, server: Callable[[], Scratch], database: Catalog, near: Catalog) -> Catalog:
    """Return what the project manages in the database, told by scratch, to be compared with `near`."""
    tenant = project.tenant
    own = project.own(database, tenant=tenant)
    mine = _with_needed(ignore.without_foreign(own, near), own)
    if tenant:
        return as_template(server(), mine, tenant)
    return server().rehome(mine, near=near) if compare(mine, near) else mine


def _with_needed(mine: Catalog, own: Catalog) -> Catalog:
    """Return `mine` with what it needs of all that lies in no schema, such as the server of a foreign table."""
    there, kept, needs = own.addresses(), set(mine.addresses()), Needs(own)
    waiting = list(kept)
    while waiting:
        more = {each for each in needs.get(waiting.pop()) if each in there} - kept
        kept |= more
        waiting.extend(more)
    return mine if len(kept) == len(mine.addresses()) else prune.keep(own, lambda where: where in kept)


def _before(project: Project, url: str) -> Before | None:
    """Return when the database was taken over; raise where it or the folder is Mizzle's already, in another way."""
    chain = project.chain_so_far()
    with open_ledger(url, project.config.history, project.scope) as ledger:
        if (told := ledger.adopted()) is not None:
            return Before(*told)
        latest = ledger.read(up_units(chain))
    if latest:
        raise HistoryError(
            f"this database is run by Mizzle already: its history has {counted(len(latest), 'migration')}",
            hint="mizzle status shows them",
        )
    if chain:
        to = f" --to {chain[0].id}" if len(chain) > 1 else ""
        to += f" --tenant {project.tenant}" if project.tenant else ""
        raise HistoryError(
            f"{project.config.migrations}/ has {counted(len(chain), 'migration')}, and this database has none recorded",
            hint=f"mizzle baseline{to} records what the database has, after it was compared",
        )
    return None


def _tables_of(tables: Sequence[versions.Table], tenant: str) -> Sequence[versions.Table]:
    """Return those in the schema of `tenant`, if there are any, else all."""
    own = [each for each in tables if each.schema == tenant]
    return own or tables


@contextmanager
def _reading(project: Project, url: str) -> Generator[Connection]:
    with closing(connect(url, scope=project.scope)) as connection:
        try:
            connection.execute("SET default_transaction_read_only TO on")
            yield connection
        except psycopg.Error as error:
            raise lost(connection, error, doing="the tables of another migration tool") from error


def _settings(project: Project, url: str, wanted: Wanted, tables: Sequence[versions.Table]) -> _Settings:
    """Read the database, and find which of the other tools' `tables` are to be ignored in it."""
    path = wanted.config or config.in_folder(project.config.root)
    assert path is not None
    database = live.managed(url, project.config, tenant=project.tenant)
    mine = project.own(database, tenant=project.tenant).addresses()
    found = (each for each in tables if Address("table", (each.schema, each.name)) in mine)
    named = (f"{config.TEMPLATE if project.tenant else each.schema}.{each.name}" for each in found)
    more = tuple(f"table:{glob.escape(each)}" for each in named)
    text = settings_file.read(path)
    return _Settings(path, settings_file.with_ignored(path, text, more) if more else text, more, database)


@contextmanager
def _ignored(project: Project, more: tuple[str, ...]) -> Generator[None]:
    """Let the project ignore more for a while."""
    before = project.config
    project.config = structs.replace(before, ignore=(*before.ignore, *more))
    try:
        yield
    finally:
        project.config = before


def _write(  # noqa: PLR0913 - all that is put down
    project: Project,
    server: Scratch,
    url: str,
    source: Source,
    compared: Compared,
    *,
    wanted: Wanted,
    settings: _Settings,
) -> Migration:
    """Write migration and configuration, and record the migration; where that fails, take both back."""
    base = "the database as it was" if wanted.base == "database" else "the models"
    said = f"{base} when Mizzle took over ({source.revision})"
    new = not project.config.migrations_folder.exists()
    migration = write_baseline(project, server, compared, name=wanted.name, said=said)
    with _taken_back(project, url, migration, settings.path, new=new):
        if settings.ignored:
            settings_file.replace(settings.path, settings.text)
        _record(project, url, migration, wanted.reason or said, wanted.wait)
    return migration


@contextmanager
def _taken_back(project: Project, url: str, migration: Migration, path: Path, *, new: bool) -> Generator[None]:
    """Where what follows fails, take the migration away, a `new` folder of migrations too, and restore `path`.

    But not where it was recorded before that: Ctrl-C may come behind the commit.
    """
    before = settings_file.read(path)
    try:
        yield
    except BaseException:
        if not _is_recorded(project, url, migration):
            if settings_file.read(path) != before:
                settings_file.replace(path, before)
            write.remove([migration])
            if new:
                migration.path.parent.rmdir()
        raise


def _is_recorded(project: Project, url: str, migration: Migration) -> bool:
    try:
        return migration.id in applied(url, schema=project.config.history, scope=project.scope)
    except MizzleError:  # of a database that nobody reaches any more
        return False


def _record(project: Project, url: str, migration: Migration, reason: str, wait: float) -> None:
    units = up_units([migration])
    with (
        open_ledger(url, project.config.history, project.scope) as ledger,
        opened(ledger, units, wait=wait, on_event=unheard) as latest,
    ):
        record(ledger, units, latest, origin="adopt", reason=reason)
