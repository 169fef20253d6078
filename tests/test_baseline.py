"""baseline: a database that was there before its migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from projects import USERS, Project, execute, project, two_migrations

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project with two migrations."""
    return two_migrations(tmp_path / "shop")


def test_what_is_there_is_recorded_and_the_rest_runs(shop: Project, database: str) -> None:
    first, second = shop.ids()
    execute(database, f"{USERS}; INSERT INTO users VALUES (1)")
    assert shop.run("--url", database, "baseline", "--to", first, "--reason", "from before").says(f"recorded  {first}")
    assert shop.run("--url", database, "migrate").says(f"applied  {second}")
    assert execute(database, "SELECT id, origin, reason FROM mizzle.history ORDER BY attempt") == [
        (first, "baseline", "from before"),
        (second, "run", None),
    ]
    assert execute(database, "SELECT * FROM users") == [(1, None)]
    assert shop.run("--url", database, "baseline").says("nothing to record")


def test_a_database_that_is_something_else_is_refused_with_the_differences(shop: Project, database: str) -> None:
    execute(database, "CREATE TABLE users (id integer PRIMARY KEY, name varchar(9)); CREATE TABLE other ()")
    refused = shop.run("--url", database, "baseline", code=1)
    assert refused.says(
        "column public.users.name: type text -> character varying(9)",
        "table public.other: only in the database",
        "--unchecked",
    )
    assert execute(database, "SELECT to_regclass('mizzle.history')") == [(None,)]
    shop.run("--url", database, "baseline", "--unchecked")
    assert shop.run("--url", database, "migrate").says("nothing is pending")


def test_there_has_to_be_a_migration_to_start_from(tmp_path: Path, shop: Project, database: str) -> None:
    assert shop.run("--url", database, "baseline", "--to", "20200101000000_no", code=2).says("there is no migration")
    empty = project(tmp_path / "empty", USERS)
    empty.migrations.mkdir()
    assert empty.run("--url", database, "baseline", code=2).says("no migrations to start from", "mizzle generate")


def test_what_was_there_before_is_not_rolled_back_unless_it_is_named(shop: Project, database: str) -> None:
    first, second = shop.ids()
    execute(database, f"{USERS}; INSERT INTO users VALUES (1)")
    shop.run("--url", database, "baseline", "--to", first)
    shop.run("--url", database, "migrate")
    refused = shop.run("--url", database, "rollback", "--to", "empty", "--accept-data-loss", "public.users", code=3)
    assert refused.says(f"{first} never ran here", f"mizzle resolve {first} --reverted", f"--accept-data-loss {first}")
    assert shop.run("--url", database, "rollback").says(f"reverted  {second}")
    shop.run("--url", database, "rollback", "--accept-data-loss", "public.users", code=3)
    assert shop.run("--url", database, "--json", "rollback", "--dry-run").json["never_run"] == [first]
    assert execute(database, "SELECT * FROM users") == [(1,)]
    shop.run("--url", database, "rollback", "--accept-data-loss", first, "--accept-data-loss", "public.users")
    assert execute(database, "SELECT to_regclass('users')") == [(None,)]
    shop.run("--url", database, "migrate")
    shop.run("--url", database, "rollback", "--to", "empty")  # it ran, by now
