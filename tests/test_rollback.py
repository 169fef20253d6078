"""rollback: the last migration or several, and nothing deleted that nobody named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from projects import Project, project
from terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

USERS = "CREATE TABLE users (id integer PRIMARY KEY)"
NAMED = "CREATE TABLE users (id integer PRIMARY KEY, name text)"
POSTS = "CREATE TABLE posts (id integer PRIMARY KEY)"


@pytest.fixture
def shop(tmp_path: Path, database: str) -> Project:
    """A project with three migrations, all applied."""
    made = project(tmp_path / "shop", USERS)
    made.run("generate", "first")
    made.schema(NAMED)
    made.run("generate", "second")
    made.schema(NAMED, POSTS)
    made.run("generate", "third")
    made.run("--url", database, "migrate")
    return made


def execute(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode())


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        return {name for (name,) in rows.fetchall()}


def test_one_that_failed_at_its_first_step_is_done_by_the_next(shop: Project, database: str) -> None:
    url = ("--url", database)
    execute(database, "CREATE VIEW public.by_hand AS SELECT id FROM public.posts")
    shop.run(*url, "rollback", code=4).says("cannot drop table public.posts")
    shop.run(*url, "migrate", code=1).says("hint: finish the rollback: mizzle rollback")
    execute(database, "DROP VIEW public.by_hand")
    assert shop.run(*url, "rollback").says("reverted", "_third")
    assert tables(database) == {"users"}
    assert shop.run(*url, "migrate").says("applied", "_third")


def test_the_last_one_is_reverted_recorded_and_can_be_run_again(shop: Project, database: str) -> None:
    ran = shop.run("--url", database, "rollback")
    assert ran.says("reverted", "_third")
    assert "_second" not in ran.out
    assert tables(database) == {"users"}
    assert shop.run("--url", database, "status", code=1).says("pending")
    shop.run("--url", database, "migrate")
    assert tables(database) == {"users", "posts"}


def test_several_are_reverted_from_the_last_one_down(shop: Project, database: str) -> None:
    first, second, third = shop.ids()
    ran = shop.run("--url", database, "--json", "rollback", "--to", first)
    assert [each["migration"] for each in ran.json["reverted"]] == [third, second]
    assert tables(database) == {"users"}
    assert shop.run("--url", database, "rollback", "--to", first).says("nothing to revert")
    shop.run("--url", database, "rollback", "--to", "empty")
    assert tables(database) == set()
    assert shop.run("--url", database, "rollback").says("nothing to revert")


def test_rows_are_counted_before_and_nothing_runs_until_each_is_named(shop: Project, database: str) -> None:
    execute(database, "INSERT INTO users VALUES (1, 'a'), (2, NULL); INSERT INTO posts VALUES (1), (2), (3)")
    first = shop.ids()[0]
    refused = shop.run("--url", database, "rollback", "--to", first, code=3)
    assert refused.says(
        "deletes table public.posts: 3 rows",
        "deletes column public.users.name: 1 row",
        "--accept-data-loss public.posts --accept-data-loss public.users.name",
    )
    shop.run("--url", database, "rollback", "--to", first, "--accept-data-loss", "public.posts", code=3)
    assert tables(database) == {"users", "posts"}
    flags = ("--accept-data-loss", "public.posts", "--accept-data-loss", "public.users.name")
    assert shop.run("--url", database, "rollback", "--to", first, *flags).says("reverted")
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT * FROM users ORDER BY 1").fetchall() == [(1,), (2,)]


def test_a_dry_run_tells_and_changes_nothing(shop: Project, database: str) -> None:
    execute(database, "INSERT INTO posts VALUES (1)")
    ran = shop.run("--url", database, "--json", "rollback", "--dry-run", "--to", "empty")
    assert ran.json["migrations"] == shop.ids()[::-1]
    assert ran.json["losses"] == [{"object": "table public.posts", "rows": 1}]
    assert shop.run("--url", database, "rollback", "--dry-run").says(
        "would be reverted", "deletes table public.posts: 1 row"
    )
    assert tables(database) == {"users", "posts"}


def test_what_was_written_by_hand_is_asked_for_by_its_id(shop: Project, database: str) -> None:
    shop.run("generate", "--custom", "byhand")
    last = shop.ids()[-1]
    shop.write(last, up="INSERT INTO public.posts VALUES (7);\n", down="DELETE FROM public.posts WHERE id = 7;\n")
    shop.run("rebase")
    shop.run("--url", database, "migrate")
    (last,) = (each for each in shop.ids() if each.endswith("byhand"))
    refused = shop.run("--url", database, "rollback", code=3)
    assert refused.says(f"{last} was written by hand", f"--accept-data-loss {last}")
    assert shop.run("--url", database, "rollback", "--accept-data-loss", last).says("reverted")


def test_a_migration_that_is_not_there_to_go_back_to(shop: Project, database: str) -> None:
    assert shop.run("--url", database, "rollback", "--to", "20200101000000_x", code=2).says("there is no migration")
    third = shop.ids()[-1]
    shop.run("--url", database, "rollback")
    assert shop.run("--url", database, "rollback", "--to", third, code=1).says("is not applied to this database")


def test_what_the_migration_does_not_own_stops_it_with_the_way_out(shop: Project, database: str) -> None:
    execute(database, "CREATE VIEW mine AS SELECT id FROM posts")
    failed = shop.run("--url", database, "rollback", code=4)
    assert failed.says("down.sql", "mine")
    assert tables(database) == {"users", "posts"}
    execute(database, "DROP VIEW mine")
    assert shop.run("--url", database, "rollback").says("reverted")


def test_on_a_terminal_rollback_asks(shop: Project, database: str) -> None:
    execute(database, "INSERT INTO posts VALUES (1)")
    arguments = ("-C", str(shop.folder), "--url", database, "rollback")
    with Terminal(*arguments) as terminal:
        terminal.answer("type public.posts to delete it:", "no")
        assert terminal.end() == 1
        assert "nothing was changed" in terminal.seen
    assert tables(database) == {"users", "posts"}
    with Terminal(*arguments) as terminal:
        terminal.answer("type public.posts to delete it:", "public.posts")
        assert terminal.end() == 0
        assert "reverted" in terminal.seen
    assert tables(database) == {"users"}
