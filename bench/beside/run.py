"""`python -m bench.beside.run`: the speed of the tools themselves, as the schema grows and as the history grows.

--sizes are numbers of tables, --lengths numbers of migrations in the history of 15 tables (one more than a multiple of
three); either may be empty. --runs is how often a command runs after one to warm up; where Mizzle and the others are
slow, at 200 tables and more, half of that. All commands of a row take turns. What is measured is added to --json, from
which --page fills the tables of a Markdown page; without --sizes and --lengths nothing is measured again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench import install, report, server
from bench.beside import equal, figures, rows, start, tables
from bench.beside.alembic_project import Alembic
from bench.beside.django_project import Django
from bench.beside.drizzle_project import Drizzle, DrizzleNext
from bench.beside.figures import Figures
from bench.beside.migra_project import drift
from bench.beside.mizzle_project import Mizzle
from bench.beside.project import HEAD, Place, Project
from bench.measure import Case, in_turns
from bench.schemas import PORTAL_TABLES
from bench.server import Databases, Server
from mizzle.catalog import snapshot
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.migrations import folder as folders

_FEWEST = 3
_MOST_OF_DJANGO = 200  # tables: it takes many minutes to migrate a thousand once
_MOST = {(rows.DRIFT, rows.DRIZZLE): 200}
"""Tables above which a command is not measured: one run of it takes minutes."""

_TOGETHER = ((rows.IMPORT, rows.UNTOUCHED, rows.SAVED), (rows.DRIFT, rows.CHECK_LIVE))


def main() -> None:
    """Measure what the arguments ask for, keep it, and report all that was kept."""
    asked = _arguments()
    found = figures.read(asked.json)
    work: Path = asked.folder / "beside"
    if asked.sizes or asked.lengths or asked.start:
        tools = Tools(asked.folder / "tools")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        with server.running() as running:
            bench = Bench(running, tools, work, asked.runs, only=asked.only)
            for measured in bench.all(asked.sizes, asked.lengths, start=asked.start):
                found |= measured
                figures.write(asked.json, found)
    parts = tables.parts(found, figures.measured(asked.json))
    sys.stdout.write("\n".join(parts.values()))
    if asked.page:
        asked.page.write_text(report.fill(asked.page.read_text(), parts, by="bench-peers"))


class Tools:
    """The tools, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.mizzle = install.install(folder, peers=False).mizzle
        self.alembic = install.environment(folder / "alembic", install.ALEMBIC)
        self.django = install.environment(folder / "django", install.DJANGO)
        self.migra = install.environment(folder / "migra", install.MIGRA)
        self.drizzle = _with_node(install.node_modules(folder / "drizzle-loaded", install.DRIZZLE_LOADED))
        self.drizzle_next = _with_node(install.node_modules(folder / "drizzle-next", install.DRIZZLE_NEXT))


class Bench:
    """A server, the tools, and a folder for the projects."""

    def __init__(self, running: Server, tools: Tools, work: Path, runs: int, *, only: Sequence[str]) -> None:
        self._server = running
        self._tools = tools
        self._work = work
        self._runs = runs
        self._only = only
        self._environment = install.clean_environment()

    def all(self, sizes: Sequence[int], lengths: Sequence[int], *, start: bool) -> Iterator[Figures]:
        """Measure all of it, and yield the figures row by row."""
        for size in sizes:
            yield from self.size(size)
        if lengths:
            yield from self.lengths(lengths)
        if start:
            yield self.start()

    def size(self, size: int) -> Iterator[Figures]:
        """Measure every row at one number of tables."""
        projects = self._projects(size, 1)
        cases = [case for project in projects for case in project.sized().values()]
        cases.append(self._migra(projects))
        cases = [case for case in cases if size <= _MOST.get((case.name, case.tool), size)]
        rounds = self._runs if size <= PORTAL_TABLES else max(_FEWEST, self._runs // 2)
        for group in _groups(rows.SIZED):
            found = self._measure([case for case in cases if case.name in group], size, rounds)
            # The others read their models each time: whether a module was saved again is the same to them.
            same = {
                key: result for key, result in found.items() if key.row == rows.UNTOUCHED and key.tool != rows.MIZZLE
            }
            yield found | {key._replace(row=rows.SAVED): result for key, result in same.items()}

    def lengths(self, lengths: Sequence[int]) -> Iterator[Figures]:
        """Measure every row of a history at all of its lengths, in turns."""
        projects = {length: self._projects(PORTAL_TABLES, length) for length in lengths}
        for row in rows.LONG:
            keys, cases = [], []
            for length, made in projects.items():
                for project in made:
                    if (case := project.long().get(row)) is not None:
                        keys.append(figures.Key(row, project.tool, PORTAL_TABLES, length))
                        cases.append(case)
            yield dict(zip(keys, in_turns(cases, self._runs, progress=_progress), strict=True))

    def start(self) -> Figures:
        """Measure what a program takes that does next to nothing."""
        cases = start.cases(self._work, self._environment, self._tools)
        results = in_turns(cases, self._runs, progress=_progress)
        return {figures.Key(result.case.name, result.case.tool, 0, 0): result for result in results}

    def _measure(self, cases: Sequence[Case], size: int, rounds: int) -> Figures:
        results = in_turns(cases, rounds, progress=_progress)
        return {figures.Key(result.case.name, result.case.tool, size, 1): result for result in results}

    def _projects(self, tables: int, length: int) -> tuple[Project, ...]:
        """Make the projects of all tools, and see that they make the same database."""
        databases = Databases(self._server, "beside")
        place = self._work / f"{tables}-{length}"
        catalog = EMPTY
        made: list[Project] = []
        for kind, tools in self._kinds(tables):
            _progress(f"making the project of {kind.tool}, {tables} tables and {length} migrations")
            folder = place / kind.__name__.lower()
            project = kind(Place(folder, catalog, tables, length, databases, self._environment), tools)
            project.make()
            if isinstance(project, Mizzle):
                catalog = _catalog(project)
            equal.verify(project.tool, catalog, project.url(HEAD))
            made.append(project)
        return tuple(made)

    def _kinds(self, tables: int) -> Iterable[tuple[type[Project], Path]]:
        tools = self._tools
        found: tuple[tuple[type[Project], Path], ...] = (
            (Mizzle, tools.mizzle),
            (Drizzle, tools.drizzle),
            (DrizzleNext, tools.drizzle_next),
            (Alembic, tools.alembic),
            (Django, tools.django),
        )
        wanted = {each[0] for each in found if not self._only or each[0].__name__.lower() in ("mizzle", *self._only)}
        return [each for each in found if each[0] in wanted and (each[0] is not Django or tables <= _MOST_OF_DJANGO)]

    def _migra(self, projects: Sequence[Project]) -> Case:
        """Compare the database of Mizzle's project with a copy of it, of which only the history is gone."""
        ours = projects[0]
        case = ours.sized()[rows.DRIFT]
        wanted = ours.copied("wanted", without="mizzle")
        database = ours.copied("compared", without="mizzle")
        return drift(case, self._tools.migra, database, wanted)


def _catalog(project: Project) -> Catalog:
    (*_, last) = folders.load(project.root / "migrations").chain()
    return snapshot.decode(last.snapshot().catalog)


def _groups(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the rows, those together that are compared round by round."""
    together = {name for group in _TOGETHER for name in group}
    return [*_TOGETHER, *((name,) for name in names if name not in together)]


def _with_node(folder: Path) -> Path:
    """Return the folder of node_modules, with `node` itself beside it."""
    node = shutil.which("node")
    assert node is not None
    link = folder / "node"
    link.unlink(missing_ok=True)
    link.symlink_to(node)
    return folder


def _progress(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",") if each]


def _arguments() -> argparse.Namespace:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mizzle-bench"
    parser = argparse.ArgumentParser(prog="bench.beside.run", description=__doc__)
    parser.add_argument("--sizes", type=_numbers, default=[15, 200, 1000], help="numbers of tables")
    parser.add_argument("--lengths", type=_numbers, default=[10, 100, 1000], help="numbers of migrations")
    parser.add_argument("--runs", type=int, default=7, help="of each command")
    parser.add_argument("--only", nargs="*", default=(), help="these tools beside Mizzle: drizzle, alembic, …")
    parser.add_argument("--no-start", dest="start", action="store_false", help="without the programs that do nothing")
    parser.add_argument("--folder", type=Path, default=cache, help="where tools and projects go")
    parser.add_argument("--json", type=Path, default=cache / "beside.json", help="where the figures are kept")
    parser.add_argument("--page", type=Path, help="fill this page's tables")
    return parser.parse_args()


if __name__ == "__main__":
    main()
