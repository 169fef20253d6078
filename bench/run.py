"""`python -m bench.run`: measure Mizzle, and with --peers drizzle-kit and Alembic, as whole processes.

--sizes are numbers of tables: 15 is the portal, others up to 1,000 are synthetic. --runs is how often each command runs
at 15 tables after one run to warm up; larger sizes run a third of that, three times at least. The tools are installed
into --folder and stay there; all else in it is removed. The figures go to standard output, with --json to a file, with
--page between the marks of a Markdown page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from bench import install, report, schemas, server
from bench.install import Tools
from bench.measure import Result, in_turns
from bench.ours import Mizzle
from bench.peers import Alembic, Drizzle
from bench.results import Size
from bench.server import Databases, Server

_SMALL = 15
_FEWEST = 3


def main() -> None:
    """Measure what the arguments ask for, and report it."""
    asked = _arguments()
    sizes = [int(size) for size in asked.sizes.split(",")]
    folder: Path = asked.folder
    tools = install.install(folder / "tools", peers=asked.peers)
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    with server.running() as running:
        bench = Bench(running, tools, work, asked.runs)
        measured = tuple(bench.size(tables) for tables in sizes)
        steps = bench.steps() if asked.peers else ()
    made = report.Report(measured, steps)
    tables = made.tables()
    sys.stdout.write("\n".join(tables.values()))
    if asked.json:
        asked.json.write_text(made.json())
    if asked.page:
        asked.page.write_text(report.fill(asked.page.read_text(), tables))


class Bench:
    """A server, the tools, and a folder for the projects."""

    def __init__(self, running: Server, tools: Tools, work: Path, runs: int) -> None:
        self._server = running
        self._tools = tools
        self._work = work
        self._runs = runs
        self._environment = install.clean_environment()

    def size(self, tables: int) -> Size:
        """Measure Mizzle's commands at one size, and Alembic's comparison if it is installed."""
        ours = self._mizzle(self._work / str(tables), tables)
        rounds = self._runs if tables <= _SMALL else max(_FEWEST, self._runs // 3)
        cases = [ours.importing(), *ours.everyday(), *ours.others()]
        peers = []
        if self._tools.alembic:
            alembic = Alembic.of(ours.sample, self._tools.alembic, ours.databases, self._environment)
            peers.append(alembic.no_change())
        results = in_turns([*peers, *cases], rounds, progress=_progress(tables))
        more = in_turns(ours.edited(), rounds, progress=_progress(tables))
        if tables <= _SMALL:
            more += in_turns([ours.first_ever()], _FEWEST, progress=_progress(tables))
        return Size(tables, (*results[len(peers) :], *more), results[0] if peers else None)

    def steps(self) -> tuple[tuple[Result, ...], ...]:
        """Measure each of the peers' steps in turns with Mizzle's."""
        assert self._tools.alembic is not None
        assert self._tools.drizzle is not None
        folder = self._work / "peers"
        ours = self._mizzle(folder, schemas.PORTAL_TABLES)
        drizzle = Drizzle.of(folder, self._tools.drizzle, ours.databases, self._environment)
        alembic = Alembic.of(ours.sample, self._tools.alembic, ours.databases, self._environment)
        ours.verify_equal("drizzle")
        steps = zip(ours.everyday(), drizzle.steps(), alembic.steps(), strict=True)
        return tuple(in_turns(step, self._runs, progress=_progress(schemas.PORTAL_TABLES)) for step in steps)

    def _mizzle(self, folder: Path, tables: int) -> Mizzle:
        folder.mkdir()
        databases = Databases(self._server, f"{folder.name}_{tables}")
        return Mizzle.of(schemas.write(folder, tables), self._tools.mizzle, databases, self._environment)


def _progress(tables: int) -> Callable[[str], None]:
    def show(text: str) -> None:
        sys.stderr.write(f"{tables} tables, {text}\n")

    return show


def _arguments() -> argparse.Namespace:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--sizes", default="15,200,1000", help="numbers of tables, with commas between them")
    parser.add_argument("--runs", type=int, default=15, help="of each command at 15 tables")
    parser.add_argument("--peers", action="store_true", help="drizzle-kit and Alembic, too; needs node and npm")
    parser.add_argument("--folder", type=Path, default=cache / "mizzle-bench", help="where tools and projects go")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--page", type=Path, help="fill this page's tables; needs --peers")
    asked = parser.parse_args()
    if asked.page and not asked.peers:
        parser.error("--page needs --peers: the page is written whole, from one run")
    return asked


if __name__ == "__main__":
    main()
