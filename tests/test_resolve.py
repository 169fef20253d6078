"""resolve: what was done by hand is told to the history, with a reason, and nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from projects import Project, execute, two_migrations

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project with two migrations."""
    return two_migrations(tmp_path / "shop")


def test_what_was_run_by_hand_is_recorded_with_its_reason(shop: Project, database: str) -> None:
    first, second = shop.ids()
    execute(database, (shop.migrations / first / "up.sql").read_text())
    ran = shop.run("--url", database, "resolve", first, "--applied", "--reason", "run by hand in the night")
    assert ran.says("recorded", first, "as applied")
    assert shop.run("--url", database, "migrate").says(f"applied  {second}")
    assert execute(database, "SELECT id, state, origin, reason FROM mizzle.history ORDER BY attempt") == [
        (first, "applied", "resolve", "run by hand in the night"),
        (second, "applied", "run", None),
    ]
    assert shop.run("--url", database, "status").says("applied")


def test_what_was_undone_by_hand_can_be_run_again(shop: Project, database: str) -> None:
    second = shop.ids()[1]
    shop.run("--url", database, "migrate")
    execute(database, "ALTER TABLE users DROP name")
    shop.run("--url", database, "resolve", second, "--reverted", "--reason", "dropped by hand")
    assert shop.run("--url", database, "migrate").says(f"applied  {second}")


def test_a_file_that_was_edited_counts_as_it_is_now(shop: Project, database: str) -> None:
    second = shop.ids()[1]
    shop.run("--url", database, "migrate")
    file = shop.migrations / second / "up.sql"
    file.write_text(file.read_text() + "\n-- a remark\n")
    shop.run("rebase")
    assert shop.run("--url", database, "migrate", code=1).says("edited after it was applied")
    shop.run("--url", database, "resolve", second, "--applied", "--reason", "only a remark was added")
    assert shop.run("--url", database, "migrate").says("nothing is pending")


def test_a_half_applied_migration_is_settled(shop: Project, database: str) -> None:
    first, second = shop.ids()
    execute(database, "CREATE TABLE users (id integer PRIMARY KEY, name text)")
    shop.run("--url", database, "resolve", first, "--applied", "--reason", "it was there")
    assert shop.run("--url", database, "migrate", code=4).says("already exists")
    shop.run("--url", database, "resolve", second, "--applied", "--reason", "so was this")
    assert shop.run("--url", database, "migrate").says("nothing is pending")


def test_what_the_folder_has_lost_is_forgotten_when_it_is_told_to_be_reverted(shop: Project, database: str) -> None:
    second = shop.ids()[1]
    shop.run("--url", database, "migrate")
    for file in (shop.migrations / second).iterdir():
        file.unlink()
    (shop.migrations / second).rmdir()
    assert shop.run("--url", database, "status", code=1).says("unknown")
    shop.run("--url", database, "resolve", second, "--reverted", "--reason", "never merged, undone by hand")
    assert shop.run("--url", database, "status").says("applied")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("ID", "--reason", "x"), 2, "--applied or --reverted"),
        (("ID", "--applied"), 2, "--reason"),
        (("ID", "--applied", "--reason", " "), 2, "no reason is given"),
        (("20200101000000_no", "--applied", "--reason", "x"), 2, "there is no migration 20200101000000_no"),
        (("ID", "--applied", "--reason", "x"), 1, "is recorded as applied already"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: tuple[str, ...], code: int, says: str, shop: Project, database: str
) -> None:
    first, second = shop.ids()
    shop.run("--url", database, "migrate", "--to", first)
    told = (first if each == "ID" else each for each in arguments)
    assert shop.run("--url", database, "resolve", *told, code=code).says(says)
    assert shop.run("--url", database, "resolve", second, "--reverted", "--reason", "x", code=1).says("is not recorded")
