"""docs/deployment.md: its programs run, on a real server, and its files are what they seem to be.

What its Dockerfile does is in tests/test_package.py.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from documents import blocks
from projects import Project, execute, two_migrations
from servers import database_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server

PAGE = (Path(__file__).parents[1] / "docs" / "deployment.md").read_text(encoding="utf-8")
FILES = {block.comment.removeprefix("in "): block.text for block in blocks(PAGE)}
APPLIED = "SELECT id, count(*) FROM mizzle.history WHERE state = 'applied' GROUP BY id ORDER BY id"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return two_migrations(tmp_path_factory.mktemp("deployment"))


def read(name: str) -> Any:
    """A YAML file of the page."""
    return yaml.safe_load(FILES[name])


def test_each_block_of_the_page_is_a_file_that_a_test_uses() -> None:
    read_here = {".github/workflows/deploy.yml", "compose.yaml", "deployment.yaml", "deploy.sh", "main.py"}
    assert set(FILES) == read_here | {"roles.sql", "mizzle.toml", "Dockerfile"}
    assert PAGE.count("\n```") == 2 * len(FILES)


class Application:
    """The page's application, served through a Unix socket."""

    def __init__(self, folder: Path, number: int, database: str) -> None:
        self.socket = folder / f"{number}.sock"
        command = [sys.executable, "-m", "uvicorn", "main:app", "--uds", self.socket.name]
        env = {**os.environ, "DATABASE_URL": database}
        self.process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def healthy(self) -> bool:
        """Wait until it answers; False where it has ended instead."""
        while self.process.poll() is None:
            try:
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(str(self.socket))
                    client.sendall(b"GET /health HTTP/1.0\r\n\r\n")
                    return b'{"ok":true}' in b"".join(iter(lambda: client.recv(4096), b""))
            except OSError:
                time.sleep(0.05)
        return False

    def end(self) -> str:
        """End it; what it has printed."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=30)[0]


@pytest.fixture
def applications(tmp_path: Path, shop: Project, database: str) -> Iterator[list[Application]]:
    (tmp_path / "main.py").write_text(FILES["main.py"], encoding="utf-8")
    (tmp_path / "migrations").symlink_to(shop.migrations)
    started = [Application(tmp_path, number, database) for number in range(3)]
    yield started
    for each in started:
        each.process.kill()
        each.process.communicate()


def test_all_replicas_of_the_application_start_at_once_and_one_of_them_migrates(
    applications: list[Application], shop: Project, database: str
) -> None:
    assert all(each.healthy() for each in applications), applications[0].end()
    assert execute(database, APPLIED) == [(each, 1) for each in shop.ids()]
    assert all("Application startup complete" in each.end() for each in applications)


def test_the_application_does_not_start_where_a_migration_fails(tmp_path: Path, shop: Project, database: str) -> None:
    execute(database, "CREATE TABLE users ()")
    (tmp_path / "main.py").write_text(FILES["main.py"], encoding="utf-8")
    (tmp_path / "migrations").symlink_to(shop.migrations)
    application = Application(tmp_path, 1, database)
    printed = application.process.communicate(timeout=60)[0]
    assert application.process.returncode == 3
    assert 'relation "users" already exists' in printed


def test_the_script_releases_only_what_was_migrated(shop: Project, database: str, tmp_path: Path) -> None:
    (tmp_path / "deploy.sh").write_text(FILES["deploy.sh"], encoding="utf-8")
    (tmp_path / "release.sh").write_text("#!/bin/sh\necho released\n", encoding="utf-8")
    (tmp_path / "release.sh").chmod(0o755)
    (tmp_path / "migrations").symlink_to(shop.migrations)
    (tmp_path / "mizzle.toml").write_text("", encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for url, code in (("postgresql://app@127.0.0.1:1/shop", 4), ("nonsense", 2), (database, 0)):
        env = {**os.environ, "PATH": path, "DATABASE_URL": url}
        ran = subprocess.run(
            ["sh", "deploy.sh"], cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", check=False
        )
        assert ran.returncode == code, ran.stderr
        assert ("released" in ran.stdout) == (code == 0)
    assert all("|| true" not in text for text in FILES.values())


def test_what_compose_and_kubernetes_run_are_commands(
    shop: Project, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose, deployment, ci = (read(f) for f in ("compose.yaml", "deployment.yaml", ".github/workflows/deploy.yml"))
    services = compose["services"]
    assert services["app"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert services["migrate"]["restart"] == "no"
    assert deployment["kind"] == "Deployment"
    template = deployment["spec"]["template"]
    assert template["metadata"]["labels"] == deployment["spec"]["selector"]["matchLabels"]
    (init,) = template["spec"]["initContainers"]
    assert {each["name"] for each in init["env"]} == set(services["migrate"]["environment"]) == {"DATABASE_URL"}
    monkeypatch.setenv("DATABASE_URL", database)
    assert len(shop.run(*services["migrate"]["command"]).out.splitlines()) == 2
    assert shop.run(*init["args"]).out == "nothing is pending\n"
    steps = ci["jobs"]["deploy"]["steps"]
    assert [each["run"] for each in steps if "run" in each] == ["pip install mizzle", "./deploy.sh"]


def test_roles_with_no_more_rights_than_the_page_gives_them_suffice(
    shop: Project, pg18: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = pg18.create()
    roles = ("shop_app", "shop_migrator", "shop_owner")
    try:
        execute(database, FILES["roles.sql"].replace("DATABASE shop ", f"DATABASE {database_name(database)} "))
        owned = Project(tmp_path)
        (tmp_path / "mizzle.toml").write_text(FILES["mizzle.toml"], encoding="utf-8")
        owned.migrations.symlink_to(shop.migrations)
        monkeypatch.setenv("MIGRATIONS_URL", database.replace("postgres@", "shop_migrator@"))
        assert len(owned.run("migrate").out.splitlines()) == 2
        owners = "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname IN ('public', 'mizzle')"
        assert execute(database, owners) == [("shop_owner",)]
        assert execute(database, "SELECT DISTINCT role FROM mizzle.history") == [("shop_migrator",)]
        assert execute(database, "SELECT bool_or(rolsuper) FROM pg_roles WHERE rolname LIKE 'shop%'") == [(False,)]
        application = database.replace("postgres@", "shop_app@")
        execute(application, "INSERT INTO users VALUES (1, 'a'); UPDATE users SET name = 'b'; DELETE FROM users")
        for refused in ("CREATE TABLE mine ()", "ALTER TABLE users ADD COLUMN b text", "SELECT FROM mizzle.history"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                execute(application, refused)
        owned.run("rollback")
    finally:
        pg18.drop(database)
        execute(pg18.admin_url, "; ".join(f"DROP ROLE IF EXISTS {each}" for each in roles))
