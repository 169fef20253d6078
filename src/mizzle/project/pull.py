"""A database as models and SQL files, which read back as what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from mizzle.catalog import prune
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.declaring import module, remaining
from mizzle.declaring.split import Split, split
from mizzle.differ.compare import compare, describe
from mizzle.errors import ConfigError, DatabaseError, ImportFailed
from mizzle.names import dotted
from mizzle.planning.plan import plan
from mizzle.project import live
from mizzle.project.diff import URLS, side
from mizzle.project.project import Project
from mizzle.project.tenants import MISSING, as_template
from mizzle.server.loading import load_sources
from mizzle.sources import written

if TYPE_CHECKING:
    from mizzle.prove import Scratch

MODELS, BEFORE, AFTER = "models.py", "before.sql", "after.sql"
_MODULE = "mizzle_pulled_models"
_ELSEWHERE = "add its schema to the setting `schemas`, or leave out what needs it by `ignore`"
_ABOUT = "The models of the database, as mizzle pull wrote them."
_UNCHECKED = "SET check_function_bodies = off;"


class Pulled(msgspec.Struct, frozen=True):
    """What was written: texts by the name of their file, and how much of it the models say.

    `left` are the tables and parts of tables that are said in SQL; `unmanaged` what nobody can write, `different` what
    reads back otherwise: both are empty where all of it was pulled.
    """

    files: dict[str, str]
    classes: int
    tables: int
    left: tuple[str, ...]
    unmanaged: tuple[str, ...]
    different: tuple[str, ...]
    schemas: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether what was written reads back as what was pulled."""
        return not self.unmanaged and not self.different


def pull(project: Project, of: str) -> Pulled:
    """Return the models and the SQL of what `of` names, as diff() takes it; '' for the project's database.

    Of a database with a schema for each tenant it is the schema of the project's tenant, called `public`. Raises as
    side() does, ImportFailed without SQLAlchemy, ConfigError where no tenant is named, DatabaseError where what is
    pulled needs what lies in another schema than the project's.
    """
    written.expect_sqlalchemy()
    with project.scratch() as server:
        project.progress("reading the database")
        try:
            return pulled(project, server, _read(project, server, of))
        except DatabaseError as error:
            if error.sqlstate not in MISSING or not project.config.schemas or project.config.per_schema:
                raise
            raise DatabaseError(
                f"what is pulled needs what is not: {error.message}",
                hint=_ELSEWHERE,
                sqlstate=error.sqlstate,
            ) from error


def pulled(project: Project, server: Scratch, told: Catalog) -> Pulled:
    """Return the models and the SQL of a catalog that `server` has told. Raises as pull() does."""
    wanted = prune.managed(told)
    project.progress("writing the models")
    made = _fitting(project, server, wanted)
    after = _sql(project, made.found, wanted, head="What the models cannot say.")
    texts = {MODELS: made.module.text, BEFORE: made.before, AFTER: after}
    project.progress("reading it back")
    read = load_sources(server, made.ddl, _file(AFTER, after), before=_file(BEFORE, made.before))
    gone = sorted(str(where) for where in told.addresses() - wanted.addresses())
    said = frozenset(made.parted.says())
    return Pulled(
        {name: text for name, text in texts.items() if text},
        made.module.classes,
        made.module.tables,
        tuple(sorted(str(where) for where in _tables_and_parts(wanted) if where not in said)),
        tuple(sorted({*map(str, told.unmanaged), *gone})),
        describe(compare(read, wanted)),
        _schemas(wanted),
    )


def _read(project: Project, server: Scratch, of: str) -> Catalog:
    """Return the catalog of what is pulled, told by scratch, of the project's schemas (all, where it names none)."""
    if of and not of.startswith(URLS):
        found = side(project, of)
        return found.home(lambda: server, found.catalog(lambda: server), EMPTY)
    if of:
        return _managed(project, server, of)
    with project.database() as url:
        return _managed(project, server, url)


def _managed(project: Project, server: Scratch, url: str) -> Catalog:
    config, tenant = project.config, project.scope.tenant
    if tenant:
        found = live.managed(url, config, tenant=tenant)
        return as_template(server, project.own(found, tenant=tenant), tenant)
    schemas = config.schemas or None
    catalog = live.read(url, schemas=schemas, history=config.history, also=config.manage, role=config.role)
    return server.rehome(project.own(catalog) if schemas else catalog)


class _Attempt(msgspec.Struct, frozen=True):
    """What the models say, their module and its DDL, and what that and what is before it make."""

    parted: Split
    module: module.Module
    ddl: tuple[str, ...]
    before: str
    found: Catalog


def _fitting(project: Project, server: Scratch, wanted: Catalog) -> _Attempt:
    """Return models that make what they should: what reads back otherwise is left to SQL, and all is tried again."""
    parted = split(wanted)
    while True:
        try:
            made = _attempt(project, server, wanted, parted)
        except (ConfigError, DatabaseError, ImportFailed) as error:
            left = _refused(project, server, wanted, parted)
            if not left:
                raise
            project.note(f"left to SQL: {', '.join(map(str, sorted(left)))}: {error.message}")
        else:
            left = remaining.misfits(compare(made.found, wanted), wanted, parted) - parted.left
            if not left:
                return made
            project.progress(f"writing the models again, without {len(left)} that read back otherwise")
        parted = split(wanted, parted.left | left)


def _attempt(project: Project, server: Scratch, wanted: Catalog, parted: Split) -> _Attempt:
    """Write the models and load them. Raises ImportFailed, ConfigError and DatabaseError where they are refused."""
    made = module.write(wanted, parted, about=_ABOUT)
    before = _sql(project, EMPTY, parted.before, head="What has to be there before the tables of the models.")
    ddl = written.ddl(made.text, name=_MODULE, major=project.target)
    return _Attempt(parted, made, ddl, before, load_sources(server, ddl, (), before=_file(BEFORE, before)))


def _refused(project: Project, server: Scratch, wanted: Catalog, parted: Split) -> frozenset[Address]:
    """Return the tables that SQLAlchemy or PostgreSQL refuse; none where it is not one of them."""
    tables = [table.address for table in parted.tables]

    def works(some: Sequence[Address]) -> bool:
        try:
            _attempt(project, server, wanted, split(wanted, parted.left | {*tables} - {*some}))
        except (ConfigError, DatabaseError, ImportFailed):
            return False
        return True

    def refused(some: Sequence[Address]) -> frozenset[Address]:
        if works(some):
            return frozenset()
        first, second = some[: len(some) // 2], some[len(some) // 2 :]
        if not first:
            return frozenset(second)
        return refused(first) | refused(second) or frozenset(second)  # neither alone: the two together

    return refused(tables) if tables and works(()) else frozenset()


def _file(name: str, text: str) -> tuple[tuple[str, str], ...]:
    return ((name, text),) if text else ()


def _sql(project: Project, old: Catalog, new: Catalog, *, head: str) -> str:
    """Return the SQL that leads from one catalog to another, as a file; nothing where they are equal."""
    owned, said = _with_owners(old, new)
    steps = plan(owned, new, major=project.target, online=False).steps
    if not steps and not said:
        return ""
    unchecked = [_UNCHECKED] if new.routines else []
    return "\n\n".join([f"-- {head}", *unchecked, *(step.sql for step in steps), *said]) + "\n"


def _with_owners(old: Catalog, new: Catalog) -> tuple[Catalog, list[str]]:
    """Return `old` with its sequences owned by the columns that own them in `new`, and the SQL that says so.

    In a new database there is one role: a plan would have to see that sequence and table belong to the same one.
    """
    wanted = {(each.schema, each.name): each for each in new.sequences}
    tables = {(table.schema, table.name) for table in old.tables}
    sequences, said = [*old.sequences], list[str]()
    for place, each in enumerate(sequences):
        owner = wanted.get((each.schema, each.name), each).owned_by
        if owner is not None and owner != each.owned_by and owner[:2] in tables:
            sequences[place] = replace(each, owned_by=owner)
            said.append(f"ALTER SEQUENCE {dotted(each.schema, each.name)} OWNED BY {dotted(*owner)};")
    return replace(old, sequences=tuple(sequences)), said


def _tables_and_parts(catalog: Catalog) -> Iterator[Address]:
    """Yield the addresses of tables and their parts."""
    for table in catalog.tables:
        yield table.address
        yield from (where for where, _ in table.parts())


def _schemas(catalog: Catalog) -> tuple[str, ...]:
    found = {where.schema for where, _ in catalog.top_level() if where.schema}
    return tuple(sorted(found, key=lambda schema: (schema != "public", schema)))
