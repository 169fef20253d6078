"""squash: old migrations put together into one; databases that have them are not touched, new ones run the one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from projects import Project, execute, project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers import Server

FIRST = "CREATE TABLE people (id integer PRIMARY KEY, name text)"
SECOND = (FIRST.replace("text)", "text NOT NULL)"), "CREATE TABLE notes (id integer PRIMARY KEY)")
THIRD = (*SECOND, "CREATE INDEX people_name_idx ON people (name)")
FOURTH = (*THIRD, "CREATE VIEW names AS SELECT name FROM people")


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = project(tmp_path / "shop", FIRST, settings=("postgres = 15",))
    made.run("generate", "first")
    made.schema(*SECOND)
    made.run("generate", "second")
    made.schema(*THIRD)
    made.run("generate", "third")
    return made


def history(url: str) -> list[tuple[str, str, str]]:
    return execute(url, "SELECT id, state, origin FROM mizzle.history ORDER BY attempt")


def test_a_new_database_runs_the_one_and_says_what_it_replaces(shop: Project, any_database: str) -> None:
    old = shop.ids()
    assert shop.run("squash").says("squashed  3 migrations into", old[2])
    assert shop.ids() == [old[2]]
    assert shop.run("check").says("1 migration, whole and in one line", "the models are what the migrations make")
    shop.run("--url", any_database, "migrate")
    assert history(any_database) == [(old[2], "applied", "run")]
    assert execute(any_database, "SELECT replaces FROM mizzle.history") == [(old,)]
    shop.run("--url", any_database, "check")
    shop.run("--url", any_database, "rollback")
    assert execute(any_database, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []
    shop.run("--url", any_database, "migrate").says("applied")


def test_a_database_that_has_them_is_not_touched(shop: Project, any_database: str) -> None:
    url = ("--url", any_database)
    shop.run(*url, "migrate")
    before = history(any_database)
    old = shop.ids()
    last = old[-1]
    assert shop.run("squash", "--json").json == {"migration": last, "replaced": old}
    shop.run(*url, "migrate").says("nothing is pending")
    assert shop.run(*url, "status").out.split()[:2] == ["applied", last]
    shop.run(*url, "check")
    assert history(any_database) == before
    shop.schema(*FOURTH)
    shop.run("generate", "fourth")
    shop.run(*url, "migrate").says("applied", "_fourth")
    shop.run(*url, "status")


def test_those_above_stay_as_they_are(shop: Project, database: str) -> None:
    old = shop.ids()
    third = {name: data for name, data in shop.files().items() if old[2] in name}
    shop.run("squash", "--to", old[1])
    assert shop.ids() == old[1:]
    assert {name: data for name, data in shop.files().items() if old[2] in name} == third
    shop.run("check")
    shop.run("--url", database, "migrate").says(old[1], old[2])


def test_a_database_that_has_only_some_is_told_what_to_do(shop: Project, database: str) -> None:
    url = ("--url", database)
    old = shop.ids()
    shop.run(*url, "migrate", "--to", old[0])
    shop.run("squash")
    refused = shop.run(*url, "migrate", code=1)
    assert refused.says(f"this database has only a part of what {old[2]} replaces", old[0])
    assert refused.says("hint: bring the database up with a release from before the squash")
    shop.run(*url, "status", code=1).says("missing", old[0], "hint: bring the database up with a release")


def test_what_is_reverted_takes_what_it_replaces_with_it(shop: Project, database: str) -> None:
    url = ("--url", database)
    old = shop.ids()
    shop.run(*url, "migrate")
    shop.run("squash")
    shop.run(*url, "rollback")
    assert history(database)[3:] == [
        (old[2], "reverted", "run"),
        (old[1], "reverted", "squash"),
        (old[0], "reverted", "squash"),
    ]
    shop.run(*url, "migrate").says("applied", old[2])
    shop.run(*url, "status")


def test_a_rollback_that_failed_is_finished(shop: Project, database: str) -> None:
    url = ("--url", database)
    old = shop.ids()
    shop.run(*url, "migrate")
    shop.run("squash")
    execute(database, "CREATE VIEW public.by_hand AS SELECT name FROM public.people")
    shop.run(*url, "rollback", code=4).says("cannot drop table public.people")
    shop.run(*url, "status", code=1).says("failed", "hint: finish the rollback")
    shop.run(*url, "migrate", code=1).says(f"{old[2]} is half reverted")
    execute(database, "DROP VIEW public.by_hand")
    shop.run(*url, "rollback")
    assert execute(database, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []
    shop.run(*url, "migrate").says("applied", old[2])


def test_it_is_resolved_as_the_one_that_it_is(shop: Project, database: str) -> None:
    url = ("--url", database)
    old = shop.ids()
    shop.run(*url, "migrate")
    shop.run("squash")
    ran = shop.run(*url, "resolve", old[2], "--applied", "--reason", "why not", code=1)
    assert ran.says(f"{old[2]} is recorded as applied already")
    assert len(history(database)) == 3


def test_who_has_only_some_may_say_that_it_has_all(shop: Project, database: str) -> None:
    url = ("--url", database)
    old = shop.ids()
    shop.run(*url, "migrate", "--to", old[1])
    shop.run("squash")
    execute(database, "CREATE INDEX people_name_idx ON public.people (name)")
    shop.run(*url, "resolve", old[2], "--applied", "--reason", "the index was made by hand")
    shop.run(*url, "migrate").says("nothing is pending")
    shop.run(*url, "check")


def test_squashed_again_all_that_there_ever_was_counts(shop: Project, pg18_databases: tuple[str, str, str]) -> None:
    oldest, squashed, partly = pg18_databases
    old = shop.ids()
    shop.run("--url", oldest, "migrate")
    shop.run("squash", "--to", old[1])
    shop.run("--url", squashed, "migrate")
    shop.run("--url", partly, "migrate", "--to", old[1])
    shop.run("squash")
    for url in (oldest, squashed):
        shop.run("--url", url, "migrate").says("nothing is pending")
        shop.run("--url", url, "status")
    shop.run("--url", partly, "migrate", code=1).says("only a part of what")


@pytest.fixture
def pg18_databases(pg18: Server) -> Iterator[tuple[str, str, str]]:
    urls = (pg18.create(), pg18.create(), pg18.create())
    yield urls
    for url in urls:
        pg18.drop(url)


def test_rows_are_not_lost_unseen(shop: Project) -> None:
    shop.run("generate", "--custom", "seed")
    seed = shop.ids()[-1]
    shop.write(seed, up="INSERT INTO public.notes VALUES (1);\n", down="DELETE FROM public.notes;\n")
    shop.run("rebase")
    files = shop.files()
    refused = shop.run("squash", code=3)
    assert refused.says(f"{seed}/up.sql:1: INSERT INTO public.notes VALUES (1)", "--without-data")
    assert shop.files() == files
    shop.run("squash", "--without-data")
    assert shop.ids() == [seed]


def test_one_alone_or_an_unknown_one_is_refused(shop: Project) -> None:
    shop.run("squash", "--to", shop.ids()[0], code=2).says("there is nothing to put together: 1 migration")
    shop.run("squash", "--to", "nothing", code=2).says("there is no migration nothing")


def test_tenants_have_it_each(tmp_path: Path, database: str) -> None:
    made = project(tmp_path / "shop", FIRST, settings=("per_schema = true",))
    made.run("generate", "first")
    made.schema(*SECOND)
    made.run("generate", "second")
    execute(database, "CREATE SCHEMA one; CREATE SCHEMA two")
    url = ("--url", database)
    made.run(*url, "migrate", "--tenant", "one")
    made.run("squash")
    made.run(*url, "migrate", "--tenant", "one").says("nothing is pending")
    made.run(*url, "migrate", "--tenant", "two").says("applied")
    made.run(*url, "check", "--tenant", "one")
    made.run(*url, "check", "--tenant", "two")
