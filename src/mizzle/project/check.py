"""Everything that can be wrong with a project's migrations, found without a database: for CI."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from mizzle.catalog import snapshot
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.compare import compare, describe
from mizzle.errors import MizzleError
from mizzle.migrations.folder import SNAPSHOT, Migration
from mizzle.migrations.problems import Problem
from mizzle.project import known, live
from mizzle.project.declared import undeclared, with_kept
from mizzle.project.generate import read_head
from mizzle.project.project import Project
from mizzle.prove import Scratch, execute, expect


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    `kind` is a stable word: those of migrations/problems.py (fork, orphan, edited, half, …), and models, replay, drift.
    `lines` is what differs.
    """

    kind: str
    message: str
    hint: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked, in words, and what was found wrong."""

    passed: tuple[str, ...]
    findings: tuple[Finding, ...]


def check(project: Project, *, url: str | None = None) -> Checked:
    """Check the folder, the replay, each up and down, the models against the head, and (`url`) a database for drift."""
    folder = project.folder()
    if folder.problems:
        return Checked((), tuple(map(_of_folder, folder.problems)))
    chain = folder.chain()
    passed = [f"{len(chain)} migration{'' if len(chain) == 1 else 's'}, whole and in one line"]
    findings: list[Finding] = []
    needs_models = bool(project.config.models or project.config.sql)
    fresh = needs_models and not known.unchanged(project, chain)
    if not known.proved(project, _stamps(chain)) or fresh or url is not None:
        with project.scratch() as server:
            _collect(
                findings, passed, "replayed, undone, and equal to their snapshots", _replay(server, project, chain)
            )
            if fresh:
                _collect(findings, passed, "the models are what the migrations make", _models(server, project, chain))
            if url is not None:
                _collect(
                    findings, passed, "the database is what the migrations make", _drift(server, project, chain, url)
                )
    else:
        passed.append("replayed, undone, and equal to their snapshots (as proved before)")
    if needs_models and not fresh:
        passed.append("the models are what the migrations make")
    return Checked(tuple(passed), tuple(findings))


def _stamps(chain: Sequence[Migration]) -> list[tuple[str, str, str]]:
    """Return what a proof stands for: the files of each migration, its snapshot's too."""
    return [
        (m.id, m.up_checksum + m.down_checksum, hashlib.sha256((m.path / SNAPSHOT).read_bytes()).hexdigest())
        for m in chain
    ]


def _collect(findings: list[Finding], passed: list[str], good: str, finding: Finding | None) -> None:
    if finding is None:
        passed.append(good)
    else:
        findings.append(finding)


def _of_folder(problem: Problem) -> Finding:
    return Finding(problem.kind, problem.message, problem.hint)


def _replay(server: Scratch, project: Project, chain: Sequence[Migration]) -> Finding | None:
    """Run every migration forward and compare with its snapshot; then every undo, back to the one before."""
    if known.proved(project, _stamps(chain)):
        return None
    catalogs = [EMPTY, *(snapshot.decode(m.snapshot().catalog) for m in chain)]
    try:
        with server.database() as connection:
            for number, migration in enumerate(chain, 1):
                project.progress(f"replaying {migration.id} ({number} of {len(chain)})")
                execute(connection, migration.up(), name=f"{migration.id}/up.sql")
                expect(server.read(connection), catalogs[number], f"{migration.id}/up.sql does not give its snapshot")
            for number, migration in reversed(list(enumerate(chain))):
                project.progress(f"undoing {migration.id}")
                execute(connection, migration.down(), name=f"{migration.id}/down.sql")
                expect(server.read(connection), catalogs[number], f"{migration.id}/down.sql does not lead back")
    except MizzleError as error:
        hint = "if it is applied nowhere, `mizzle rebase` proves it again and records it; otherwise restore its files"
        return Finding("replay", error.message, hint)
    known.remember_proof(project, _stamps(chain))
    return None


def _models(server: Scratch, project: Project, chain: tuple[Migration, ...]) -> Finding | None:
    last = read_head(chain)
    declared = project.wanted(server)
    wanted = with_kept(declared, last.catalog, undeclared(last.catalog, declared, last.undeclared))
    lines = describe(compare(last.catalog, wanted))
    if not lines:
        known.remember(project, chain)
        return None
    return Finding(
        "models", "the models are not what the migrations make", "mizzle generate writes the migration", lines
    )


def _drift(server: Scratch, project: Project, chain: tuple[Migration, ...], url: str) -> Finding | None:
    expected = read_head(chain).catalog
    lines = drift(server, project, url, expected)
    if not lines:
        return None
    hint = "a migration that makes the difference, or undoing by hand what was done by hand, brings them together"
    return Finding("drift", "the database is not what the migrations make", hint, lines)


def drift(server: Scratch, project: Project, url: str, expected: Catalog) -> tuple[str, ...]:
    """Return what differs between the database at `url` and `expected`, a line each."""
    config = project.config
    found = live.read(url, schemas=config.schemas, history=config.history)
    home = server.rehome(project.managed(found), near=expected)
    return describe(compare(expected, home))
