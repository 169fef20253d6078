"""Ctrl-C at any moment: exit code 130, no traceback, nothing half done, and the next run is fine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from projects import Project, Ran, project
from referee import schema_text

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Server

USERS = "CREATE TABLE users (id integer PRIMARY KEY)"
ENDINGS = {130, -signal.SIGINT}  # Python ends itself by the signal where Ctrl-C came during exec(); the shell sees 130


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project with one migration."""
    made = project(tmp_path / "shop", USERS)
    made.run("generate")
    return made


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def interrupted(*arguments: str, after: float, env: dict[str, str] | None = None) -> Ran:
    """Run `mizzle` in a process group of its own, and press Ctrl-C there after some seconds."""
    command = [sys.executable, "-m", "mizzle", *arguments]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        start_new_session=True,
        # Where the tests run in the background of a shell, SIGINT is ignored, and a child would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here yet
    ) as running:
        try:
            out, err = running.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGINT)
            try:
                out, err = running.communicate(timeout=60)
            finally:
                running.kill()
    return Ran(running.returncode, out, err)


def test_ctrl_c_leaves_nothing_half_done_whenever_it_comes(tmp_path: Path) -> None:
    shop = project(tmp_path / "shop", USERS)
    ended = set[int]()
    for tenths in (2, 3, 4, 5, 6, 8, 10):
        ran = interrupted("-C", str(shop.folder), "generate", after=tenths / 10)
        ended.add(ran.code)
        assert "Traceback" not in ran.err
        if shop.migrations.exists():  # it came too late, or after all was done
            shop.run("check")
            shutil.rmtree(shop.migrations)
        else:
            assert ran.code in ENDINGS
            assert ran.err.strip().endswith("interrupted")
    assert ended & ENDINGS
    shop.run("generate")
    shop.run("check")


def test_ctrl_c_while_the_first_scratch_server_is_made(tmp_path: Path) -> None:
    shop = project(tmp_path / "shop", USERS)
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "cache").mkdir()
    for after in (0.4, 0.7, 1.0):
        ran = interrupted("-C", str(shop.folder), "generate", after=after, env=env)
        assert ran.code in {*ENDINGS, 0}
        assert "Traceback" not in ran.err
        shutil.rmtree(shop.migrations, ignore_errors=True)
    ran = interrupted("-C", str(shop.folder), "generate", after=100, env=env)
    assert ran.code == 0, ran.err
    assert not list((tmp_path / "cache").rglob("*unfinished*"))


def test_ctrl_c_during_a_long_step_cancels_it_and_the_next_run_goes_on(shop: Project, database: str) -> None:
    shop.run("generate", "--custom", "slow")
    custom = shop.ids()[-1]
    up = (
        "-- step 1: transaction\nCREATE TABLE public.a ();\n\n"
        "-- step 2: transaction\nCREATE TABLE public.b ();\n"
        "SELECT pg_sleep(600) WHERE current_database() NOT LIKE 'mizzle%' AND to_regclass('public.go') IS NULL;\n"
    )
    shop.write(custom, up=up, down="DROP TABLE public.a;\nDROP TABLE public.b;\n")
    shop.run("rebase")
    ran = interrupted("-C", str(shop.folder), "--url", database, "migrate", after=3)
    assert ran.code in ENDINGS
    assert "Traceback" not in ran.err
    assert ran.err.endswith("interrupted\n")
    with psycopg.connect(database) as connection:
        query = "SELECT to_regclass('a') IS NOT NULL, to_regclass('b') IS NULL, count(*) FROM pg_stat_activity"
        query += " WHERE query LIKE 'CREATE TABLE public.b%' AND state = 'active'"
        assert connection.execute(query.encode()).fetchall() == [(True, True, 0)]
    shop.run("--url", database, "status", code=1).says(f"failed   {custom}", "interrupted: KeyboardInterrupt")
    execute(database, "CREATE TABLE go ()")
    shop.run("--url", database, "migrate").says(f"{custom}: step 1 of 2 was done before", f"applied  {custom}")
    shop.run("--url", database, "status")


def test_ctrl_c_during_push_leaves_all_as_it_was(shop: Project, pg18: Server, database: str) -> None:
    execute(database, USERS)
    before = schema_text(database, bin=pg18.bin)
    shop.schema("CREATE TABLE users (id integer PRIMARY KEY, name text)", "CREATE TABLE more ()")
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE users IN SHARE MODE")
        ran = interrupted("-C", str(shop.folder), "--url", database, "push", "--yes", after=3)
    assert ran.code in ENDINGS
    assert "Traceback" not in ran.err
    assert schema_text(database, bin=pg18.bin) == before
    shop.run("--url", database, "push", "--yes")
