"""The changes, each made by every tool in turns, on a copy of the same filled database, while clients work on it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import mizzle
from bench import install
from bench.install import Tools
from bench.measure import Failed
from bench.server import Databases, Server
from bench.stalls import database, spells, tools
from bench.stalls.changes import Change
from bench.stalls.crowd import crowd
from bench.stalls.results import ALEMBIC, DRIZZLE, NAIVE, OURS, Measured, Outcome, Run
from bench.stalls.tools import Entrant

_SAID = 300
"""Letters of a failure that are kept."""

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x20-\x7e\n]")
_FOLDER = re.compile(r"/\S*/")


@dataclass(frozen=True, slots=True)
class Bench:
    """What all measurements have in common.

    `lead` are the seconds that clients run before and after what is measured; `rounds` how often each is.
    """

    server: Server
    tools: Tools
    folder: Path
    rows: int
    rounds: int
    lead: float = 2.0

    def measure(self, change: Change) -> Measured:
        """Make the projects and the filled database, rehearse each tool once alone, then measure all in turns."""
        say(f"{change.name}: the projects, and {self.rows:,} rows")
        entrants = self._entrants(change)
        databases = Databases(self.server, "stalls")
        self._filled(databases, change, entrants)
        kept = {tool: _Kept() for tool in entrants}
        for number in range(self.rounds + 1):
            for tool, entrant in entrants.items():
                if isinstance(entrant, Entrant) and not kept[tool].failed:
                    self._once(databases, change, entrant, kept[tool], number)
        databases.server.drop(databases.url("filled"))
        outcomes = (_outcome(tool, entrant, kept[tool]) for tool, entrant in entrants.items())
        return Measured(change.name, change.title, tuple(outcomes))

    def _entrants(self, change: Change) -> dict[str, Entrant | Outcome]:
        """Return every tool with its project, or with the reason why it has none."""
        folder = self.folder / change.name
        shutil.rmtree(folder, ignore_errors=True)
        environment = self._environment()
        major = min(change.postgres or self.server.major, self.server.major)
        makers: dict[str, Callable[[], Entrant]] = {
            NAIVE: lambda: tools.naive(
                _naive(change, major), folder / "naive", self.server.clients / "psql", environment
            ),
            OURS: lambda: tools.mizzle(change, major, self._project(change), self.tools.mizzle, environment),
        }
        if (drizzle := self.tools.drizzle) is not None:
            makers[DRIZZLE] = lambda: tools.drizzle(change, folder / "drizzle", drizzle, environment)
        if (alembic := self.tools.alembic) is not None:
            makers[ALEMBIC] = lambda: tools.alembic(change, folder / "alembic", alembic, environment)
        return {tool: _made(tool, change, make) for tool, make in makers.items()}

    def _filled(self, databases: Databases, change: Change, entrants: dict[str, Entrant | Outcome]) -> None:
        """Make the database that is copied for each run; every tool finds the schema before the change recorded."""
        databases.empty("filled")
        url = databases.url("filled")
        first = min((self._project(change) / "migrations").iterdir()).name
        if said := self._mizzle(change, "--url", url, "migrate", "--to", first):
            raise Failed(said)
        database.fill(url, change.loading(self.rows))
        if isinstance(drizzle := entrants.get(DRIZZLE), Entrant):
            tools.record_drizzle(drizzle, url)
        if isinstance(alembic := entrants.get(ALEMBIC), Entrant):
            alembic.run(url, alembic.command[0], "stamp", tools.BEFORE)

    def _once(self, databases: Databases, change: Change, entrant: Entrant, kept: _Kept, number: int) -> None:
        """Rehearse (number 0) or measure one tool, and see that it made what was asked for."""
        log = database.Log(self.server)
        with database.copied(databases, "filled") as url:
            try:
                if number:
                    kept.runs.append(self._run(url, change, entrant, kept.seconds))
                    kept.seconds = kept.runs[-1].seconds
                else:
                    begun = perf_counter()
                    entrant.run(url)
                    kept.seconds = perf_counter() - begun
                kept.wrong = kept.wrong or self._mizzle(change, "diff", url, "schema.sql")
            except (Failed, subprocess.TimeoutExpired) as error:
                kept.failed = _words(str(error), log.since())
            say(f"  round {number} of {self.rounds}: {entrant.tool}, {kept.told()}")

    def _run(self, url: str, change: Change, entrant: Entrant, expected: float) -> Run:
        """Measure one run: an idle spell as long as it will take, then the migration."""
        with crowd(url, change, self.rows, self.folder) as found:
            time.sleep(self.lead)
            quiet = perf_counter()
            time.sleep(max(self.lead, expected))
            begun = perf_counter()
            entrant.run(url)
            ended = perf_counter()
            time.sleep(self.lead)
        seconds = ended - begun
        idle = spells.spell(found, max(quiet, begun - max(self.lead, seconds)), begun, whole=True)
        if not idle.statements:
            raise Failed("no client had an answer before it began")
        return Run(
            seconds=round(seconds, 3),
            idle=idle,
            during=spells.spell(found, begun, ended),
            autovacuums=database.autovacuums(url),
        )

    def _project(self, change: Change) -> Path:
        return self.folder / change.name / "mizzle"

    def _environment(self) -> dict[str, str]:
        return install.clean_environment() | {"XDG_CACHE_HOME": str(self.folder / "cache")}

    def _mizzle(self, change: Change, *arguments: str) -> str:
        """Run Mizzle in its project; return what it printed where it failed, or found a difference, else nothing."""
        command = [self.tools.mizzle / "mizzle", *arguments]
        environment, project = self._environment(), self._project(change)
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()


class _Kept:
    """What is known of one tool while it is measured."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.seconds = 0.0
        self.failed = self.wrong = ""

    def told(self) -> str:
        """Return a line for who watches."""
        if self.failed or self.wrong:
            return f"failed: {self.failed or self.wrong}"
        if not self.runs:
            return f"alone {self.seconds:.1f} s"
        run = self.runs[-1]
        trouble = f", {run.during.failed} statements failed: {run.during.error}" if run.during.failed else ""
        waits = (
            f"{run.during.worst:.0f} ms, {run.during.slowest} at {run.during.at:.1f} s (idle {run.idle.worst:.0f} ms)"
        )
        return f"{run.seconds:.1f} s, worst wait {waits}{trouble}"


def measure(bench: Bench, changes: Sequence[Change]) -> Iterator[Measured]:
    """Measure the changes one after the other."""
    for change in changes:
        yield bench.measure(change)


def say(text: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _naive(change: Change, major: int) -> mizzle.Plan:
    with mizzle.scratch() as scratch:
        old, new = scratch.load(change.ddl("before")), scratch.load(change.ddl("after"))
    return mizzle.plan(old, new, renames=change.renames, major=major, online=False)


def _made(tool: str, change: Change, make: Callable[[], Entrant]) -> Entrant | Outcome:
    key = tool.partition("-")[0].lower()
    if reason := (change.without or {}).get(key):
        return Outcome(tool, without=reason)
    try:
        return make()
    except Failed as error:
        say(f"  {tool} makes no migration: {error}")
        return Outcome(tool, failed=_words(str(error)))


def _outcome(tool: str, entrant: Entrant | Outcome, kept: _Kept) -> Outcome:
    if isinstance(entrant, Outcome):
        return entrant
    return Outcome(tool, tuple(kept.runs), failed=kept.failed, wrong=kept.wrong[:_SAID], sql=entrant.sql)


def _words(printed: str, logged: str = "") -> str:
    """Return what the server's log says of a failure, or else what the tool said, without folders and colours."""
    return logged or _FOLDER.sub("", " ".join(_CONTROL.sub(" ", printed).split()))[-_SAID:]
