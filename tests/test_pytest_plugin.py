"""The pytest plugin, in projects of its own: each run of pytest is a process, as a developer starts it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from mizzle.runner.url import parameters
from mizzle.testing import engines, urls
from projects import NAMED, USERS, Project, execute, project, two_migrations
from servers import database_name, locked_url, tcp_url

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Server

STRICT = """
[pytest]
filterwarnings = error
strict_markers = true
"""

COUNTED = """
import asyncio

import psycopg
import pytest
from sqlalchemy import text


@pytest.fixture
def anyio_backend():
    return "asyncio"


def count(url):
    with psycopg.connect(url) as connection:
        return connection.execute("INSERT INTO users VALUES (1) RETURNING (SELECT count(*) FROM users)").fetchone()[0]


@pytest.mark.parametrize("number", range(4))
def test_a_database_of_its_own(mizzle_database, number):
    assert count(mizzle_database) == 0


def test_an_engine(mizzle_engine):
    with mizzle_engine.begin() as connection:
        connection.execute(text("INSERT INTO users VALUES (1)"))


LEFT = []


def test_a_connection_that_is_left_open(mizzle_engine, mizzle_database):
    LEFT.append((mizzle_engine.connect(), psycopg.connect(mizzle_database)))
    LEFT[0][0].execute(text("SELECT 1"))
    LEFT[0][1].execute("SELECT 1")


@pytest.mark.anyio
async def test_an_asynchronous_engine(mizzle_async_engine, mizzle_database):
    async with mizzle_async_engine.begin() as connection:
        await connection.execute(text("INSERT INTO users VALUES (2)"))
    assert mizzle_async_engine.driver == "asyncpg"
    assert await asyncio.to_thread(count, mizzle_database) == 1


@pytest.fixture(scope="module")
def common(mizzle_databases):
    with mizzle_databases.fresh() as url:
        yield url


def test_the_first_of_two_that_share_one(common):
    assert count(common) == 0


def test_the_second(common, mizzle_database):
    assert common != mizzle_database
    assert count(mizzle_database) == 0
"""


def pytest_in(made: Project, *arguments: str, url: str = "", code: int = 0) -> str:
    """Run pytest in a project's folder, and return what it prints; it ends with `code`."""
    hidden = {name for name in os.environ if name.startswith(("PYTEST_", "MIZZLE_"))}
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=made.folder,
        env={**env, "MIZZLE_TEST_URL": url} if url else env,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert "INTERNALERROR" not in ran.stdout + ran.stderr
    return ran.stdout


def with_tests(made: Project, tests: str, *, conftest: str = "") -> Project:
    """Give a project tests of its own."""
    for name, source in (("pytest.ini", STRICT), ("test_it.py", tests), ("conftest.py", conftest)):
        (made.folder / name).write_text(source, encoding="utf-8")
    return made


def ours(server: Server) -> dict[str, int]:
    """The databases that tests have made on a server, by name, with what tells a database from its successor."""
    found = execute(server.admin_url, "SELECT datname, oid::int FROM pg_database WHERE datname ~ '^mizzle_te'")
    return dict(found)


@pytest.fixture
def clean(pg18: Server) -> Server:
    """A server without databases of earlier tests."""
    for name in ours(pg18):
        pg18.drop(pg18.url(name))
    return pg18


def test_each_test_has_a_database_of_its_own_sync_and_async_on_the_embedded_server(tmp_path: Path) -> None:
    made = with_tests(two_migrations(tmp_path / "p"), COUNTED)
    out = pytest_in(made, "--mizzle")
    assert "13 passed" in out


def test_workers_share_one_embedded_server_that_ends_with_them(tmp_path: Path) -> None:
    told = "\n\ndef test_where(mizzle_url, worker_id):\n"
    told += "    __import__('pathlib').Path(f'{worker_id}.url').write_text(mizzle_url)\n"
    made = with_tests(two_migrations(tmp_path / "p"), COUNTED + told + told.replace("where", "where_else"))
    out = pytest_in(made, "--mizzle", "-n", "2")
    assert "15 passed" in out
    (url,) = {path.read_text(encoding="utf-8") for path in made.folder.glob("*.url")}
    deadline = time.monotonic() + 60
    while _is_there(url):
        assert time.monotonic() < deadline, "the server outlives the tests"
        time.sleep(0.05)


def _is_there(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_template_is_made_once_and_nothing_else_stays(tmp_path: Path, clean: Server) -> None:
    made = with_tests(two_migrations(tmp_path / "p"), COUNTED)
    pytest_in(made, "-n", "2", url=locked_url(clean.admin_url))
    first = ours(clean)
    assert [name.startswith("mizzle_template_") for name in first] == [True]
    pytest_in(made, "-k", "own", url=tcp_url(clean.admin_url))
    assert ours(clean) == first
    made.schema(f"{NAMED}; CREATE TABLE more (id int)")
    made.run("generate")
    pytest_in(made, "-k", "own", url=tcp_url(clean.admin_url))
    assert len(ours(clean)) == 2


def test_what_a_killed_run_left_is_dropped_by_the_next(tmp_path: Path, clean: Server) -> None:
    killed = "import os\n\ndef test_it(mizzle_database):\n    os._exit(9)\n"
    made = with_tests(two_migrations(tmp_path / "p"), killed)
    pytest_in(made, url=clean.admin_url, code=9)
    assert len(ours(clean)) == 2
    alive = "\n\ndef test_it(mizzle_databases):\n    with mizzle_databases.fresh(), mizzle_databases.fresh(): pass\n"
    pytest_in(with_tests(made, alive), url=clean.admin_url)
    assert len(ours(clean)) == 1


def test_the_url_is_overridden_by_a_fixture_or_a_setting(tmp_path: Path, clean: Server) -> None:
    there = f"def test_it(mizzle_database):\n    assert {str(clean.folder)!r} in mizzle_database\n"
    override = (
        f"import pytest\n\n\n@pytest.fixture(scope='session')\ndef mizzle_url():\n    return {clean.admin_url!r}\n"
    )
    made = with_tests(two_migrations(tmp_path / "p"), there, conftest=override)
    pytest_in(made, url="postgresql://nobody@nowhere.invalid/none")
    with_tests(made, there)
    (made.folder / "pytest.ini").write_text(f"{STRICT}mizzle_url = {clean.admin_url}\n", encoding="utf-8")
    pytest_in(made)


def test_rows_that_every_test_finds_are_made_once(tmp_path: Path, clean: Server) -> None:
    seed = (
        "import pytest\n\n\n@pytest.fixture(scope='session')\ndef mizzle_seed():\n"
        "    return \"INSERT INTO users VALUES (7, 'Ada'); INSERT INTO users VALUES (8, 'it''s 12:30 %')\"\n"
    )
    found = (
        "def test_it(mizzle_database):\n    import psycopg\n    with psycopg.connect(mizzle_database) as connection:\n"
        '        assert connection.execute("SELECT name FROM users ORDER BY id").fetchall() == '
        "[('Ada',), (\"it's 12:30 %\",)]\n"
    )
    made = with_tests(two_migrations(tmp_path / "p"), found, conftest=seed)
    pytest_in(made, url=clean.admin_url)
    out = pytest_in(with_tests(made, found, conftest=seed.replace("users", "user_s")), url=clean.admin_url, code=1)
    assert 'the fixture mizzle_seed: relation "user_s" does not exist' in out
    assert len(ours(clean)) == 1


def test_roles_that_migrations_name_are_there_on_the_embedded_server(tmp_path: Path) -> None:
    made = project(tmp_path / "p", USERS, "GRANT SELECT ON users TO reader", settings=('manage = ["grants"]',))
    made.run("generate")
    made.settings('manage = ["grants"]', 'role = "owner"')
    pytest_in(with_tests(made, "def test_it(mizzle_database):\n    pass\n"))


def test_a_schema_for_each_tenant_is_made(tmp_path: Path, clean: Server) -> None:
    tenants = (
        "import pytest\n\n\n@pytest.fixture(scope='session')\ndef mizzle_tenants():\n    return ['acme', 'big Co']\n"
    )
    found = (
        "def test_it(mizzle_database):\n    import psycopg\n    with psycopg.connect(mizzle_database) as connection:\n"
        "        assert connection.execute('SELECT FROM acme.users, \"big Co\".users').rowcount == 0\n"
    )
    made = project(tmp_path / "p", USERS, settings=("per_schema = true",))
    made.run("generate")
    pytest_in(with_tests(made, found, conftest=tenants), url=clean.admin_url)


def test_what_is_wrong_with_the_server_is_said_without_a_traceback(tmp_path: Path, clean: Server) -> None:
    made = with_tests(two_migrations(tmp_path / "p"), "def test_it(mizzle_database):\n    pass\n")
    out = pytest_in(made, url=tcp_url(clean.admin_url, user="guest"), code=1)
    assert "may not make databases" in out
    assert "hint: grant it CREATEDB" in out
    assert "exception" not in out  # told once
    assert "Error" not in out.replace("ERROR", "")
    out = pytest_in(made, url=tcp_url(clean.url("nowhere")), code=1)
    assert 'database "nowhere" does not exist' in out


def test_the_standing_tests_say_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    made = with_tests(two_migrations(tmp_path / "p"), "def test_it():\n    pass\n")
    made.schema(f"{NAMED}; CREATE TABLE more (id int)")
    out = pytest_in(made, "--mizzle", "-v", "-k", "mizzle", code=1)
    assert "1 failed, 3 passed, 1 deselected" in out
    assert "FAILED mizzle::test_models_equal_head" in out
    assert "the models are not what the migrations make:\n  create table public.more\nhint: mizzle generate" in out
    _, second = made.ids()
    made.write(second, up="ALTER TABLE public.users ADD COLUMN name varchar(1);", down="SELECT 1;")
    out = pytest_in(made, "--mizzle", "-k", "head or replay or down", code=1)
    assert f"migration {second} was edited after it was proved: up.sql and down.sql" in out
    assert "Traceback" not in out


def test_a_project_that_does_not_use_it_pays_nothing(tmp_path: Path) -> None:
    said = (
        "import sys\n\n\ndef test_it():\n"
        "    ours = {name for name in sys.modules if name.startswith('mizzle')}\n"
        "    assert ours == {'mizzle', 'mizzle.testing', 'mizzle.testing.plugin'}\n"
        "    assert not {'psycopg', 'sqlalchemy', 'msgspec', 'click'} & {*sys.modules}\n"
    )
    (tmp_path / "p").mkdir()
    pytest_in(with_tests(Project(tmp_path / "p"), said))


def test_a_project_without_a_configuration_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    made = with_tests(Project(tmp_path / "p"), "def test_it(mizzle_database):\n    pass\n")
    assert "mizzle init" in pytest_in(made, code=1)


def test_the_name_of_a_database_says_whose_it_is(tmp_path: Path, clean: Server) -> None:
    told = "def test_it(mizzle_database):\n    __import__('pathlib').Path('url').write_text(mizzle_database)\n"
    made = with_tests(two_migrations(tmp_path / "p"), told)
    pytest_in(made, url=clean.admin_url)
    name = database_name((made.folder / "url").read_text(encoding="utf-8"))
    assert name.startswith("mizzle_test_")
    assert name.endswith("_1")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("postgresql://u:p%40%2F@h:5433/a?sslmode=disable", "postgresql://u:p%40%2F@h:5433/x%20y?sslmode=disable"),
        ("postgresql://u@[::1]/a", "postgresql://u@[::1]/x%20y"),
        ("postgresql://?host=/tmp/a%20b&port=7", "postgresql:///x%20y?host=/tmp/a%20b&port=7"),
        ("postgresql+asyncpg://?host=a:1&host=b:2", "postgresql:///x%20y?host=a,b&port=1,2"),
    ],
)
def test_a_database_is_where_the_server_is(given: str, found: str) -> None:
    made = urls.url(parameters(given), "x y")
    assert made == found
    assert parameters(made) == {**parameters(given), "dbname": "x y"}


def test_without_asyncpg_psycopg_is_asynchronous(pg18: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    engine = engines.async_engine(locked_url(database))

    async def ask() -> str:
        async with engine.connect() as connection:
            return str((await connection.execute(text("SELECT current_user"))).scalar())

    assert engine.driver == "psycopg"
    assert asyncio.run(ask()) == "locked"


def test_without_greenlet_there_is_an_engine_and_no_asynchronous_one() -> None:
    program = (
        "import sys; sys.modules['greenlet'] = None; from mizzle.testing import engines; engines.{}('postgresql:///x')"
    )
    ran = [
        subprocess.run([sys.executable, "-c", program.format(each)], check=False, capture_output=True, text=True)
        for each in ("engine", "async_engine")
    ]
    assert [each.returncode for each in ran] == [0, 1], ran
    assert "ImportError" in ran[1].stderr


@pytest.mark.parametrize("spelling", ["socket", "tcp"])
def test_asyncpg_reaches_each_server(pg18: Server, database: str, spelling: str) -> None:
    engine = engines.async_engine(database if spelling == "socket" else f"{locked_url(database)}?sslmode=disable")

    async def ask() -> int:
        async with engine.connect() as connection:
            return int((await connection.execute(text("SELECT 1"))).scalar_one())

    assert engine.driver == "asyncpg"
    assert asyncio.run(ask()) == 1


def test_an_older_server_makes_them_too(tmp_path: Path, pg15: Server) -> None:
    made = with_tests(two_migrations(tmp_path / "p"), COUNTED)
    pytest_in(made, "-k", "own or left_open", url=pg15.admin_url)
    (template,) = ours(pg15)
    pg15.drop(pg15.url(template))
