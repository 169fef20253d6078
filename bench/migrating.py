"""`python -m bench.migrating`: `mizzle migrate` beside psql, drizzle-kit and Alembic, on the same statements.

The statements are those of the portal's initial migration (15 tables) and of a synthetic one. All commands of both
sizes take turns in one run, on a fresh database and on one that has it all. Alembic's project imports no models here,
and psql runs the file in one transaction, as the others do. It cannot tell that there is nothing to do: in its place
stands a Python program that connects by psycopg and ends. The figures go to standard output, with --page between the
marks of a Markdown page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from bench import install, peers, report, schemas, server, tables
from bench.install import Tools
from bench.measure import Case, Result, in_turns
from bench.ours import Mizzle
from bench.peers import Alembic, Drizzle
from bench.server import Databases, Server
from mizzle.sqltext import split

PSQL, CONNECTING = "psql -f", "psycopg connecting"
_CONNECT = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).execute('SELECT 1'); os._exit(0)"
_RUN, _NOTHING = "on a fresh database", "nothing to do"
_TOOLS = ("mizzle", f"{PSQL}, or {CONNECTING}", peers.DRIZZLE, peers.ALEMBIC)
_LARGE = 1000
_OF_PSQL = 1.15
_OF_TOOLS = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one size in one state: Mizzle, the least that it takes, and the two tools."""

    size: int
    state: str
    ours: Result
    least: Result
    tools: tuple[Result, ...]

    @property
    def faster(self) -> Result:
        """The faster of the two tools."""
        return min(self.tools, key=lambda result: result.wall)


class Measured(NamedTuple):
    """The rows, and in how many rounds they were measured."""

    rows: tuple[Row, ...]
    rounds: int


def main() -> None:
    """Measure what the arguments ask for, and report it."""
    asked = _arguments()
    folder: Path = asked.folder
    tools = install.install(folder / "tools", peers=True)
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    with server.running() as running:
        sizes = [int(size) for size in asked.sizes.split(",")]
        measured = measure(running, tools, work, sizes, asked.runs)
    told = parts(measured)
    sys.stdout.write("\n".join(told.values()))
    if asked.page:
        asked.page.write_text(report.fill(asked.page.read_text(), told, by="bench-migrate"))


def measure(running: Server, tools: Tools, work: Path, sizes: Sequence[int], rounds: int) -> Measured:
    """Measure all tools at all sizes, in turns."""
    planned = [(size, state, cases) for size in sizes for state, cases in _cases(running, tools, work, size)]
    results = iter(in_turns([case for *_, cases in planned for case in cases], rounds, progress=_progress))
    rows = (_row(size, state, [next(results) for _ in cases]) for size, state, cases in planned)
    return Measured(tuple(rows), rounds)


def parts(measured: Measured) -> dict[str, str]:
    """Return the part of the page: which machine, the figures, the aims."""
    machine = f"{report.measured_on()}{measured.rounds} runs of each, after one to warm up.\n"
    return {"migrating": "\n".join((machine, _figures(measured.rows), _aims(measured.rows)))}


def _cases(running: Server, tools: Tools, work: Path, size: int) -> Iterator[tuple[str, list[Case]]]:
    """Make the projects of one size and yield its states, each with the commands of Mizzle, psql and the tools."""
    assert tools.drizzle is not None
    assert tools.alembic is not None
    folder = work / str(size)
    folder.mkdir()
    databases, environment = Databases(running, f"migrating_{size}"), install.clean_environment()
    ours = Mizzle.of(schemas.write(folder, size), tools.mizzle, databases, environment)
    (file,) = ours.saved.glob("*/up.sql")
    statements = [fragment.sql for fragment in split(file.read_text())]
    drizzle = Drizzle.of_statements(statements, folder, tools.drizzle, databases, environment)
    alembic = Alembic.of_statements(statements, ours.sample, tools.alembic, databases, environment)
    ours.verify_equal("drizzle")
    run, nothing = (
        [list(each)[peers.STEPS.index(step)] for each in (ours.everyday(), drizzle.steps(), alembic.steps())]
        for step in (peers.RUN, peers.NOTHING)
    )
    connecting = [tools.mizzle / "python", "-c", _CONNECT]
    yield _RUN, [run[0], _psql(running, run[0], file, databases.url("scrap")), *run[1:]]
    yield _NOTHING, [nothing[0], replace(nothing[0], tool=CONNECTING, command=connecting, prints=""), *nothing[1:]]


def _psql(running: Server, ours: Case, file: Path, url: str) -> Case:
    options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    return replace(ours, tool=PSQL, command=[running.clients / "psql", *options, "-f", file, url], prints="")


def _row(size: int, state: str, results: Sequence[Result]) -> Row:
    ours, least, *others = results
    return Row(size, state, ours, least, tuple(others))


def _figures(rows: Sequence[Row]) -> str:
    """Seconds, and Mizzle's as a share of those of the others."""
    head = ["seconds: median (least to most)", *_TOOLS, "share of that", "share of the faster tool's time"]
    cells = (
        [
            _name(row),
            *map(tables.spread, (row.ours, row.least, *row.tools)),
            f"{row.ours.ratio(row.least):.0%}",
            f"{row.ours.ratio(row.faster):.0%}",
        ]
        for row in rows
    )
    return tables.table(head, cells)


def _aims(rows: Sequence[Row]) -> str:
    found = [
        tables.aim(f"{_name(row)}: {_OF_PSQL:.0%} of psql's time", row.ours.ratio(row.least), _OF_PSQL, "{:.0%}")
        for row in rows
        if row.least.case.tool == PSQL and row.size == _LARGE
    ]
    found += [
        tables.aim(
            f"{_name(row)}: {_OF_TOOLS:.0%} of the faster tool's time",
            row.ours.ratio(row.faster),
            _OF_TOOLS,
            "{:.0%}",
        )
        for row in rows
    ]
    return tables.table(["at most", "measured", ""], found)


def _name(row: Row) -> str:
    return f"{row.size:,} tables, {row.state}"


def _progress(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _arguments() -> argparse.Namespace:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(prog="bench.migrating", description=__doc__)
    parser.add_argument("--sizes", default=f"{schemas.PORTAL_TABLES},{_LARGE}", help="numbers of tables")
    parser.add_argument("--runs", type=int, default=9, help="of each command")
    parser.add_argument("--folder", type=Path, default=cache / "mizzle-bench", help="where tools and projects go")
    parser.add_argument("--page", type=Path, help="fill this page's table")
    return parser.parse_args()


if __name__ == "__main__":
    main()
