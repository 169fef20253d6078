"""Everything that can be wrong with a project's migrations, found without a database: for CI."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property

import msgspec

from mizzle.catalog import snapshot
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename
from mizzle.differ.compare import compare, describe
from mizzle.errors import MizzleError
from mizzle.migrations.folder import SNAPSHOT, Migration
from mizzle.migrations.problems import Problem
from mizzle.project import known, live
from mizzle.project.database import applied
from mizzle.project.declared import undeclared, with_kept
from mizzle.project.generate import read_head
from mizzle.project.project import Project
from mizzle.prove import Scratch, execute, expect


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    `kind` is a stable word: those of migrations/problems.py (fork, orphan, edited, half, …), and models, replay, drift.
    `lines` is what differs.
    """

    kind: str
    message: str
    hint: str = ""
    lines: tuple[str, ...] = ()


class Checked(msgspec.Struct, frozen=True):
    """What was checked, in words, and what was found wrong."""

    passed: tuple[str, ...]
    findings: tuple[Finding, ...]


def check(project: Project, *, url: str | None = None) -> Checked:
    """Check the folder, the replay, each up and down, the models against the head, and (`url`) a database for drift."""
    folder = project.folder()
    if folder.problems:
        return Checked((), tuple(map(_of_folder, folder.problems)))
    chain = folder.chain()
    has_models = project.has_sources
    results = [_Passed(f"{len(chain)} migration{'' if len(chain) == 1 else 's'}, whole and in one line")]
    with ExitStack() as stack:
        server = _Lazily(project, stack)
        results += _replay(server, project, chain)
        results += _models(server, project, chain) if has_models else []
        results += _database(server, project, chain, url) if url is not None else []
    return Checked(
        tuple(str(each) for each in results if isinstance(each, _Passed)),
        tuple(each for each in results if isinstance(each, Finding)),
    )


class _Passed(str):
    """What was found to be right."""

    __slots__ = ()


class _Lazily:
    """The scratch server, started when the first check needs it."""

    def __init__(self, project: Project, stack: ExitStack) -> None:
        self._project, self._stack = project, stack

    @cached_property
    def server(self) -> Scratch:
        """The running server."""
        return self._stack.enter_context(self._project.scratch())


def _stamps(chain: Sequence[Migration]) -> list[tuple[str, str, str]]:
    """Return what a proof stands for: the files of each migration, its snapshot's too."""
    return [
        (m.id, m.up_checksum + m.down_checksum, hashlib.sha256((m.path / SNAPSHOT).read_bytes()).hexdigest())
        for m in chain
    ]


def _of_folder(problem: Problem) -> Finding:
    return Finding(problem.kind, problem.message, problem.hint)


def _replay(scratch: _Lazily, project: Project, chain: Sequence[Migration]) -> list[_Passed | Finding]:
    """Run every migration forward and compare with its snapshot; then every undo, back to the one before."""
    good = "replayed, undone, and equal to their snapshots"
    stamped = _stamps(chain)
    if known.proved(project, stamped):
        return [_Passed(f"{good} (as proved before)")]
    server = scratch.server
    try:
        _replay_all(server, project, chain)
    except MizzleError as error:
        hint = "restore its files from version control, or have `mizzle rebase` prove it again and record what it makes"
        return [Finding("replay", error.message, hint)]
    known.remember_proof(project, stamped)
    return [_Passed(good)]


def _replay_all(server: Scratch, project: Project, chain: Sequence[Migration]) -> None:
    catalogs = [EMPTY, *(snapshot.decode(m.snapshot().catalog) for m in chain)]
    with server.database() as connection:
        for number, migration in enumerate(chain, 1):
            project.progress(f"replaying {migration.id} ({number} of {len(chain)})")
            execute(connection, migration.up(), name=f"{migration.id}/up.sql")
            expect(server.read(connection), catalogs[number], f"{migration.id}/up.sql does not give its snapshot")
        for number, migration in reversed(list(enumerate(chain))):
            project.progress(f"undoing {migration.id}")
            execute(connection, migration.down(), name=f"{migration.id}/down.sql")
            expect(server.read(connection), catalogs[number], f"{migration.id}/down.sql does not lead back")


def _models(scratch: _Lazily, project: Project, chain: tuple[Migration, ...]) -> list[_Passed | Finding]:
    good = _Passed("the models are what the migrations make")
    if known.unchanged(project, chain):
        return [good]
    last = read_head(chain)
    declared = project.wanted(scratch.server)
    wanted = with_kept(declared, last.catalog, undeclared(last.catalog, declared, last.undeclared))
    lines = describe(compare(last.catalog, wanted))
    if lines:
        message = "the models are not what the migrations make"
        return [Finding("models", message, "mizzle generate writes the migration", lines)]
    known.remember(project, chain)
    return [good]


def _database(scratch: _Lazily, project: Project, chain: tuple[Migration, ...], url: str) -> list[_Passed | Finding]:
    """Compare a database with what the migrations that it has applied make."""
    have = applied(url, schema=project.config.history)
    done = tuple(migration for migration in chain if migration.id in have)
    results: list[_Passed | Finding] = []
    if pending := tuple(migration.id for migration in chain if migration.id not in have):
        results.append(Finding("pending", "the database has not applied all migrations", "mizzle migrate", pending))
    lines = drift(scratch.server, project, url, read_head(done).catalog)
    if lines:
        hint = "write a migration that makes the difference, or undo by hand what was done by hand"
        message = "the database is not what the migrations that it has applied make"
        return [*results, Finding("drift", message, hint, lines)]
    return [*results, _Passed("the database is what the migrations that it has applied make")]


def drift(server: Scratch, project: Project, url: str, expected: Catalog) -> tuple[str, ...]:
    """Return what differs between the database at `url` and `expected`, as far as the project manages it, by lines."""
    config = project.config
    found = live.read(url, schemas=config.schemas, history=config.history)
    ours = project.own(expected)
    changes = compare(ours, server.rehome(project.own(found), near=ours))
    return tuple(line for change in changes for line in _told(change))


def _told(change: Change) -> tuple[str, ...]:
    """Return what a difference is, said of the database."""
    match change:
        case Create(address, _):
            return (f"{address}: only in the database",)
        case Drop(address, _):
            return (f"{address}: not in the database",)
        case Alter() | Rename():
            return describe([change])
