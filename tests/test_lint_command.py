"""`mizzle check` on migrations with SQL that was written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mizzle.lint.program import program
from projects import Project, project

if TYPE_CHECKING:
    from pathlib import Path

OLD = ("CREATE TABLE people (id int PRIMARY KEY, age int)",)
NEW = (*OLD, "CREATE INDEX people_age_idx ON people (age)")
UP = "-- step 1: transaction\nCREATE INDEX people_age_idx\n  ON public.people (age);\n"
DOWN = "-- step 1: transaction\nDROP INDEX public.people_age_idx;\n"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project whose second migration was written by hand."""
    made = project(tmp_path / "shop", *OLD)
    made.run("generate", "first")
    by_hand(made, "second", UP, DOWN, *NEW)
    return made


def by_hand(shop: Project, name: str, up: str, down: str, *models: str) -> None:
    shop.schema(*models)
    shop.run("generate", "--custom", name)
    shop.write(next(each for each in shop.ids() if each.endswith(name)), up=up, down=down)
    shop.run("rebase")


def migration(shop: Project, name: str) -> str:
    return next(each for each in shop.ids() if each.endswith(name))


def test_what_stops_others_for_long_fails_the_check(shop: Project) -> None:
    place = f"{migration(shop, 'second')}/up.sql"
    ran = shop.run("check", code=1)
    assert ran.says(f"lint  {place}:2:1: blocking-build: builds public.people_age_idx: nobody writes public.people")
    (found,) = shop.run("check", "--json", code=1).json["findings"]
    assert found["kind"] == "lint"
    assert [found[key] for key in ("file", "line", "column", "rule", "level")] == [
        place,
        2,
        1,
        "blocking-build",
        "error",
    ]
    assert found["squawk"] == ["require-concurrent-index-creation"]
    assert found["hint"]


def test_a_warning_does_not(shop: Project) -> None:
    up = f"-- step 1: transaction\n-- hazard: INDEX_BUILD: there are ten\n{UP.partition(chr(10))[2]}"
    shop.write(migration(shop, "second"), up=f"{up}\nTRUNCATE public.people;\n", down=DOWN)
    shop.run("rebase")
    assert shop.run("check").says("warning  ", "table-emptied: deletes all rows of public.people")
    (found,) = shop.run("check", "--json").json["findings"]
    assert (found["rule"], found["level"]) == ("table-emptied", "warning")


def test_what_was_looked_at_is_not_run_again(shop: Project) -> None:
    looks = f"looking at what was written by hand in {migration(shop, 'second')}"
    assert shop.run("check", "-v", code=1).says(looks, "blocking-build")
    again = shop.run("check", "-v", code=1)
    assert again.says("as proved before", "blocking-build")
    assert looks not in again.err
    by_hand(shop, "third", "TRUNCATE public.people;\n", "SELECT 1;\n", *NEW)
    ran = shop.run("check", "-v", code=1)
    assert ran.says("blocking-build", "table-emptied")
    assert looks not in ran.err


def test_a_rule_that_the_configuration_ignores(shop: Project) -> None:
    for rule in ("blocking-build", "require-concurrent-index-creation"):
        shop.settings("[lint]", f'ignore = ["{rule}"]')
        assert shop.run("check").says("ok    hand-written SQL: nothing to say")


def test_only_what_came_since(shop: Project) -> None:
    second = migration(shop, "second")
    shop.settings("[lint]", f'since = "{second}"')
    assert "hand-written" not in shop.run("check").out
    by_hand(shop, "third", "TRUNCATE public.people;\n", "SELECT 1;\n", *NEW)
    (found,) = shop.run("check", "--json").json["findings"]
    assert found["rule"] == "table-emptied"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('lint = "x"', "lint is to be a table"),
        ("[lint]\nsince = 3", "lint: expected `str`"),
        ("[lint]\nignored = []", "lint: unknown setting ignored"),
        ('[lint]\nsince = "nowhere"', "lint.since names no migration: nowhere"),
    ],
)
def test_settings_that_are_wrong(shop: Project, line: str, message: str) -> None:
    shop.settings(line)
    ran = shop.run("check", code=2)
    assert ran.says(message, "hint: ")


def test_planned_migrations_are_not_looked_at(tmp_path: Path) -> None:
    made = project(tmp_path / "shop", *OLD)
    made.run("generate", "first")
    made.schema(*NEW)
    made.run("generate", "second")
    made.schema()
    made.run("generate", "third")
    assert "hand-written" not in made.run("check").out


def test_without_squawk_the_server_is_asked_all_the_same(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    program.cache_clear()
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")
    try:
        ran = shop.run("check", code=1)
    finally:
        program.cache_clear()
    assert ran.says("blocking-build", "mizzle[lint]")


def test_steps_of_tenants(tmp_path: Path) -> None:
    made = project(tmp_path / "shop", *OLD, settings=("per_schema = true",))
    made.run("generate", "first")
    by_hand(made, "second", UP.replace("public.", ""), DOWN.replace("public.", ""), *NEW)
    assert made.run("check", code=1).says("blocking-build: builds public.people_age_idx: nobody writes public.people")
