"""push: the models brought to a development database, that and nothing else, and nothing lost unasked."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from mizzle.project.project import Project as Loaded
from mizzle.project.push import apply_push, plan_push
from projects import Project, project
from referee import schema_text
from servers import database_name, tcp_url
from terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Server

MODELS = (
    "CREATE TYPE mood AS ENUM ('glad', 'sad')",
    "CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL UNIQUE, mood mood NOT NULL DEFAULT 'glad')",
    """CREATE TABLE posts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        user_id integer REFERENCES users ON DELETE CASCADE,
        title varchar(80) DEFAULT 'new',
        words integer DEFAULT 0 CHECK (words >= 0)
    )""",
    "CREATE INDEX posts_user ON posts (user_id)",
    "COMMENT ON TABLE posts IS 'what users write'",
)
BY_HAND = (
    "DROP INDEX posts_user",
    "ALTER TABLE posts ALTER words SET DEFAULT 7",
    "ALTER TABLE posts ADD COLUMN by_hand serial",
    "ALTER TABLE posts DROP CONSTRAINT posts_words_check",
    "ALTER TABLE posts ALTER user_id SET NOT NULL",
    "ALTER TABLE users ALTER email DROP NOT NULL",
    "CREATE INDEX extra ON users (mood)",
    "ALTER TABLE posts ALTER title TYPE text",
    "COMMENT ON TABLE posts IS 'changed'",
    "COMMENT ON COLUMN posts.title IS 'added'",
)
MENDS = (
    "create index public.posts_user",
    "alter column public.posts.words",
    "drop column public.posts.by_hand",
    "drop sequence public.posts_by_hand_seq",
    "create constraint public.posts.posts_words_check",
    "alter column public.posts.user_id",
    "alter column public.users.email",
    "drop index public.extra",
    "alter column public.posts.title",
    "alter table public.posts",
)
OTHERS = (
    "CREATE TABLE other_app (id integer PRIMARY KEY, user_id integer REFERENCES users)",
    "INSERT INTO other_app VALUES (1, NULL)",
    "CREATE TYPE other_type AS ENUM ('a')",
    "CREATE SEQUENCE other_sequence",
    "CREATE VIEW names AS SELECT email FROM users",
    "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA elsewhere",
    "CREATE TABLE elsewhere.users (id integer)",
)


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return project(tmp_path / "shop", *MODELS)


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def fetch(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def dump(server: Server, url: str) -> str:
    return schema_text(url, bin=server.bin)


def test_push_makes_what_migrate_makes_and_mends_what_was_changed_by_hand(
    shop: Project, any_server: Server, any_database: str
) -> None:
    other = any_server.create()
    shop.run("generate")
    shop.run("--url", other, "migrate")
    pushed = shop.run("--url", any_database, "push", "--yes")
    pushed.says("CREATE TABLE public.users", "pushed  3 changes")
    assert dump(any_server, any_database) == dump(any_server, other)
    assert shop.run("--url", any_database, "push").out == "no changes\n"

    execute(any_database, *BY_HAND)
    found = shop.run("--url", any_database, "--json", "push", "--yes").json
    assert sorted(found["changes"]) == sorted(MENDS)
    assert dump(any_server, any_database) == dump(any_server, other)
    assert shop.run("--url", any_database, "push").out == "no changes\n"
    any_server.drop(other)


def test_what_no_model_has_and_what_is_not_managed_is_left_alone_and_named(
    shop: Project, pg18: Server, database: str
) -> None:
    shop.run("--url", database, "push", "--yes")
    execute(database, *OTHERS, "CREATE EXTENSION IF NOT EXISTS btree_gin")
    before = dump(pg18, database)
    ran = shop.run("--url", database, "push")
    assert ran.out == "no changes\n"
    ran.says(
        "left alone, no model has it: table public.other_app",
        "left alone, no model has it: type public.other_type",
        "left alone, no model has it: sequence public.other_sequence",
        "left alone, no model has it: extension btree_gin",
        "left alone, no model has it: view public.names",
        "left alone, no model has it: function public.one()",
    )
    assert "elsewhere" not in ran.err
    shop.schema(*MODELS, "CREATE TABLE more (id integer)")
    assert shop.run("--url", database, "--json", "push", "--yes").json["changes"] == ["create table public.more"]
    execute(database, "DROP TABLE more")
    assert dump(pg18, database) == before


def test_without_a_terminal_push_shows_its_plan_and_needs_yes(shop: Project, pg18: Server, database: str) -> None:
    empty = dump(pg18, database)
    ran = shop.run("--url", database, "push", code=3)
    assert "CREATE TABLE public.users" in ran.out
    assert ran.err == (
        "error: push asks before it changes a database, and there is no terminal\nhint: --yes applies the plan\n"
    )
    assert dump(pg18, database) == empty


def test_what_holds_rows_goes_only_by_name(shop: Project, pg18: Server, database: str) -> None:
    shop.run("--url", database, "push", "--yes")
    execute(
        database,
        "INSERT INTO users VALUES (1, 'a'), (2, 'b')",
        "ALTER TABLE users ADD nick text, ADD empty text",
        "UPDATE users SET nick = 'n' WHERE id = 1",
        'CREATE TABLE "Old ones" (id integer)',
        'INSERT INTO "Old ones" SELECT generate_series(1, 3)',
    )
    before = dump(pg18, database)
    ran = shop.run("--url", database, "push", "--yes", code=3)
    assert "deletes column public.users.nick: 1 row" in ran.out
    assert "empty" not in ran.err
    ran.says(
        "this push deletes data: column public.users.nick (1 row)",
        "hint: if it may go, say so: --accept-data-loss public.users.nick",
    )
    shop.run("--url", database, "push", code=3).says(
        "hint: --yes --accept-data-loss public.users.nick applies the plan"
    )
    assert dump(pg18, database) == before

    gone = 'public."Old ones"'
    ran = shop.run("--url", database, "push", "--yes", "--accept-data-loss", gone, code=3)
    ran.says(f"deletes table {gone}: 3 rows", "deletes column public.users.nick: 1 row")
    both = ("--accept-data-loss", gone, "--accept-data-loss", "public.users.nick")
    found = shop.run("--url", database, "--json", "push", "--yes", *both).json
    assert found["losses"] == [
        {"object": "column public.users.nick", "rows": 1},
        {"object": f"table {gone}", "rows": 3},
    ]
    assert shop.run("--url", database, "push").out == "no changes\n"
    for given, hint in (
        ("other", "name it as the plan does"),
        ("usrs.email", "is it --accept-data-loss public.users.email?"),
    ):
        ran = shop.run("--url", database, "push", "--accept-data-loss", given, code=2)
        ran.says(f"--accept-data-loss {given}: push can drop nothing of that name here", f"hint: {hint}")


def test_a_statement_that_fails_leaves_all_as_it_was(shop: Project, pg18: Server, database: str) -> None:
    shop.run("--url", database, "push", "--yes")
    execute(database, "INSERT INTO users VALUES (1, 'a')", "DROP INDEX posts_user", "ALTER TABLE users ADD x text")
    shop.schema(*MODELS, "ALTER TABLE users ADD age integer NOT NULL")
    before = dump(pg18, database)
    ran = shop.run("--url", database, "push", "--yes", code=4)
    ran.says("no value in new column public.users.age: 1 row is against it", "the plan cannot run yet")
    assert dump(pg18, database) == before


def test_new_enum_values_go_with_the_rest_unless_the_rest_uses_them(shop: Project, pg18: Server, database: str) -> None:
    shop.run("--url", database, "push", "--yes")
    execute(database, "INSERT INTO users VALUES (1, 'a')")
    before = dump(pg18, database)
    more = ("ALTER TYPE mood ADD VALUE 'calm'", "ALTER TABLE users ADD age integer NOT NULL")
    shop.schema(*MODELS, *more)
    shop.run("--url", database, "push", "--yes", code=4).says("public.users.age: 1 row is against it")
    assert dump(pg18, database) == before
    shop.schema(MODELS[0].replace("'sad'", "'sad', 'calm'"), MODELS[1].replace("'glad'", "'calm'"), *MODELS[2:])
    shop.run("--url", database, "push", "--yes").says("pushed  2 changes")
    assert shop.run("--url", database, "push").out == "no changes\n"


def test_a_history_or_production_is_refused_with_what_to_do(shop: Project, pg18: Server, database: str) -> None:
    shop.run("generate")
    shop.run("--url", database, "migrate")
    execute(database, "DROP INDEX posts_user")
    before = dump(pg18, database)
    ran = shop.run("--url", database, "push", "--yes", code=1)
    assert ran.out == ""
    ran.says(
        "this database has a migration history (schema mizzle)", "hint: write a migration and run it: mizzle generate"
    )
    assert dump(pg18, database) == before
    shop.settings("production = true")
    ran = shop.run("--url", database, "push", "--yes", code=2)
    ran.says("this project is marked `production = true`", "hint: write a migration and run it: mizzle generate")


def test_a_column_that_may_have_been_renamed_is_asked_for(shop: Project, database: str) -> None:
    shop.run("--url", database, "push", "--yes")
    execute(database, "INSERT INTO users VALUES (1, 'a')")
    shop.schema(MODELS[0], MODELS[1].replace("email", '"E-Mail"'), *MODELS[2:])
    ran = shop.run("--url", database, "push", "--yes", code=3)
    ran.says(
        'column public.users.email is gone and column public.users."E-Mail" is new: was it renamed, or dropped?',
        "hint: --rename 'public.users.email:\"E-Mail\"' if it was renamed, --accept-data-loss public.users.email if",
    )
    shop.run("--url", database, "push", "--yes", "--rename", 'public.users.email:"E-Mail"')
    assert fetch(database, 'SELECT "E-Mail" FROM users') == [("a",)]
    shop.schema(*MODELS)
    column = 'public.users."E-Mail"'
    ran = shop.run("--url", database, "push", "--yes", "--accept-data-loss", column, code=4)
    ran.says(f"deletes column {column}: 1 row", "public.users.email: 1 row is against it")


def test_a_table_that_may_have_been_renamed_is_left_alone_unless_told(shop: Project, database: str) -> None:
    shop.run("--url", database, "push", "--yes")
    execute(database, "INSERT INTO posts (title) VALUES ('t')")
    shop.schema(*MODELS[:2], *(each.replace("posts", "essays") for each in MODELS[2:]))
    shop.run("--url", database, "push", code=3).says("left alone, no model has it: table public.posts")
    ran = shop.run("--url", database, "push", "--yes", "--rename", "public.posts:essays")
    assert "ALTER TABLE public.posts RENAME TO essays" in ran.out
    assert fetch(database, "SELECT title FROM essays") == [("t",)]
    assert shop.run("--url", database, "push").out == "no changes\n"


def test_on_a_terminal_push_asks(shop: Project, database: str) -> None:
    arguments = ("-C", str(shop.folder), "--url", database, "push")
    with Terminal(*arguments) as terminal:
        terminal.answer("apply this? [y/N]:", "n")
        assert terminal.end() == 1
        assert "nothing was changed" in terminal.seen
    assert fetch(database, "SELECT to_regclass('users')") == [(None,)]
    with Terminal(*arguments) as terminal:
        terminal.answer("apply this? [y/N]:", "y")
        assert terminal.end() == 0
        assert "\x1b[32mpushed\x1b[0m" in terminal.seen
    execute(database, "INSERT INTO users VALUES (1, 'a')", "ALTER TABLE users ADD nick text DEFAULT 'n'")
    with Terminal(*arguments) as terminal:
        terminal.answer("type public.users.nick to delete it:", "yes")
        assert terminal.end() == 1
    with Terminal(*arguments) as terminal:
        terminal.answer("type public.users.nick to delete it:", "public.users.nick")
        terminal.answer("apply this? [y/N]:", "y")
        assert terminal.end() == 0
    shop.schema(*MODELS[:2], *(each.replace("posts", "essays") for each in MODELS[2:]))
    with Terminal(*arguments) as terminal:
        terminal.answer("table public.posts is gone. What became of it?", "")
        terminal.answer("0  it is left alone: no model has it", "")
        terminal.answer("choose:", "1")
        terminal.answer("apply this? [y/N]:", "y")
        assert terminal.end() == 0
    assert fetch(database, "SELECT to_regclass('posts'), to_regclass('essays')::text") == [(None, "essays")]


def test_a_role_that_may_not_is_told_so_and_nothing_changes(shop: Project, pg18: Server, database: str) -> None:
    guest = tcp_url(database, user="guest")
    shop.run("--url", guest, "push", "--yes", code=4).says("permission denied for schema public", "hint: ")
    shop.run("--url", database, "push", "--yes")
    execute(database, "INSERT INTO users VALUES (1, 'a')", "ALTER TABLE users ADD nick text DEFAULT 'n'")
    before = dump(pg18, database)
    shop.run("--url", guest, "push", "--yes", code=4).says(
        "cannot count what would be deleted of column public.users.nick: permission denied for table users",
        "hint: push as the role that owns it",
    )
    name = database_name(database)
    execute(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    ran = shop.run("--url", database, "push", "--yes", "--accept-data-loss", "public.users.nick", code=4)
    ran.says("in a read-only transaction", "hint: this session may only read")
    execute(database, "SET default_transaction_read_only = off", f"ALTER DATABASE {name} RESET ALL")
    assert dump(pg18, database) == before


def test_a_table_that_somebody_holds_is_not_waited_for_for_ever(
    shop: Project, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.run("--url", database, "push", "--yes")
    execute(database, "DROP INDEX posts_user")
    monkeypatch.setattr("mizzle.project.stepwise._LOCK_TIMEOUT", 50)
    monkeypatch.setattr("mizzle.project.live.LOCK_TIMEOUT", "50ms")
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE posts IN ROW EXCLUSIVE MODE")
        ran = shop.run("--url", database, "push", "--yes", code=4)
        ran.says("the plan:5: canceling statement due to lock timeout", "hint: end the transaction that holds it")
        other.execute("LOCK TABLE posts")
        ran = shop.run("--url", database, "push", "--yes", code=4)
        ran.says("cannot read the database: canceling statement due to lock timeout", "hint: another session holds")
    shop.run("--url", database, "push", "--yes")


LARGE = "CREATE TABLE large (id integer NOT NULL, parent integer, note text)"
PARTED = "CREATE TABLE parted (id integer NOT NULL, at date) PARTITION BY RANGE (at)"
PARTS = tuple(
    f"CREATE TABLE parted_{year} PARTITION OF parted FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')"
    for year in (2025, 2026)
)
TINY = "CREATE TABLE tiny (id integer NOT NULL, note text)"
KEYED = (
    "CREATE TABLE large (id integer PRIMARY KEY, parent integer REFERENCES large, note text NOT NULL)",
    PARTED,
    *PARTS,
    TINY.replace("note text", "note text NOT NULL CHECK (note <> '')"),
    "CREATE INDEX large_parent_idx ON large (parent)",
    "CREATE INDEX parted_id_idx ON parted (id)",
    "CREATE INDEX tiny_note_idx ON tiny (note)",
)


@pytest.fixture
def grown(tmp_path: Path, any_database: str) -> Project:
    """A project whose database has a table of some 200 kB, one of two partitions of 70 kB, and a tiny one."""
    made = project(tmp_path / "grown", LARGE, PARTED, *PARTS, TINY, settings=('small = "128kB"',))
    made.run("--url", any_database, "push", "--yes")
    execute(
        any_database,
        "INSERT INTO large SELECT n, n, 'note' FROM generate_series(1, 5000) AS n",
        "INSERT INTO parted SELECT n, '2025-02-01' FROM generate_series(1, 2000) AS n",
        "INSERT INTO parted SELECT n, '2026-02-01' FROM generate_series(1, 2000) AS n",
        "INSERT INTO tiny SELECT n, 'note' FROM generate_series(1, 10) AS n",
    )
    made.schema(*KEYED)
    return made


def test_a_large_table_is_changed_step_by_step_and_a_small_one_as_ever(
    grown: Project, any_server: Server, any_database: str
) -> None:
    ran = grown.run("--url", any_database, "push", code=3)
    ran.says(
        "CREATE INDEX tiny_note_idx ON public.tiny",
        "ALTER TABLE public.tiny ALTER COLUMN note SET NOT NULL",
        "CREATE INDEX CONCURRENTLY large_parent_idx ON public.large",
        "CREATE UNIQUE INDEX CONCURRENTLY large_pkey ON public.large",
        "CREATE INDEX CONCURRENTLY parted_2025_id_idx ON public.parted_2025",
        "not in one transaction: steps ",
        "hint: --yes applies the plan",
    )
    told = grown.run("--url", any_database, "--json", "push", "--yes").json
    outside = [step for step in told["steps"] if not step["transaction"]]
    assert sorted(step["done_when"] for step in outside) == [
        "index public.large_parent_idx is valid",
        "index public.large_pkey is valid",
        "index public.parted_2025_id_idx is valid",
        "index public.parted_2026_id_idx is valid",
    ]
    other = any_server.create()
    grown.run("--url", other, "push", "--yes")
    assert dump(any_server, any_database) == dump(any_server, other)
    assert grown.run("--url", any_database, "push").out == "no changes\n"
    any_server.drop(other)


def test_what_no_comparison_could_go_on_with_is_done_at_once(
    grown: Project, any_server: Server, any_database: str
) -> None:
    execute(any_database, "ALTER TABLE large ADD PRIMARY KEY (id)")
    grown.schema(
        "CREATE TABLE large (id integer PRIMARY KEY, parent bigint, note text, "
        "token uuid NOT NULL DEFAULT gen_random_uuid())",
        PARTED.replace("at date", "at date, PRIMARY KEY (id, at)"),
        *PARTS,
        TINY.replace("note text", "note text, token uuid DEFAULT gen_random_uuid()"),
    )
    told = grown.run("--url", any_database, "--json", "push", "--yes").json
    assert [step["transaction"] for step in told["steps"]] == [True]
    assert fetch(any_database, "SELECT count(DISTINCT token), sum(parent) FROM large") == [(5000, 12502500)]
    assert fetch(any_database, "SELECT count(DISTINCT token) FROM tiny") == [(10,)]
    other = any_server.create()
    grown.run("--url", other, "push", "--yes")
    assert dump(any_server, any_database) == dump(any_server, other)
    any_server.drop(other)


def test_a_push_that_was_killed_is_finished_by_the_next(grown: Project, any_server: Server, any_database: str) -> None:
    with psycopg.connect(any_database) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT")  # an index that is built concurrently waits for whoever holds an older snapshot
        command = [sys.executable, "-m", "mizzle", "-C", str(grown.folder), "--url", any_database, "push", "--yes"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert any("waits for pid" in line for line in process.stderr)
            process.kill()
        building = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE wait_event = 'virtualxid'"
        assert fetch(any_database, building) == [(True,)]
        other.rollback()
    assert fetch(any_database, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(1,)]
    grown.run("--url", any_database, "push", "--yes").says("pushed  ")
    assert fetch(any_database, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(0,)]
    assert grown.run("--url", any_database, "push").out == "no changes\n"


@pytest.mark.parametrize("small", ['"1MB"', '"8GB"'])
def test_below_the_threshold_all_is_one_transaction(grown: Project, any_database: str, small: str) -> None:
    grown.settings(f"small = {small}")
    ran = grown.run("--url", any_database, "push", code=3)
    ran.says("-- step 1: transaction", "CREATE INDEX large_parent_idx", "CREATE INDEX parted_id_idx")
    assert "step 2" not in ran.out
    assert "not in one transaction" not in ran.out
    grown.run("--url", any_database, "push", "--yes").says("pushed  ")
    assert grown.run("--url", any_database, "push").out == "no changes\n"


def test_what_is_done_stays_when_a_later_step_fails_and_the_next_push_goes_on(
    grown: Project, any_database: str
) -> None:
    keyed = [each for each in KEYED if "large_parent_idx" not in each]
    slow = "CREATE FUNCTION halves(n integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 100 / (n - 4000)'"
    grown.schema(slow, *keyed, "CREATE INDEX large_halves_idx ON large (halves(parent))")
    ran = grown.run("--url", any_database, "push", "--yes", code=4)
    ran.says("division by zero", "; the steps before it stay, and the next push goes on from there")
    execute(any_database, "DELETE FROM large WHERE id = 4000")
    again = grown.run("--url", any_database, "push", "--yes")
    again.says("pushed  ", "large_halves_idx")
    assert "tiny" not in again.out
    assert fetch(any_database, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(0,)]
    assert grown.run("--url", any_database, "push").out == "no changes\n"


def test_diff_plans_for_the_sizes_of_the_database_that_is_to_change(grown: Project, any_database: str) -> None:
    told = grown.run("diff", any_database, "models", code=1).out
    assert "CREATE INDEX CONCURRENTLY large_parent_idx" in told
    assert "CREATE INDEX tiny_note_idx" in told
    plain = grown.run("diff", "--plain", any_database, "models", code=1).out
    assert "CREATE INDEX large_parent_idx" in plain
    grown.settings("small = 0")
    assert "CREATE INDEX CONCURRENTLY tiny_note_idx" in grown.run("diff", any_database, "models", code=1).out
    grown.settings('small = "1GB"')
    assert "CONCURRENTLY" not in grown.run("diff", any_database, "models", code=1).out


def test_push_is_a_function_too(shop: Project, database: str) -> None:
    loaded = Loaded.load(shop.folder)
    push = plan_push(loaded, database)
    assert push.losses == ()
    assert "CREATE TABLE public.users" in push.script
    apply_push(database, push)
    assert plan_push(loaded, database).plan.steps == ()


def test_what_another_application_leans_on_is_not_dropped(shop: Project, pg18: Server, database: str) -> None:
    shop.run("--url", database, "push", "--yes")
    execute(
        database,
        "ALTER TABLE users ADD code integer UNIQUE",
        "CREATE TABLE theirs (code integer REFERENCES users (code))",
    )
    before = dump(pg18, database)
    ran = shop.run("--url", database, "push", "--yes", code=3)
    ran.says(
        "which no model declares, needs",
        "hint: drop it in the database by hand, or declare both, or let the push drop it",
    )
    assert dump(pg18, database) == before
    execute(database, "DROP TABLE theirs", "CREATE VIEW codes AS SELECT code FROM users")
    ran = shop.run("--url", database, "push", "--yes", code=3)
    ran.says("view public.codes, which no model declares, needs column public.users.code")
