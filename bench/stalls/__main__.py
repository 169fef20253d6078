"""How long clients wait while a table is migrated: `make bench-stalls`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import install
from bench.results import machine
from bench.server import MAJOR, Server
from bench.stalls import changes, database, report, results
from bench.stalls.measure import Bench, measure
from bench.stalls.results import Conditions, Results

ROWS = 1_500_000


def main() -> None:
    """Measure what is asked for, keeping each change when it is done, and write the page from all that is kept."""
    asked = _arguments()
    kept = results.read(asked.report) if asked.report else _measured(asked)
    sys.stdout.write(report.text(kept))
    if asked.page is not None:
        report.write(asked.page, kept)


def _measured(asked: argparse.Namespace) -> Results:
    work: Path = asked.folder / "work"
    tools = install.install(asked.tools, peers=asked.peers)
    shutil.rmtree(work, ignore_errors=True)
    order = [change.name for change in changes.load()]
    with database.running(asked.folder, asked.major) as server:
        work.mkdir()
        conditions = _conditions(asked.rows, server)
        kept = Results(conditions, results.read(asked.json).changes if asked.json.exists() and asked.changes else ())
        bench = Bench(server, tools, work, asked.rows, asked.runs)
        for measured in measure(bench, changes.load(asked.changes)):
            kept = Results(conditions, kept.adding([measured], order))
            results.save(asked.json, kept)
    return kept


def _conditions(rows: int, server: Server) -> Conditions:
    about = machine()
    told = f"{about['processor']}, {about['cores']} cores, Python {about['python']}"
    today = datetime.now(UTC).date().isoformat()
    return Conditions(today, told, database.version(server), rows, database.storage(server))


def _arguments() -> argparse.Namespace:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mizzle-bench"
    parser = argparse.ArgumentParser(prog="python -m bench.stalls", description=__doc__)
    parser.add_argument("--rows", type=_number, default=ROWS, help="in the table that is changed")
    parser.add_argument("--changes", type=_names, default=(), help="these alone, by commas; what else was kept stays")
    parser.add_argument("--runs", type=int, default=3, help="of each change by each tool, after a rehearsal")
    parser.add_argument("--major", type=int, default=MAJOR, help="of PostgreSQL: 18 is the embedded one")
    parser.add_argument("--without-peers", dest="peers", action="store_false", help="without drizzle-kit and Alembic")
    parser.add_argument("--json", type=Path, default=Path("stalls.json"), help="where results are kept")
    parser.add_argument("--report", type=Path, help="measure nothing; report what this file has kept")
    parser.add_argument("--page", type=Path, help="the page to write the tables into, and the plot beside it")
    folder = Path("/tmp/stalls")  # noqa: S108
    parser.add_argument("--folder", type=Path, default=folder, help="for the data, a short path; /dev/shm is no disk")
    parser.add_argument("--tools", type=Path, default=cache / "tools", help="where the tools are installed")
    return parser.parse_args()


def _number(text: str) -> int:
    return int(text.replace("_", ""))


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


if __name__ == "__main__":
    main()
