"""Fleets: the same migrations on many tenants or databases, a few first, and an end in time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from mizzle.runner.fleet import Pace
from projects import Project, Ran, execute, project, two_migrations

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Server

TENANTS = int(os.environ.get("MIZZLE_TEST_TENANTS", "1000"))
MODELS = (
    "CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL)",
    "CREATE TABLE notes (id integer PRIMARY KEY, person integer NOT NULL REFERENCES people)",
)
LISTED = "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname LIKE 'tenant%' ORDER BY 1"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = project(tmp_path / "shop", *MODELS, settings=("per_schema = true", f'fleet = "{LISTED}"'))
    made.run("generate", "first")
    made.schema(*MODELS, "CREATE INDEX notes_person_idx ON notes (person)")
    made.run("generate", "second")
    return made


def tenants(url: str, number: int) -> list[str]:
    made = [f"tenant{place:04}" for place in range(number)]
    for start in range(0, number, 50):
        execute(url, "; ".join(f"CREATE SCHEMA {each}" for each in made[start : start + 50]))
    return made


def counts(ran: Ran) -> dict[str, int]:
    return ran.json["counts"]


def by_target(ran: Ran) -> dict[str, dict[str, Any]]:
    return {each["target"]: each for each in ran.json["targets"]}


def test_one_broken_tenant_of_many_is_reported_and_the_next_run_does_just_that_one(
    shop: Project, database: str
) -> None:
    made = tenants(database, TENANTS)
    broken = made[-7]
    execute(database, f"CREATE TABLE {broken}.people ()")  # it stands in the way
    url = ("--url", database, "--json")
    first = shop.run(*url, "migrate", "--fleet", code=4)
    assert counts(first) == {"applied": TENANTS - 1, "failed": 1}
    wrong = by_target(first)[broken]
    assert wrong["state"] == "failed"
    assert 'relation "people" already exists' in wrong["error"]
    looked = shop.run(*url, "status", "--fleet", code=1)
    assert counts(looked) == {"current": TENANTS - 1, "failed": 1}
    execute(database, f"DROP TABLE {broken}.people")
    second = shop.run(*url, "migrate", "--fleet")
    assert counts(second) == {"current": TENANTS - 1, "applied": 1}
    assert by_target(second)[broken]["state"] == "applied"
    each_twice = "SELECT scope FROM mizzle.history WHERE state = 'applied' GROUP BY scope HAVING count(*) = 2"
    assert len(execute(database, each_twice)) == TENANTS
    assert len(execute(database, "SELECT 1 FROM pg_indexes WHERE indexname = 'notes_person_idx'")) == TENANTS


def test_a_canary_that_fails_ends_it(shop: Project, database: str) -> None:
    made = tenants(database, 6)
    execute(database, f"CREATE TABLE {made[0]}.people ()")
    ran = shop.run("--url", database, "migrate", "--fleet", code=4)
    assert ran.says(
        f"failed   {made[0]}", f"left     {made[5]}", "6 targets: 5 left, 1 failed", "hint: too many failed"
    )
    again = shop.run("--url", database, "migrate", "--fleet", "--canaries", "0", "--stop", "50", code=4)
    assert again.says("6 targets: 5 applied, 1 failed")


def test_it_ends_when_too_many_have_failed(shop: Project, database: str) -> None:
    made = tenants(database, 12)
    for each in made[3:9]:
        execute(database, f"CREATE TABLE {each}.people ()")
    ran = shop.run("--url", database, "--json", "migrate", "--fleet", "--jobs", "1", "--stop", "10", code=4)
    assert counts(ran) == {"applied": 3, "failed": 2, "left": 7}


def test_a_dry_run_says_who_lacks_what_and_changes_nothing(shop: Project, database: str) -> None:
    tenants(database, 2)
    ran = shop.run("--url", database, "migrate", "--fleet", "--dry-run")
    assert ran.says("pending  tenant0000  2 migrations, up to", "2 targets: 2 pending")
    assert execute(database, "SELECT 1 FROM pg_namespace WHERE nspname = 'mizzle'") == []


def test_databases_are_listed_in_a_file_by_url_or_name(tmp_path: Path, pg18: Server) -> None:
    made = two_migrations(tmp_path / "shop")
    urls = [pg18.create() for _ in range(3)]
    name = urls[2].partition("@/")[2].partition("?")[0]
    try:
        text = f"\ufeff# our customers\n{urls[0]}\n\n{urls[1]}\n{name}\n"
        (made.folder / "customers.txt").write_text(text, encoding="utf-8")
        made.run("--url", urls[0], "migrate", "--fleet", "customers.txt").says("3 targets: 3 applied")
        for url in urls:
            assert len(execute(url, "SELECT 1 FROM mizzle.history WHERE state = 'applied'")) == 2
        made.run("--url", urls[0], "status", "--fleet", "customers.txt").says("3 targets: 3 current")
    finally:
        for url in urls:
            pg18.drop(url)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nowhere.txt", "cannot read the fleet nowhere.txt"),
        ("SELECT 1, 2, 3", "more than two columns"),
        ("SELECT NULL", "returns NULL"),
        ("SELECT * FROM missing", 'relation "missing" does not exist'),
        ("VALUES ('one'), ('one')", "the fleet names one twice"),
        ("VALUES ('postgresql://host/one')", "not a schema, or a URL and a schema"),
        ("VALUES ('one'), ('postgresql://h:x/d')", "target 2 of the fleet: "),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(shop: Project, database: str, given: str, message: str) -> None:
    ran = shop.run("--url", database, "migrate", "--fleet", given, code=None)
    assert ran.code in {2, 4}
    assert ran.says(message, "hint: ")


def test_one_tenant_and_a_fleet_are_not_both_meant(shop: Project, database: str) -> None:
    for command in ("migrate", "status"):
        ran = shop.run("--url", database, command, "--tenant", "one", "--fleet", code=2)
        assert ran.says("one tenant is named (one), and a fleet", "hint: take --tenant out, or --fleet")


def test_an_empty_fleet_is_no_error(shop: Project, database: str) -> None:
    assert shop.run("--url", database, "migrate", "--fleet").says("the fleet is empty")


def test_waves_grow_and_cover_everyone() -> None:
    waves = list(Pace(jobs=4, canaries=2).waves(1000))
    assert waves[:3] == [(0, 2), (2, 42), (42, 442)]
    assert waves[-1][1] == 1000
    assert list(Pace(canaries=0).waves(7)) == [(0, 7)]
    assert list(Pace(canaries=5).waves(3)) == [(0, 3)]
