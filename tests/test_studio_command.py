"""`mizzle studio` and `mizzle dev`, from the terminal."""

from __future__ import annotations

import http.client
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import make_url

from mizzle.cli.dev import url_for_others
from mizzle.studio import app
from projects import execute
from studio_portal import PORTAL, ROOT
from told import expect_as_said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Mizzle

pytestmark = pytest.mark.skipif(
    not app.are_built() and os.environ.get("CI") != "true",
    reason="the pages are not built: make studio, which needs npm",
)


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    """The portal's folder, with a migrations folder of its own."""
    folder = tmp_path / "portal"
    shutil.copytree(PORTAL, folder, ignore=shutil.ignore_patterns(".mizzle", "__pycache__"))
    return folder


@contextmanager
def running(*arguments: str, cwd: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a command that serves until Ctrl-C, and give the address that it prints."""
    command = [sys.executable, "-m", "mizzle", *arguments, "--no-browser"]
    process = subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        ready, _, _ = select.select([process.stdout], [], [], 60)
        assert ready, "no address"
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def value(process: subprocess.Popen[str], first: str) -> dict[str, str]:
    """Return the JSON that it prints, whose first line was read."""
    assert process.stdout is not None
    assert first == "{"
    text = first
    while (line := process.stdout.readline()) not in {"", "}\n"}:
        text += line
    found: dict[str, str] = json.loads(text + line)
    return found


def ask(address: str) -> int:
    """Return the status of the page at an address."""
    found = urlsplit(address)
    connection = http.client.HTTPConnection(found.netloc, timeout=20)
    connection.request("GET", f"{found.path}?{found.query}")
    status = connection.getresponse().status
    connection.close()
    return status


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Press Ctrl-C, and return the exit code and what was said besides."""
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    return process.returncode, told


def wait_for(connection: psycopg.Connection, query: str, number: int) -> None:
    """Wait until a query that counts something finds so many."""
    until = time.monotonic() + 20
    while connection.execute(query.encode()).fetchone() != (number,):
        assert time.monotonic() < until, number
        time.sleep(0.05)


def test_it_serves_on_this_machine_until_ctrl_c(database: str, portal: Path) -> None:
    with running("--url", database, "studio", "--port", "0", cwd=portal) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        assert ask(address) == 200
        assert ask(address) == 403
        code, told = ended(process)
    assert code == 0, told
    assert told == "ended\n"


def test_what_it_prints_is_json_when_asked_for(database: str, portal: Path) -> None:
    with running("--url", database, "--json", "studio", "--port", "0", cwd=portal) as (process, first):
        told = value(process, first)
        expect_as_said(["studio", "--json"], json.dumps(told), 0)
        assert ask(told["address"]) == 200
        assert ended(process)[0] == 0


def test_a_database_without_a_project(database: str, tmp_path: Path) -> None:
    with running("studio", "--url", database, "--port", "0", cwd=tmp_path) as (process, address):
        assert ask(address) == 200
        assert ended(process)[0] == 0


def test_it_ends_while_a_query_runs(database: str, portal: Path) -> None:
    with running("--url", database, "studio", "--port", "0", cwd=portal) as (process, address):
        found = urlsplit(address)
        line = http.client.HTTPConnection(found.netloc, timeout=20)
        line.request("GET", f"{found.path}?{found.query}")
        response = line.getresponse()
        response.read()
        cookie = (response.getheader("set-cookie") or "").partition(";")[0]
        headers = {"cookie": cookie, "origin": f"http://{found.netloc}", "content-type": "application/json"}
        line.request("POST", "/api/sql", json.dumps({"sql": "SELECT pg_sleep(60)", "seconds": 600}), headers)
        busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mizzle studio' AND state = 'active'"
        with psycopg.connect(database, autocommit=True) as connection:
            wait_for(connection, busy, 1)
            code, told = ended(process)
            wait_for(connection, busy, 0)
        line.close()
    assert (code, told) == (0, "ended\n")


def test_a_port_that_is_taken(mizzle: Mizzle, database: str, portal: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = mizzle("--url", database, "studio", "--no-browser", "--port", str(port), cwd=portal)
    assert result.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr
    assert "--port" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("studio",), 2, "no database: DATABASE_URL is not set"),
        (("studio", "--url", "postgresql://127.0.0.1:1/x"), 4, "cannot connect to postgresql://127.0.0.1:1/x"),
        (("studio", "--port", "70000"), 2, "70000 is not in the range"),
        (("studio", "--host", "192.0.2.7", "--url", "{url}"), 2, "cannot listen on 192.0.2.7"),
        (("dev", "--url", "postgresql://127.0.0.1/x"), 2, "dev has a database of its own"),
    ],
)
def test_what_cannot_be_served(
    mizzle: Mizzle, database: str, portal: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    given = [each.replace("{url}", database) for each in arguments]
    result = mizzle(*given, "--no-browser", cwd=portal)
    assert result.returncode == code, result.stderr
    assert said in result.stderr
    assert "hint:" in result.stderr
    assert "Traceback" not in result.stderr


def test_dev_starts_migrates_and_serves(portal: Path) -> None:
    with running("dev", "--json", "--port", "0", cwd=portal) as (process, first):
        told = value(process, first)
        expect_as_said(["dev", "--json"], json.dumps(told), 0)
        assert ask(told["address"]) == 200
        assert told["database"].startswith("postgresql://postgres@/postgres?host=/")
        url = make_url(told["database"]).render_as_string()
        assert execute(url, "SELECT DISTINCT state FROM mizzle.history") == [("applied",)]
        code, said = ended(process)
    assert code == 0, said


def test_the_url_of_dev_stays_the_same_where_a_socket_may_have_so_long_a_name() -> None:
    given = "host=/tmp/mizzle-x port=5432 user=postgres dbname=postgres"
    assert url_for_others(given, Path("/a project/.mizzle/socket")) == (
        "postgresql://postgres@/postgres?host=/a%20project/.mizzle/socket"
    )
    assert url_for_others(given, Path("/" + "a" * 90)) == "postgresql://postgres@/postgres?host=/tmp/mizzle-x"


def test_the_portal_has_its_word_for_it(database: str, portal: Path) -> None:
    command = f"{sys.executable} -m mizzle"
    dry = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "db-studio", f"MIZZLE={command}", "ARGS=--no-browser"],
        cwd=portal,
        env=os.environ | {"DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=True,
    )
    assert dry.stdout.strip() == f"{command} studio --no-browser"
    assert (ROOT / "docs" / "studio.md").is_file()
