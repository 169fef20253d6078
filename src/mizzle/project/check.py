"""Everything that can be wrong with a project's migrations, found without a database: for CI."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from mizzle.errors import MizzleError
from mizzle.lint.findings import Finding as Lint
from mizzle.lint.program import program
from mizzle.migrations.folder import UP, Migration
from mizzle.migrations.problems import Problem
from mizzle.project import known
from mizzle.project.linting import lint
from mizzle.project.project import Project

_SQUAWK = "`pip install 'mizzle[lint]'` adds squawk, which knows more of what may be wrong in hand-written SQL"

if TYPE_CHECKING:
    from mizzle.prove import Scratch


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, or at level `warning` may be.

    `kind` is a stable word: those of migrations/problems.py (fork, orphan, edited, half, …), and models, replay,
    pending, missing, drift, lint. `lines` is what differs; of a drift `undo` and `adopt` say it as SQL (replay.Drift);
    of hand-written SQL `lint` says by which rule. `file` is the file that it is about, one of a migration as
    `ID/up.sql`, any other by its path; `line` the line in it, counted from 1; empty and 0 for what is in no file. Where
    `lines` are in several places, `places` says of each in which, and `file` and `line` are the first of them.
    """

    kind: str
    message: str
    hint: str = ""
    lines: tuple[str, ...] = ()
    undo: str = ""
    adopt: str = ""
    level: Literal["error", "warning"] = "error"
    lint: Lint | None = None
    file: str = ""
    line: int = 0
    places: tuple[tuple[str, int], ...] = ()


class Checked(msgspec.Struct, frozen=True):
    """What was checked, in words, what was found wrong, and what is to be known besides."""

    passed: tuple[str, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether anything was found that is more than a warning."""
        return any(finding.level == "error" for finding in self.findings)


def check(project: Project, *, url: str | None = None) -> Checked:
    """Check the folder, the replay, each up and down, the models against the head, and (`url`) a database for drift."""
    folder = project.folder(anew=True)
    if folder.problems:
        return Checked((), tuple(map(_of_folder, folder.problems)))
    chain = folder.chain()
    has_models = project.config.has_sources
    results: list[_Passed | _Note | Finding] = [
        _Passed(f"{len(chain)} migration{'' if len(chain) == 1 else 's'}, whole and in one line")
    ]
    with project.scratch_if_needed() as server:
        results += _replay(server, project, chain)
        if not any(isinstance(each, Finding) for each in results):
            results += _by_hand(server, project, chain)
        results += _models(server, project, chain) if has_models else []
        results += _database(server, project, chain, url) if url is not None else []
    return Checked(
        tuple(str(each) for each in results if isinstance(each, _Passed)),
        tuple(each for each in results if isinstance(each, Finding)),
        tuple(str(each) for each in results if isinstance(each, _Note)),
    )


class _Passed(str):
    """What was found to be right."""

    __slots__ = ()


class _Note(str):
    """What is to be known."""

    __slots__ = ()


def _stamps(chain: Sequence[Migration]) -> list[tuple[str, str, str]]:
    """Return what a proof stands for: the files of each migration, its snapshot's too."""
    return [(m.id, m.up_checksum + m.down_checksum, m.snapshot_checksum) for m in chain]


def _of_folder(problem: Problem) -> Finding:
    """Return the finding, in the newest of the migrations that it concerns: the older ones are known to others."""
    newest = max(problem.migrations, default="")
    return Finding(
        problem.kind, problem.message, problem.hint, file=newest and f"{newest}/{UP}", line=1 if newest else 0
    )


def _placed(kind: str, message: str, hint: str, lines: Sequence[str], places: Iterable[tuple[str, int]]) -> Finding:
    """Return a finding whose lines have a place each; its own is the first of them."""
    listed = tuple(places)
    file, line = next((each for each in listed if each[1]), ("", 0))
    return Finding(kind, message, hint, tuple(lines), file=file, line=line, places=listed)


def _replay(server: Callable[[], Scratch], project: Project, chain: Sequence[Migration]) -> list[_Passed | Finding]:
    """Run every migration forward and back, but those at the beginning that have been before."""
    good = "replayed, undone, and equal to their snapshots"
    stamped = _stamps(chain)
    before = known.proved(project, stamped)
    if before and before == len(chain):
        return [_Passed(f"{good} (as proved before)")]
    from mizzle.project import replay  # noqa: PLC0415 - it takes longer to import than to find that all is well

    try:
        replay.replay(server(), project, chain, proved=before)
    except MizzleError as error:
        hint = "restore its files from version control, or have `mizzle rebase` prove it again and record what it makes"
        file, line = error.at or ("", 0)
        return [Finding("replay", error.message, hint, file=file, line=line)]
    known.remember_proof(project, stamped)
    return [_Passed(f"{good} (the first {before if before > 1 else 'one'} as proved before)" if before else good)]


def _by_hand(
    server: Callable[[], Scratch], project: Project, chain: tuple[Migration, ...]
) -> list[_Passed | _Note | Finding]:
    """Look at what was written by hand, unless that was looked at before."""
    linted = lint(server, project, chain)
    if not linted.by_hand:
        return []
    told: list[_Passed | _Note | Finding] = [
        Finding("lint", each.message, each.hint, level=each.level, lint=each, file=each.file, line=each.line)
        for each in linted.findings
    ]
    return [*(told or [_Passed("hand-written SQL: nothing to say")]), *([] if program() else [_Note(_SQUAWK)])]


def _models(server: Callable[[], Scratch], project: Project, chain: tuple[Migration, ...]) -> list[_Passed | Finding]:
    good = _Passed("the models are what the migrations make")
    if known.unchanged(project, chain):
        return [good]
    from mizzle.project import replay  # noqa: PLC0415 - as in _replay()

    found = replay.models(server(), project, chain)
    if found:
        from mizzle.project.places import Places  # noqa: PLC0415 - where all is well, nothing is looked for

        message = "the models are not what the migrations make"
        places = map(Places(project, chain).in_models, found)
        return [_placed("models", message, "mizzle generate writes the migration", [e.line for e in found], places)]
    known.remember(project, chain)
    return [good]


def _database(
    server: Callable[[], Scratch], project: Project, chain: tuple[Migration, ...], url: str
) -> list[_Passed | Finding]:
    """Compare a database with what the migrations that it has applied make."""
    from mizzle.project import replay  # noqa: PLC0415 - as in _replay()
    from mizzle.project.database import applied, up_units, waits  # noqa: PLC0415 - a check without a database loads no driver for one
    from mizzle.runner import judge  # noqa: PLC0415 - nor this

    have = applied(url, schema=project.config.history, scope=project.scope)
    held = waits(url, chain, schema=project.config.history, scope=project.scope)
    done = tuple(migration for migration in chain if migration.id in have)
    results: list[_Passed | Finding] = []
    if pending := tuple(each.id for each in chain if each.id not in have and each.id not in held):
        places = [(f"{each}/{UP}", 1) for each in pending]
        results.append(
            _placed("pending", "the database has not applied all migrations", "mizzle migrate", pending, places)
        )
    if held:
        results.append(
            _Passed(f"the database waits with a contract, for `mizzle migrate --contract`: {', '.join(held)}")
        )
    replaced = {each for unit in up_units(done) for each in unit.replaced()}
    if strange := tuple(sorted(have - replaced - {migration.id for migration in chain})):
        message = "the database has applied migrations that are not in the folder"
        results.append(Finding("missing", message, judge.MISSING, strange))
    found = replay.drift(server, project, url, done)
    if found.differences:
        from mizzle.project.places import Places  # noqa: PLC0415 - as in _models()

        hint = "write a migration that makes the difference, or undo by hand what was done by hand"
        message = "the database is not what the migrations that it has applied make"
        places = map(Places(project, done).in_history, found.differences)
        told = _placed("drift", message, hint, [each.line for each in found.differences], places)
        return [*results, msgspec.structs.replace(told, undo=found.undo, adopt=found.adopt)]
    return [*results, _Passed("the database is what the migrations that it has applied make")]
