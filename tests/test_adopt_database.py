"""adopt, whatever ran the database before: what is written, what differs, what is undone when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from foreign import Alembic
from mizzle.runner import resolve
from projects import NAMED, USERS, Project, execute, project
from referee import schema_text
from servers import database_name

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Server

BY_HAND = """
CREATE TABLE users (id integer PRIMARY KEY, name varchar(9), nick text);
CREATE INDEX users_nick ON users (nick);
CREATE TABLE notes (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author integer REFERENCES users);
CREATE VIEW names AS SELECT nick FROM users WHERE nick > 'a';
INSERT INTO users VALUES (1, 'a', 'b');
"""


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return project(tmp_path / "shop", NAMED)


def test_a_database_run_by_hand_goes_on(shop: Project, any_server: Server, any_database: str) -> None:
    execute(any_database, BY_HAND)
    before = schema_text(any_database, bin=any_server.bin)
    ran = shop.run("--url", any_database, "adopt", code=1)
    (baseline,) = shop.ids()
    assert ran.says("found     a database as it is", f"wrote     migrations/{baseline}", f"recorded  {baseline}")
    assert ran.says("drift     ", "column public.users.name: type text -> character varying(9)")
    kept = ran.out.partition("kept ")[2].partition("drift ")[0]
    assert [line.strip() for line in kept.splitlines()[1:]] == [
        "column public.users.nick",
        "index public.users_nick",
        "table public.notes",
        "view public.names",
    ]
    assert schema_text(any_database, bin=any_server.bin) == before
    assert execute(any_database, "SELECT id, state, origin FROM mizzle.history") == [(baseline, "applied", "adopt")]
    copy = any_server.create()
    shop.run("--url", copy, "migrate")
    assert schema_text(copy, bin=any_server.bin) == before

    assert shop.run("check", "--url", any_database, code=1).says("models  the models are not what the migrations make")
    assert shop.run("generate", "longer").says("kept, declared by no model: column public.users.nick")
    assert shop.run("--url", any_database, "migrate").says("applied  ")
    assert shop.run("check", "--url", any_database).says("the models are what the migrations make")
    assert execute(any_database, "SELECT * FROM users") == [(1, "a", "b")]


def test_it_can_begin_with_the_models(shop: Project, database: str) -> None:
    execute(database, BY_HAND)
    ran = shop.run("--url", database, "adopt", "--from", "models", "--json", code=1).json
    assert ran["kept"] == []
    assert "view public.names: only in the database" in ran["drift"]
    assert "column public.users.name: type text -> character varying(9)" in ran["drift"]
    assert shop.run("generate").says("no changes")
    drift = next(f for f in shop.run("check", "--url", database, "--json", code=1).json["findings"])
    assert (drift["kind"], drift["lines"]) == ("drift", ran["drift"])


def test_what_may_have_been_renamed_is_asked_and_not_kept(tmp_path: Path, database: str) -> None:
    shop = project(tmp_path / "shop", "CREATE TABLE users (id integer PRIMARY KEY, full_name text)")
    execute(database, f"{NAMED}; CREATE INDEX users_name ON users (name)")
    ran = shop.run("--url", database, "adopt", code=1)
    assert ran.says("column public.users.name: only in the database")
    assert shop.run("generate", code=3).says(
        "column public.users.name is gone and column public.users.full_name is new"
    )
    shop.run("generate", "--rename", "public.users.name:full_name")
    shop.run("--url", database, "migrate")
    shop.run("check", "--url", database)


def test_what_only_has_another_name_is_renamed_and_not_made_twice(tmp_path: Path, database: str) -> None:
    orders = "CREATE TABLE orders (id integer PRIMARY KEY, owner integer CONSTRAINT {} REFERENCES users)"
    shop = project(tmp_path / "shop", USERS, orders.format("orders_owner_fkey"), "CREATE INDEX a ON orders (owner)")
    execute(database, f"{USERS}; {orders.format('orders_owner_users_id_fk')}; CREATE INDEX b ON orders (owner)")
    ran = shop.run("--url", database, "adopt", "--json", code=1).json
    assert ran["kept"] == []
    assert len(ran["drift"]) == 2
    shop.run("generate")
    shop.run("--url", database, "migrate")
    shop.run("check", "--url", database)
    assert execute(database, "SELECT count(*) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'f'")


def test_a_project_without_models_can_say_later_where_they_are(tmp_path: Path, database: str) -> None:
    shop = project(tmp_path / "shop", NAMED)
    (shop.folder / "mizzle.toml").write_text("", encoding="utf-8")
    execute(database, NAMED)
    assert shop.run("--url", database, "adopt", "--from", "models", code=2).says("no models are configured")
    assert shop.run("--url", database, "adopt").says("next: say where the models are")
    shop.settings()
    assert shop.run("generate").says("no changes")
    shop.run("check", "--url", database)


def test_what_is_not_managed_is_named_and_left(shop: Project, database: str) -> None:
    execute(database, f"{NAMED}; CREATE CONVERSION odd FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8")
    ran = shop.run("--url", database, "adopt")
    assert ran.says("left      not managed, and in no migration:", "conversion public.odd")
    shop.run("check", "--url", database)


def test_a_dry_run_tells_and_writes_nothing(shop: Project, database: str) -> None:
    execute(database, NAMED)
    before = shop.files()
    found = shop.run("--url", database, "adopt", "--dry-run", "--json").json
    assert (found["migration"], found["source"]["tool"]) == (None, "database")
    assert shop.files() == before
    assert execute(database, "SELECT to_regnamespace('mizzle')") == [(None,)]


def test_where_it_cannot_be_recorded_all_is_as_it_was(shop: Project, pg18: Server, database: str) -> None:
    execute(database, f"{NAMED}; CREATE TABLE alembic_version (version_num varchar(32)); GRANT ALL ON users TO guest")
    execute(database, f"REVOKE CREATE ON DATABASE {database_name(database)} FROM PUBLIC")
    before = shop.files()
    refused = shop.run("--url", database.replace("postgres@", "guest@", 1), "adopt", code=4)
    assert refused.says("role guest may not create the history's schema", "GRANT CREATE ON DATABASE")
    assert shop.files() == before
    assert not shop.migrations.exists()
    assert execute(database, "SELECT to_regnamespace('mizzle')") == [(None,)]
    shop.migrations.mkdir()
    shop.run("--url", database.replace("postgres@", "guest@", 1), "adopt", code=4)
    assert (shop.files(), list(shop.migrations.iterdir())) == (before, [])
    shop.run("--url", database, "adopt")


def test_ctrl_c_behind_the_commit_leaves_the_migration_that_is_recorded(
    shop: Project, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def record(*arguments: Any, **more: Any) -> None:
        resolve.record(*arguments, **more)
        raise KeyboardInterrupt

    execute(database, NAMED)
    monkeypatch.setattr("mizzle.project.adopt.record", record)
    shop.run("--url", database, "adopt", code=130)
    (baseline,) = shop.ids()
    assert shop.run("--url", database, "adopt").says(f"adopted already, as {baseline}")


def test_the_second_time_it_says_so(shop: Project, database: str) -> None:
    execute(database, NAMED)
    shop.run("--url", database, "adopt", "--name", "as_found", "--reason", "from the old server")
    (baseline,) = shop.ids()
    assert baseline.endswith("_as_found")
    assert shop.run("--url", database, "adopt").says(f"adopted already, as {baseline}, on ")
    assert shop.run("--url", database, "adopt", "--json").json["adopted_before"]["migration"] == baseline
    assert execute(database, "SELECT reason FROM mizzle.history") == [("from the old server",)]


def test_several_tools_are_a_question(shop: Project, database: str) -> None:
    Alembic.make(shop.folder)
    (shop.folder / "drizzle" / "meta").mkdir(parents=True)
    (shop.folder / "drizzle" / "meta" / "_journal.json").write_text('{"entries": []}', encoding="utf-8")
    execute(database, NAMED)
    refused = shop.run("--url", database, "adopt", code=3)
    assert refused.says("migrations of more than one kind:", "alembic ", "alembic.ini", "drizzle ", "name one: ")
    assert shop.run("--url", database, "adopt", "alembic", code=2).says("has no revisions", "mizzle adopt database")
    shop.run("--url", database, "adopt", "database")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'ignore = ["table:public.alembic_version"]\n'),
        ('schemas = ["public"]', 'schemas = ["public"]\nignore = ["table:public.alembic_version"]\n'),
        ("ignore = []\n", 'ignore = ["table:public.alembic_version"]\n'),
        ('ignore = "table:x"\n', 'ignore = ["table:x", "table:public.alembic_version"]\n'),
        (
            'ignore = [\n  "table:x",  # theirs\n]\n',
            'ignore = ["table:public.alembic_version", \n  "table:x",  # theirs\n]\n',
        ),
        (
            '# us\n\n# ignore = 1\n[lint]\nignore = ["table-emptied"]\n',
            'ignore = ["table:public.alembic_version"]\n# us\n\n# ignore = 1\n[lint]\nignore = ["table-emptied"]\n',
        ),
        ('[tool.mizzle]\r\nurl = "env:X"\r\n', None),
    ],
)
def test_the_configuration_keeps_what_is_in_it(tmp_path: Path, database: str, before: str, after: str | None) -> None:
    execute(database, "CREATE TABLE alembic_version (version_num varchar(32))")
    path = tmp_path / "mizzle.toml"
    path.write_bytes(before.encode())
    path.chmod(0o640)
    Project(tmp_path).run("--url", database, "adopt")
    expected = after or f'{before}ignore = ["table:public.alembic_version"]\r\n'
    assert path.read_bytes().decode() == expected
    assert path.stat().st_mode & 0o777 == 0o640
    Project(tmp_path).run("check", "--url", database)


def test_a_configuration_that_a_program_cannot_edit_is_for_a_person(tmp_path: Path, database: str) -> None:
    execute(database, "CREATE TABLE alembic_version (version_num varchar(32))")
    text = 'tool = { mizzle = { url = "env:X" } }\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    refused = Project(tmp_path).run("--url", database, "adopt", code=2)
    assert refused.says('add it there by hand, ignore = ["table:public.alembic_version"]')
    assert (tmp_path / "pyproject.toml").read_text(encoding="utf-8") == text
    assert not (tmp_path / "migrations").exists()
