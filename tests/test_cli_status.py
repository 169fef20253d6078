"""migrate, status and check, from the command line: each state of a migration, and drift."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from projects import Project, project

if TYPE_CHECKING:
    from pathlib import Path

USERS = "CREATE TABLE users (id integer PRIMARY KEY, name text)"
ORDERS = "CREATE TABLE orders (id integer PRIMARY KEY)"
WHEN = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC  by postgres"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project with two migrations."""
    made = project(tmp_path / "shop", USERS)
    made.run("generate", "users")
    made.schema(USERS, ORDERS)
    made.run("generate", "orders")
    return made


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def states(shop: Project, url: str) -> dict[str, str]:
    ran = shop.run("--url", url, "--json", "status", code=None)
    found = ran.json["migrations"]
    assert ran.code == (0 if all(each["state"] == "applied" for each in found) else 1)
    return {each["migration"][15:]: each["state"] for each in found}


def test_every_state_is_told(shop: Project, any_database: str) -> None:
    url = ("--url", any_database)
    users, orders = shop.ids()
    ran = shop.run(*url, "status", code=1)
    assert ran.out == f"pending  {users}\npending  {orders}\n"
    ran = shop.run(*url, "migrate", "--dry-run")
    assert ran.out == f"pending  {users}\npending  {orders}\n"
    assert states(shop, any_database) == {"users": "pending", "orders": "pending"}
    ran = shop.run(*url, "migrate", "--to", users)
    assert re.fullmatch(rf"applied  {users}  \d+\.\d\d s\n", ran.out)
    ran = shop.run(*url, "status", code=1)
    assert re.fullmatch(rf"applied  {users}  {WHEN}\npending  {orders}\n", ran.out)

    execute(any_database, "CREATE TABLE orders ()")
    ran = shop.run(*url, "migrate", code=4)
    ran.says('relation "orders" already exists', f"migrations/{orders}/up.sql")
    ran = shop.run(*url, "status", code=1)
    assert re.search(rf"^failed   {orders}  {WHEN}$", ran.out, re.MULTILINE)
    ran.says('relation "orders" already exists', "hint: run mizzle migrate again")
    execute(any_database, "DROP TABLE orders")
    assert shop.run(*url, "migrate").out.startswith(f"applied  {orders}  ")
    assert shop.run(*url, "migrate").out == "nothing is pending\n"
    assert shop.run(*url, "migrate", "--dry-run").out == "nothing is pending\n"
    assert states(shop, any_database) == {"users": "applied", "orders": "applied"}
    shop.run(*url, "status")

    up = shop.migrations / users / "up.sql"
    before = up.read_text()
    up.write_text(before + "-- more\n")
    assert states(shop, any_database) == {"users": "edited", "orders": "applied"}
    shop.run(*url, "migrate", code=1).says(f"migration {users} was edited after it was proved: up.sql")
    up.write_text(before)
    (shop.migrations / orders).rename(shop.folder / orders)
    assert states(shop, any_database) == {"users": "applied", "orders": "unknown"}
    shop.run(*url, "migrate", code=1).says(f"newer than all in the folder: {orders}", "hint: update this checkout")
    shop.schema(USERS, "CREATE TABLE other ()")
    shop.run("generate", "other")
    assert states(shop, any_database) == {"users": "applied", "other": "pending", "orders": "missing"}
    shop.run(*url, "migrate", code=1).says(f"and not in the folder: {orders}", "hint: bring their folders back")


def test_a_migration_that_is_being_run_is_told_by_who(shop: Project, database: str) -> None:
    url = ("--url", database)
    shop.run(*url, "migrate")
    execute(database, "UPDATE mizzle.history SET state = 'running', finished = NULL WHERE id LIKE '%_orders'")
    shop.run(*url, "status", code=1).says("failed ", "interrupted: the migrator went away")
    from mizzle.runner.lock import lock_key  # noqa: PLC0415

    with psycopg.connect(database) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (lock_key("mizzle"),))
        shop.run(*url, "status", code=1).says("running ", f"pid {other.info.backend_pid} ", "hint: wait for it")
        ran = shop.run(*url, "migrate", "--wait", "0", code=4)
        ran.says("another migrator is at work in database", "hint: wait longer for it (--wait SECONDS)")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "20200101000000_x"], "there is no migration 20200101000000_x"),
        (["--lock-timeout", "soon"], "not a duration: soon"),
        (["--lock-timeout", "-1"], "not a duration: -1"),
    ],
)
def test_what_migrate_cannot_do_is_refused_before_it_begins(
    shop: Project, database: str, arguments: list[str], message: str
) -> None:
    shop.run("--url", database, "migrate", *arguments, code=2).says(message, "hint: ")
    assert states(shop, database) == {"users": "pending", "orders": "pending"}


def test_check_names_drift_and_what_is_pending(shop: Project, any_database: str) -> None:
    url = ("--url", any_database)
    users, orders = shop.ids()
    passed = shop.run("check").out.splitlines()
    assert passed == [
        "ok    2 migrations, whole and in one line",
        "ok    replayed, undone, and equal to their snapshots",
        "ok    the models are what the migrations make",
    ]
    assert "(as proved before)" in shop.run("check").out
    shop.run(*url, "migrate", "--to", users)
    ran = shop.run(*url, "check", code=1)
    ran.says(
        "ok    the database is what the migrations that it has applied make", f"      {orders}", "hint: mizzle migrate"
    )
    shop.run(*url, "migrate")
    shop.run(*url, "check")
    execute(any_database, "ALTER TABLE users ALTER name SET DEFAULT 'x'", "CREATE INDEX by_hand ON users (name)")
    found = shop.run(*url, "check", "--json", code=1).json
    (drift,) = found["findings"]
    assert drift["kind"] == "drift"
    assert sorted(drift["lines"]) == [
        "column public.users.name: default none -> 'x'::text",
        "index public.by_hand: only in the database",
    ]
    execute(any_database, "CREATE SCHEMA other", "CREATE TABLE other.t ()", "DROP INDEX by_hand")
    assert len(shop.run(*url, "check", "--json", code=1).json["findings"][0]["lines"]) == 1
    execute(any_database, "ALTER TABLE users ALTER name DROP DEFAULT", "CREATE TABLE celery_x ()")
    shop.run(*url, "check", code=1).says("table public.celery_x: only in the database")
    shop.settings('ignore = ["table:celery_*"]')
    shop.run(*url, "check")


def test_check_says_what_the_models_have_and_the_migrations_lack(shop: Project) -> None:
    shop.schema(USERS.replace("name text", "name text NOT NULL"), ORDERS, "CREATE TABLE more ()")
    ran = shop.run("check", code=1)
    ran.says("models  the models are not what the migrations make", "create table public.more", "NOT NULL added")
    assert ran.err == "hint: mizzle generate writes the migration\n"
    (shop.migrations / shop.ids()[1] / "snapshot.json").write_text(
        (shop.migrations / shop.ids()[1] / "snapshot.json").read_text().replace('"orders"', '"orderz"')
    )
    found = shop.run("check", "--json", code=1).json["findings"]
    assert found[0]["kind"] == "replay"
    assert f"{shop.ids()[1]}/up.sql does not give its snapshot" in found[0]["message"]
    assert "`mizzle rebase`" in found[0]["hint"]
    shop.run("rebase").says(f"proved  {shop.ids()[1]}  on top of {shop.ids()[0]}")
    assert [each["kind"] for each in shop.run("check", "--json", code=1).json["findings"]] == ["models"]


def test_the_embedded_database_is_one_like_any_other(shop: Project) -> None:
    shop.run("--embedded", "status", code=1).says("pending ")
    shop.run("--embedded", "migrate").says("applied ")
    shop.run("--embedded", "status").says("applied ")
    shop.run("--embedded", "check").says("the database is what the migrations that it has applied make")
    assert shop.run("--embedded", "rebase").out == "nothing to rebase\n"
    shop.run("--embedded", "push", code=1).says("this database has a migration history")
    assert sorted(path.name for path in (shop.folder / ".mizzle").iterdir()) >= [".gitignore", "lock", "postgres"]
