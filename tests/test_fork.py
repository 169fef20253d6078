"""Two branches that each add a migration: no file in common, the fork is named, and rebase mends it everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

import mizzle
from mizzle.errors import HistoryError
from mizzle.runner.url import redact
from projects import Project, project
from referee import schema_text
from servers import PASSWORD, locked_url

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Server

USERS = "CREATE TABLE users (id integer PRIMARY KEY, name text DEFAULT 'a')"
ORDERS = "CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users)"
TAGS = "CREATE TABLE tags (id integer PRIMARY KEY)"
NOTES = "CREATE TABLE notes (id integer PRIMARY KEY)"
IDENTITY = {
    "GIT_AUTHOR_NAME": "dev",
    "GIT_AUTHOR_EMAIL": "dev@example.org",
    "GIT_COMMITTER_NAME": "dev",
    "GIT_COMMITTER_EMAIL": "dev@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


class Repository:
    """A project under git, on branch `main` with its first migration."""

    def __init__(self, shop: Project) -> None:
        self.shop = shop
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("begin")

    def git(self, *arguments: str) -> str:
        """Run git and return what it prints."""
        environment = {**os.environ, **IDENTITY}
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=self.shop.folder, env=environment, check=True, capture_output=True, text=True
        ).stdout

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def branch(self, name: str, *statements: str, migration: str = "") -> str:
        """Leave `main` for a new branch whose models are `statements`; return the id of the migration made there."""
        self.git("switch", "--quiet", "main")
        self.git("switch", "--quiet", "--create", name)
        before = self.shop.ids()
        self.shop.schema(*statements)
        self.shop.run("generate", migration or name)
        self.commit(name)
        (made,) = set(self.shop.ids()) - set(before)
        return made

    def merge(self, *names: str) -> None:
        """Merge branches into `main` one by one; each touches the models alike, the migrations never."""
        self.git("switch", "--quiet", "main")
        for name in names:
            self.git("merge", "--quiet", "--no-edit", name)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    shop = project(tmp_path / "shop", USERS)
    shop.run("generate")
    (shop.folder / ".gitattributes").write_text("schema.sql merge=union\n")
    return Repository(shop)


def parents(shop: Project) -> dict[str, str | None]:
    return {each: json.loads((shop.migrations / each / "snapshot.json").read_text())["parent"] for each in shop.ids()}


def dump(server: Server, url: str) -> str:
    return schema_text(url, bin=server.bin)


def test_rebase_mends_a_fork_on_databases_that_have_either_branch(repository: Repository, pg18: Server) -> None:
    shop = repository.shop
    urls = {name: pg18.create() for name in ("none", "orders", "tags", "first")}
    shop.run("--url", urls["first"], "migrate")
    orders = repository.branch("orders", USERS, ORDERS)
    shop.run("--url", urls["orders"], "migrate")
    tags = repository.branch("tags", USERS, TAGS)
    shop.run("--url", urls["tags"], "migrate")

    repository.merge("orders", "tags")
    changed = [repository.git("diff", "--name-only", "main", name, "--", "migrations") for name in ("orders", "tags")]
    assert not set(changed[0].split()) & set(changed[1].split())
    assert "<<<<" not in (shop.folder / "schema.sql").read_text()

    ran = shop.run("check", code=1)
    first = next(each for each in shop.ids() if each.endswith("_initial"))
    ran.says(
        f"fork  the migrations fork after {first}: ", orders, tags, "hint: `mizzle rebase` puts your own migrations"
    )
    assert [each["kind"] for each in shop.run("check", "--json", code=1).json["findings"]] == ["fork"]
    for command in ("migrate", "status", "generate"):
        shop.run("--url", urls["tags"], command, code=1).says("the migrations fork after")

    ran = shop.run("rebase")
    assert ran.out == f"proved  {tags}  on top of {orders}\n"
    assert parents(shop) == {first: None, orders: first, tags: orders}
    assert shop.run("rebase").out == "nothing to rebase\n"
    shop.run("check").says("3 migrations, whole and in one line", "the models are what the migrations make")
    assert shop.run("generate").out == "no changes\n"
    shop.run("--url", urls["tags"], "status", code=1).says(f"pending  {orders}", f"applied  {tags}")
    for url in urls.values():
        shop.run("--url", url, "migrate")
        shop.run("--url", url, "status")
    assert len({dump(pg18, url) for url in urls.values()}) == 1
    shop.run("--url", urls["tags"], "check").says("the database is what the migrations that it has applied make")


@pytest.mark.parametrize("has", ["orders", "tags"])
def test_with_a_url_what_that_database_has_stays_below(repository: Repository, pg18: Server, has: str) -> None:
    shop = repository.shop
    urls = {name: pg18.create() for name in ("orders", "tags")}
    made: dict[str, str] = {}
    for name, statement in (("orders", ORDERS), ("tags", TAGS)):
        made[name] = repository.branch(name, USERS, statement)
        shop.run("--url", urls[name], "migrate")
    repository.merge("orders", "tags")
    (other,) = made.keys() - {has}
    found = shop.run("--url", urls[has], "--json", "rebase").json
    assert found == {
        "rebased": [{"migration": made[other], "parent": made[has], "over": [made[has]], "apart": []}],
    }
    for url in urls.values():
        shop.run("--url", url, "migrate")
    assert dump(pg18, urls["orders"]) == dump(pg18, urls["tags"])
    shop.run("check")
    shop.write(made[has], up=statement, down="DROP TABLE tags")
    ran = shop.run("rebase", "--onto", has, code=1)
    ran.says(f"{made[has]} was edited, and {has} has it", "hint: restore its files")


def test_a_revision_of_git_stays_below_though_its_migration_was_begun_later(repository: Repository) -> None:
    shop = repository.shop
    mine, theirs = (repository.branch(name, USERS, each) for name, each in (("orders", ORDERS), ("tags", TAGS)))
    repository.merge("tags", "orders")
    assert shop.run("rebase", "--onto", "tags").out == f"proved  {mine}  on top of {theirs}\n"
    assert shop.run("rebase", "--onto", "tags").out == "nothing to rebase\n"


def test_three_heads_of_one_and_two_migrations_become_one_line(repository: Repository, pg18: Server) -> None:
    shop = repository.shop
    names = {"notes": (NOTES,), "orders": (ORDERS,), "tags": (TAGS,)}
    urls = {name: pg18.create() for name in names}
    made: dict[str, str] = {}
    for name, statements in names.items():
        made[name] = repository.branch(name, USERS, *statements)
        if name == "tags":
            shop.schema(USERS, *statements, "CREATE INDEX more ON tags (id)")
            shop.run("generate", "more")
            repository.commit("more")
        shop.run("--url", urls[name], "migrate")
    repository.merge(*names)
    assert len(shop.run("check", "--json", code=1).json["findings"]) == 1
    done = shop.run("--url", urls["tags"], "--json", "rebase").json["rebased"]
    more = next(each for each in shop.ids() if each.endswith("_more"))
    assert [(each["migration"], each["parent"]) for each in done] == [
        (made["notes"], more),
        (made["orders"], made["notes"]),
    ]
    assert done[1]["over"] == sorted([made["notes"], made["tags"], more])
    for url in urls.values():
        shop.run("--url", url, "migrate")
    assert len({dump(pg18, url) for url in urls.values()}) == 1
    shop.run("check")


def test_branches_that_cannot_run_in_one_line_are_named_and_nothing_is_written(repository: Repository) -> None:
    shop = repository.shop
    orders = repository.branch("first", USERS, ORDERS)
    again = repository.branch("second", USERS, ORDERS.replace("user_id", "buyer_id"))
    repository.merge("first", "second")
    before = shop.files()
    ran = shop.run("rebase", code=1)
    ran.says(
        f"{again} does not run in its new place: {again}/up.sql:",
        'relation "orders" already exists',
        "hint: edit its files so that they fit, or delete it and generate it again; nothing was written",
    )
    assert shop.files() == before
    shutil.rmtree(shop.migrations / again)
    shop.schema(USERS, ORDERS.replace("user_id", "buyer_id"))
    shop.run("generate", "--rename", "public.orders.user_id:buyer_id")
    shop.run("check")
    assert orders in shop.ids()


def test_branches_whose_order_matters_are_named(repository: Repository, pg18: Server) -> None:
    shop = repository.shop
    urls = {name: pg18.create() for name in ("b", "c")}
    made: dict[str, str] = {}
    for name, url in urls.items():
        made[name] = repository.branch(name, USERS.replace("'a'", f"'{name}'"))
        shop.run("--url", url, "migrate")
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-edit", "b")
    repository.git("checkout", "c", "--", "migrations")
    shop.schema(USERS.replace("'a'", "'c'"))
    shop.run("rebase", code=1).says(
        f"{made['c']} does not run in its new place: {made['c']}/down.sql does not lead back:",
        "column public.users.name: default 'a'::text -> 'b'::text",
        "hint: edit its files so that they fit",
    )
    down = shop.migrations / made["c"] / "down.sql"
    down.write_text(down.read_text().replace("'a'", "'b'"))
    ran = shop.run("rebase")
    ran.says(f"proved  {made['c']}  on top of {made['b']}", f"its order with {made['b']} matters", "--url")
    shop.run("check")
    shop.run("--url", urls["b"], "migrate")
    ran = shop.run("--url", urls["c"], "migrate", code=1)
    ran.says(f"out of order: {made['b']} pending, and {made['c']}, which comes after, applied", "rebase")


def test_with_a_url_a_line_is_made_to_fit_a_database_that_cannot_follow_it(
    repository: Repository, pg18: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = repository.shop
    urls = {name: pg18.create() for name in ("broad", "copies")}
    broad = repository.branch("broad", USERS.replace("name", "age integer, name"))
    shop.run("--url", urls["broad"], "migrate")
    repository.git("switch", "--quiet", "main")
    repository.git("switch", "--quiet", "--create", "copies")
    shop.run("generate", "--custom", "copies")
    copies = next(each for each in shop.ids() if each.endswith("_copies"))
    shop.write(copies, up="CREATE TABLE public.copies (LIKE public.users);\n", down="DROP TABLE public.copies;\n")
    shop.run("rebase")
    shop.run("--url", urls["copies"], "migrate")
    repository.commit("copies")
    repository.merge("broad", "copies")
    shop.run("rebase").says(f"proved  {copies}  on top of {broad}", f"its order with {broad} matters", "--url")
    says = (f"out of order: {broad} pending, and {copies}", "hint: put your own migrations on top of those that are")
    locked = locked_url(urls["copies"])
    ran = shop.run("--url", locked, "migrate", code=1)
    ran.says(*says, f": mizzle rebase --url {locked.replace(quote(PASSWORD, safe=''), '').replace(':@', '@')}\n")
    monkeypatch.setenv("DATABASE_URL", locked)
    ran = shop.run("migrate", code=1)
    ran.says(*says, ': mizzle rebase --url "$DATABASE_URL"\n')
    with pytest.raises(HistoryError) as caught:
        mizzle.migrate(locked, shop.migrations)
    assert caught.value.hint.endswith(f": mizzle rebase --url {redact(locked)}")
    ran = shop.run("--url", urls["copies"], "rebase")
    ran.says(
        f"proved  {copies}  on top of ", f"proved  {broad}  on top of {copies}", f"its order with {copies} matters"
    )
    shop.run("--url", urls["copies"], "migrate")
    assert shop.run("--url", urls["copies"], "rebase").out == "nothing to rebase\n"
    shop.run("--url", urls["copies"], "check")


def test_two_first_migrations_are_put_in_one_line(tmp_path: Path, database: str) -> None:
    shop = project(tmp_path / "shop", USERS)
    shop.run("generate", "users")
    away = tmp_path / "away"
    shop.migrations.rename(away)
    shop.schema(TAGS)
    shop.run("generate", "tags")
    (there,) = away.iterdir()
    there.rename(shop.migrations / there.name)
    shop.schema(USERS, TAGS)
    shop.run("check", code=1).says("roots  more than one migration has no parent", "hint: `mizzle rebase`")
    shop.run("rebase")
    shop.run("check")
    shop.run("--url", database, "migrate")


def test_an_orphan_is_named_and_comes_last_where_it_still_runs(repository: Repository) -> None:
    shop = repository.shop
    orders = repository.branch("orders", USERS, ORDERS)
    shop.schema(USERS, ORDERS, TAGS)
    shop.run("generate", "tags")
    tags = shop.ids()[-1]
    shutil.rmtree(shop.migrations / orders)
    ran = shop.run("check", code=1)
    ran.says(f"orphan  migration {tags} comes after {orders}, which is missing", "hint: restore the missing migration")
    shop.run("rebase").says(f"proved  {tags}  on top of ")
    shop.run("check", code=1).says("create table public.orders", "hint: mizzle generate writes the migration")
    shop.run("generate", "orders")
    shop.run("check")


def test_an_orphan_that_needs_its_parent_is_named_and_stays(repository: Repository) -> None:
    shop = repository.shop
    orders = repository.branch("orders", USERS, ORDERS)
    shop.schema(USERS, ORDERS, "CREATE INDEX by_user ON orders (user_id)")
    shop.run("generate", "index")
    shutil.rmtree(shop.migrations / orders)
    before = shop.files()
    shop.run("rebase", code=1).says("does not run in its new place", 'relation "public.orders" does not exist')
    assert shop.files() == before


def test_a_folder_without_the_first_migrations_is_named(repository: Repository) -> None:
    shop = repository.shop
    (first,) = shop.ids()
    repository.branch("orders", USERS, ORDERS)
    shutil.rmtree(shop.migrations / first)
    shop.run("check", code=1).says("orphan  migration ", f"comes after {first}, which is missing")


def test_an_edited_file_is_named_and_proved_again_unless_it_is_applied(repository: Repository, database: str) -> None:
    shop = repository.shop
    tags = repository.branch("tags", USERS, TAGS)
    shop.schema(USERS, TAGS, NOTES)
    shop.run("generate", "notes")
    up, down = ((shop.migrations / tags / file).read_text() for file in ("up.sql", "down.sql"))
    shop.write(tags, up=up.replace("integer", "bigint"), down=down)
    shop.run("check", code=1).says(f"edited  migration {tags} was edited after it was proved: up.sql", "rebase")
    shop.run("--url", database, "status", code=1).says("hint: it was edited after it was proved: mizzle rebase proves")
    shop.run("--url", database, "migrate", code=1).says("was edited after it was proved")
    assert shop.run("rebase").out.count("proved  ") == 2
    shop.run("check", code=1).says("models  ", "column public.tags.id: type bigint -> integer")
    shop.run("--url", database, "migrate")
    shop.write(tags, up=up, down=down)
    shop.run("--url", database, "status", code=1).says(f"edited   {tags}", "hint: restore the files")
    before = shop.files()
    shop.run("--url", database, "rebase", code=1).says(f"{tags} was edited after it was applied to this database")
    assert shop.files() == before
    shop.write(tags, up=up, down="DROP TABLE public.users CASCADE;\n")
    shop.run("rebase", code=1).says(f"{tags} does not run as it was edited: {tags}/down.sql does not lead back")


def test_a_rebase_that_is_cut_off_is_done_by_the_next(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = repository.shop
    orders = repository.branch("orders", USERS, ORDERS)
    repository.branch("tags", USERS, TAGS)
    shop.schema(USERS, TAGS, NOTES)
    shop.run("generate", "notes")
    repository.commit("notes")
    repository.merge("orders", "tags")
    from mizzle.migrations import write  # noqa: PLC0415

    real, written = write.rewrite, []

    def cut_off(*arguments: object) -> object:
        if written:
            raise KeyboardInterrupt
        written.append(arguments)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(write, "rewrite", cut_off)
    assert shop.run("rebase", code=130).err.endswith("interrupted\n")
    monkeypatch.undo()
    shop.run("check", code=1).says("fork  ")
    shop.run("rebase")
    shop.run("check")
    assert parents(shop)[orders] is not None


def test_migrations_that_are_each_others_parents_are_mended_as_the_hint_says(tmp_path: Path) -> None:
    shop = project(tmp_path / "shop", USERS)
    shop.run("generate", "users")
    shop.schema(USERS, TAGS)
    shop.run("generate", "tags")
    users, tags = shop.ids()
    stamp = shop.migrations / users / "snapshot.json"
    right = stamp.read_text()
    stamp.write_text(right.replace('"parent": null', f'"parent": "{tags}"'))
    for command in ("check", "generate", "rebase"):
        says = (f"migrations are each other's parents: {users}, {tags}", "hint: restore their snapshot.json", "by hand")
        shop.run(command, code=1).says(*says)
    stamp.write_text(right)
    shop.run("check")
    of_tags = shop.migrations / tags / "snapshot.json"
    of_tags.write_text(of_tags.read_text().replace(f'"parent": "{users}"', '"parent": null'))
    shop.run("rebase").says(f"proved  {tags}  on top of {users}")
    shop.run("check")
