"""adopt from Drizzle: the real drizzle-kit applies what the tests write, and the database says what that was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from foreign import Drizzle, expect_adopted, expect_next_change, made_from_models, portal
from projects import NAMED, USERS, execute, project
from referee import schema_text

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Mizzle
    from servers import Server

SLUG = "ALTER TABLE tenants ADD COLUMN slug text"
FORMS = pytest.mark.parametrize("form", ["0.31", "1.0"])


@FORMS
def test_the_portal_goes_on_from_where_drizzle_left_it(
    pg18: Server, database: str, tmp_path: Path, mizzle: Mizzle, form: str
) -> None:
    folder = portal(tmp_path / "portal")
    drizzle = Drizzle.make(folder, form)
    files = drizzle.portal()
    theirs = {path: path.read_bytes() for path in drizzle.migrations.rglob("*") if path.is_file()}
    env = {"DATABASE_URL": database}
    process = mizzle("-C", folder, "adopt", env=env)
    assert (process.returncode, process.stdout) == (1, "")
    assert f"Drizzle has not applied 4 of 4 files:\n  {files[0]}\n" in process.stderr

    drizzle.migrate(database)
    noted = execute(database, "TABLE drizzle.__drizzle_migrations")
    process = mizzle("-C", folder, "adopt", env=env)
    assert process.returncode == 0, process.stdout + process.stderr
    assert f"found     Drizzle {form}: drizzle/, 4 files\n" in process.stdout
    assert "what the database says: 4 of 4 files were applied, as noted" in process.stdout
    assert "ok        the database is what the models say" in process.stdout
    expect_adopted(mizzle, folder, database)

    expect_next_change(mizzle, folder, database)
    assert theirs == {path: path.read_bytes() for path in drizzle.migrations.rglob("*") if path.is_file()}
    assert execute(database, "TABLE drizzle.__drizzle_migrations") == noted
    execute(database, "DROP SCHEMA drizzle CASCADE")
    assert schema_text(database, bin=pg18.bin) == schema_text(made_from_models(pg18, folder), bin=pg18.bin)


def test_a_journal_that_merges_have_left_in_disorder(
    pg18: Server, database: str, tmp_path: Path, mizzle: Mizzle
) -> None:
    """A duplicate number that never ran, a file beside the journal that did, one that is lost, one that was edited."""
    folder = portal(tmp_path / "portal")
    drizzle = Drizzle.make(folder, "0.31")
    _, tables, keys, indexes = drizzle.portal()
    drizzle.migrate(database)
    branch = drizzle.migrations / "0003_branch.sql"
    branch.write_text(f"{SLUG};\n--> statement-breakpoint\nCREATE INDEX slugs ON tenants (slug);\n", encoding="utf-8")
    drizzle.journal(tag="0003_branch", when=drizzle.moment("0002_keys") + 1)
    by_hand = "CREATE INDEX CONCURRENTLY tenants_name ON tenants (name)"
    (drizzle.migrations / "0004_by_hand.sql").write_text(f"{by_hand};\n", encoding="utf-8")
    execute(database, by_hand)
    with (drizzle.migrations / tables).open("a", encoding="utf-8") as file:
        file.write("\n-- a remark\n")

    drizzle.migrate(database)  # which says nothing of all that, and runs nothing
    drizzle.journal(tag="0004_lost", when=drizzle.moment("0003_indexes") + 1)
    process = mizzle("-C", folder, "adopt", "--json", env={"DATABASE_URL": database})
    assert process.returncode == 1, process.stderr
    told = json.loads(process.stdout)
    assert {(each["kind"], each["file"]): each["lines"] for each in told["findings"]} == {
        ("duplicate", "0003_branch.sql"): [],
        ("duplicate", "0004_by_hand.sql"): [],
        ("outside", "0004_by_hand.sql"): [],
        ("lost", "0004_lost.sql"): [],
        ("order", "0003_branch.sql"): [],
        ("edited", tables): [],
        ("never-ran", "0003_branch.sql"): ["column public.tenants.slug", "index public.slugs"],
    }
    assert [(each["file"], each["verdict"], each["recorded"]) for each in told["files"]] == [
        ("0000_types.sql", "applied", True),
        (tables, "applied", True),
        (keys, "applied", True),
        (indexes, "applied", True),
        ("0003_branch.sql", "not applied", False),
        ("0004_by_hand.sql", "applied", False),
    ]
    assert told["drift"] == []
    assert told["kept"] == ["index public.tenants_name"]
    check = mizzle("-C", folder, "check", "--url", database, env={"DATABASE_URL": database})
    assert check.returncode == 0, check.stdout


@FORMS
def test_what_was_run_by_hand_counts_and_what_was_undone_too(pg18: Server, tmp_path: Path, form: str) -> None:
    """The table says one thing, the database another: that decides."""
    url = pg18.create()
    shop = project(tmp_path / "shop", NAMED)
    drizzle = Drizzle.make(shop.folder, form)
    users = drizzle.add("users", [USERS])
    carts = drizzle.add("carts", ["CREATE TABLE carts (id integer)", "INSERT INTO carts VALUES (1)"])
    rows = drizzle.add("rows", ["INSERT INTO carts VALUES (2)"])
    drizzle.migrate(url)
    execute(url, "DROP TABLE carts")
    half = drizzle.add("half", ["ALTER TABLE users ADD COLUMN nick text", "CREATE INDEX nicks ON users (nick)"])
    names = drizzle.add("names", ["ALTER TABLE users ADD COLUMN name text"])
    execute(url, "ALTER TABLE users ADD COLUMN nick text; ALTER TABLE users ADD COLUMN name text")
    told = shop.run("--url", url, "adopt", "--json", code=1).json
    assert [(each["file"], each["verdict"], each["recorded"]) for each in told["files"]] == [
        (users, "applied", True),
        (carts, "not applied", True),
        (rows, "unseen", True),
        (half, "in part", False),
        (names, "applied", False),
    ]
    assert [(each["kind"], each["file"], each["lines"]) for each in told["findings"]] == [
        ("gone", carts, ["column public.carts.id", "table public.carts"]),
        ("in-part", half, ["index public.nicks"]),
        ("by-hand", names, []),
    ]
    assert (told["drift"], told["kept"]) == ([], ["column public.users.nick"])
    shop.run("check", "--url", url)
    assert shop.run("generate").says("no changes")


@FORMS
def test_what_drizzle_would_run_next_is_not_to_be_lost(pg18: Server, tmp_path: Path, form: str) -> None:
    url = pg18.create()
    shop = project(tmp_path / "shop", NAMED)
    drizzle = Drizzle.make(shop.folder, form)
    drizzle.add("users", [USERS])
    drizzle.migrate(url)
    names = drizzle.add("names", ["ALTER TABLE users ADD COLUMN name text"])
    rows = drizzle.add("rows", ["INSERT INTO users VALUES (1)"])
    before = shop.files()
    refused = shop.run("--url", url, "adopt", code=1)
    assert refused.says(f"Drizzle has not applied 2 of 3 files:\n  {names}\n  {rows}", "drizzle-kit migrate applies")
    assert shop.files() == before
    assert execute(url, "SELECT to_regnamespace('mizzle')") == [(None,)]
    drizzle.migrate(url)
    assert shop.run("--url", url, "adopt").says("3 of 3 files were applied, as noted")


def test_folders_with_one_stamp_a_loose_file_and_one_that_is_gone(pg18: Server, tmp_path: Path) -> None:
    url = pg18.create()
    shop = project(tmp_path / "shop", USERS, "CREATE TABLE carts ()")
    drizzle = Drizzle.make(shop.folder, "1.0")
    users = drizzle.add("users", [USERS])
    carts = drizzle.add("carts", ["CREATE TABLE carts ()"])
    logs = drizzle.add("logs", ["CREATE TABLE logs ()"])
    drizzle.migrate(url)
    folder = drizzle.migrations / carts
    twin = f"{users[:14]}_carts"
    execute(url, f"UPDATE drizzle.__drizzle_migrations SET name = '{twin}' WHERE name = '{folder.parent.name}'")
    folder.parent.rename(drizzle.migrations / twin)
    (drizzle.migrations / "0000_old.sql").write_text("CREATE TABLE old ();\n", encoding="utf-8")
    (drizzle.migrations / logs).unlink()
    told = shop.run("--url", url, "adopt", "drizzle", str(drizzle.migrations), "--json", code=1).json
    assert [(each["kind"], each["file"]) for each in told["findings"]] == [
        ("duplicate", users.partition("/")[0]),
        ("outside", "0000_old.sql"),
        ("lost", logs.partition("/")[0]),
        ("unknown", logs.partition("/")[0]),
        ("never-ran", "0000_old.sql"),
    ]
    assert (told["drift"], told["kept"]) == ([], ["table public.logs"])


def test_a_table_of_its_own_choosing_in_a_schema_that_is_managed(any_server: Server, tmp_path: Path) -> None:
    """On both servers: an older one tells the same schema in other words."""
    url = any_server.create()
    checked = "CREATE TABLE users (id serial PRIMARY KEY, name varchar(9) CHECK (name IN ('a', 'b')))"
    shop = project(tmp_path / "shop", checked)
    drizzle = Drizzle.make(shop.folder, "0.31")
    config = shop.folder / "drizzle.config.ts"
    own = '  migrations: { schema: "public", table: "journal" },\n};'
    config.write_text(config.read_text(encoding="utf-8").replace("};", own), encoding="utf-8")
    users = drizzle.add("users", [checked])
    drizzle.migrate(url)
    told = shop.run("--url", url, "adopt", "--dry-run", "--json").json
    assert told["files"] == [{"file": users, "verdict": "applied", "recorded": False}]
    assert told["kept"] == ["sequence public.journal_id_seq", "table public.journal"]  # it may be anybody's
    told = shop.run("--url", url, "adopt", "--version-table", "journal", "--json").json
    assert told["files"] == [{"file": users, "verdict": "applied", "recorded": True}]
    assert (told["ignored"], told["findings"], told["drift"]) == (["table:public.journal"], [], [])
    assert told["kept"] == []
    shop.run("check", "--url", url)
