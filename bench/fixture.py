"""`python -m bench.fixture`: what a database of its own costs a test, with Mizzle and with pytest-postgresql.

One run of pytest, in which tests of both take turns: each gets a database, asks it for something, and leaves it. Both
copy a template that the same migrations have made, on the same server. --tests is how many of each; the first of each,
in which the template is made, does not count. The tools are installed into --folder and stay there.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.servers import embedded_bin

from bench import install, report, schemas
from bench.server import MAJOR, Server
from bench.tables import table

PACKAGES = ("pytest>=9", "pytest-postgresql==10.*", "sqlalchemy>=2.1")
SIZES = (15, 200)
DURABLE = "fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n"
SERVERS = {"durability off": "", "durable": DURABLE}
OURS, THEIRS = "Mizzle", "pytest-postgresql"
_MILLISECONDS = 1000

_CONFTEST = """
import json

import mizzle
from pytest_postgresql import factories

SECONDS = {}


def migrated(*, host, port, user, dbname, **_):
    mizzle.migrate(f"postgresql://{user}@/{dbname}?host={host}&port={port}", "migrations")


peer_server = factories.postgresql_noproc(host=HOST, port=PORT, user="postgres", load=[migrated])
peer = factories.postgresql("peer_server")


def pytest_runtest_logreport(report):
    SECONDS[report.nodeid] = SECONDS.get(report.nodeid, 0) + report.duration
    assert report.passed, report.longreprtext


def pytest_sessionfinish():
    with open("seconds.json", "w") as file:
        json.dump(SECONDS, file)
"""
_TESTS = """
import psycopg


def ours(mizzle_database):
    with psycopg.connect(mizzle_database) as connection:
        connection.execute("SELECT count(*) FROM mizzle.history")


def theirs(peer):
    peer.execute("SELECT count(*) FROM mizzle.history")


for number in range(TESTS):
    globals()[f"test_ours_{number}"] = lambda mizzle_database: ours(mizzle_database)
    globals()[f"test_theirs_{number}"] = lambda peer: theirs(peer)
"""


def main() -> None:
    """Measure what the arguments ask for, and report it."""
    asked = _arguments()
    programs = install.environment(
        asked.folder / "tools" / "fixture", [f"{install.ROOT}[scratch]", *PACKAGES], again=["mizzle"]
    )
    rows: list[Sequence[str]] = []
    for name, settings in SERVERS.items():
        running = Server.start(MAJOR, embedded_bin(), settings=settings, parent=asked.data if settings else None)
        try:
            for size in SIZES:
                found = _measured(programs, asked.folder / "work", running, size, asked.tests)
                rows.append([f"{size} tables, {name}", *map(_spread, found), f"{_ratio(*found):.0%}"])
        finally:
            running.stop()
    head = ["milliseconds for one test: median (9 of 10 below)", OURS, THEIRS, "share of its time"]
    part = f"{report.measured_on()}\n{table(head, rows)}"
    sys.stdout.write(part)
    if asked.page:
        page: Path = asked.page
        page.write_text(report.fill(page.read_text(), {"fixture": part}, by="bench-fixture"))


def _measured(programs: Path, folder: Path, server: Server, size: int, tests: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each test, of both kinds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    root = schemas.write(folder, size).root
    environment = {**install.clean_environment(), "MIZZLE_TEST_URL": server.admin_url}
    subprocess.run([programs / "mizzle", "--quiet", "generate"], cwd=root, env=environment, check=True)
    (root / "conftest.py").write_text(f"HOST, PORT = {str(server.folder)!r}, {server.port}\n{_CONFTEST}")
    (root / "test_cost.py").write_text(f"TESTS = {tests + 1}\n{_TESTS}")
    command = [programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_cost.py"]
    subprocess.run(command, cwd=root, env=environment, check=True, stdout=sys.stderr)
    seconds: dict[str, float] = json.loads((root / "seconds.json").read_text())
    return _of(seconds, "ours"), _of(seconds, "theirs")


def _of(seconds: dict[str, float], kind: str) -> list[float]:
    return [each * _MILLISECONDS for name, each in seconds.items() if f"_{kind}_" in name and not name.endswith("_0")]


def _spread(found: Sequence[float]) -> str:
    return f"{statistics.median(found):.0f} ({statistics.quantiles(found, n=10)[-1]:.0f})"


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(ours) / statistics.median(theirs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=int, default=60)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache" / "mizzle-bench")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TMPDIR", "/tmp")), help="on a disk")  # noqa: S108 - the path of a socket must be short
    parser.add_argument("--page", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
