"""One schema per tenant: migrations that name no schema, applied to one tenant after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mizzle.planning.tenants import without_schema
from projects import Project, execute, project

if TYPE_CHECKING:
    from pathlib import Path

MODELS = (
    "CREATE TYPE mood AS ENUM ('calm', 'cross')",
    "CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL, mood mood NOT NULL DEFAULT 'calm')",
    (
        "CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        "person integer NOT NULL REFERENCES people ON DELETE CASCADE, body text CHECK (length(body) < 100))"
    ),
    "CREATE INDEX notes_person_idx ON notes (person)",
    "CREATE VIEW writers AS SELECT p.name, count(*) AS notes FROM people p JOIN notes n ON n.person = p.id GROUP BY 1",
    (
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$"
    ),
    "CREATE TRIGGER shout BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION shout()",
)
PER_SCHEMA = ("per_schema = true",)


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = project(tmp_path / "shop", *MODELS, settings=PER_SCHEMA)
    made.run("generate", "first")
    return made


def up(shop: Project, number: int = -1) -> str:
    return (shop.migrations / shop.ids()[number] / "up.sql").read_text(encoding="utf-8")


def sql_of(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


def test_steps_name_no_schema_and_comments_do(shop: Project) -> None:
    shop.schema(*MODELS, "CREATE INDEX people_name_idx ON people (name)")
    shop.run("generate", "second")
    assert "public" not in sql_of(up(shop, 0))
    assert "public" not in sql_of(up(shop))
    assert "locks: SHARE UPDATE EXCLUSIVE on public.people" in up(shop)
    assert shop.run("check").says("replayed, undone, and equal to their snapshots")


def test_each_tenant_has_a_history_of_its_own(shop: Project, any_database: str) -> None:
    execute(any_database, 'CREATE SCHEMA one; CREATE SCHEMA "Two, \'or\' ""more"""')
    two = "Two, 'or' \"more\""
    url = ("--url", any_database)
    assert shop.run(*url, "migrate", "--tenant", "one").says("applied", "_first")
    assert shop.run(*url, "status", "--tenant", two, code=1).says("pending")
    assert shop.run(*url, "status", "--tenant", "one").says("applied")
    shop.run(*url, "migrate", "--tenant", two)
    shop.run(*url, "migrate", "--tenant", two).says("nothing is pending")
    found = execute(
        any_database, "SELECT schemaname::text COLLATE \"C\" FROM pg_tables WHERE tablename = 'notes' ORDER BY 1"
    )
    assert [schema for (schema,) in found] == sorted([two, "one"])
    assert execute(any_database, 'SELECT DISTINCT scope COLLATE "C" FROM mizzle.history ORDER BY 1') == [
        (two,),
        ("one",),
    ]
    execute(any_database, "INSERT INTO one.people (name) VALUES ('ann')")
    assert execute(any_database, "SELECT name, mood::text FROM one.people") == [("ANN", "calm")]


def test_drift_of_a_tenant_is_named(shop: Project, any_database: str) -> None:
    execute(any_database, "CREATE SCHEMA one; CREATE SCHEMA two")
    url = ("--url", any_database)
    for tenant in ("one", "two"):
        shop.run(*url, "migrate", "--tenant", tenant)
        shop.run(*url, "check", "--tenant", tenant)
    execute(any_database, "ALTER TABLE two.notes ADD COLUMN extra text; DROP INDEX two.notes_person_idx")
    shop.run(*url, "check", "--tenant", "one")
    found = shop.run(*url, "check", "--tenant", "two", code=1)
    assert found.says("column two.notes.extra: only in the database")
    assert found.says("index two.notes_person_idx: not in the database")
    assert found.says("ALTER TABLE two.notes DROP COLUMN extra;", "ALTER TABLE notes ADD COLUMN extra text;")


def test_a_tenant_rolls_back_alone_and_its_rows_are_counted(shop: Project, database: str) -> None:
    execute(database, "CREATE SCHEMA one; CREATE SCHEMA two")
    url = ("--url", database)
    for tenant in ("one", "two"):
        shop.run(*url, "migrate", "--tenant", tenant)
    execute(database, "INSERT INTO two.people (name) VALUES ('bob'), ('eve')")
    shop.run(*url, "rollback", "--tenant", "one")
    refused = shop.run(*url, "rollback", "--tenant", "two", code=None)
    assert refused.code != 0
    assert refused.says("table public.people: 2 rows")
    assert execute(database, "SELECT schemaname FROM pg_tables WHERE tablename = 'people'") == [("two",)]


@pytest.mark.parametrize(
    ("settings", "arguments", "message"),
    [
        (PER_SCHEMA, ("migrate",), "none is named"),
        (PER_SCHEMA, ("migrate", "--tenant", "nobody"), "tenant nobody has no schema"),
        (PER_SCHEMA, ("push",), "push does not serve projects that keep one schema per tenant"),
        ((), ("migrate", "--tenant", "one"), "this project keeps no schema per tenant"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    shop: Project, database: str, settings: tuple[str, ...], arguments: tuple[str, ...], message: str
) -> None:
    shop.settings(*settings)
    ran = shop.run("--url", database, *arguments, code=None)
    assert ran.code != 0
    assert ran.says(message, "hint: ")


def test_extensions_are_not_of_a_tenant(tmp_path: Path) -> None:
    made = project(tmp_path / "shop", "CREATE EXTENSION pg_trgm", settings=PER_SCHEMA)
    assert made.run("generate", "first", code=None).says("an extension is of the whole database")


def test_a_step_by_hand_that_names_the_template_is_found_out(shop: Project) -> None:
    shop.run("generate", "--custom", "by_hand")
    shop.write(shop.ids()[-1], up="INSERT INTO public.people (name) VALUES ('ann');\n", down="DELETE FROM people;\n")
    ran = shop.run("rebase", code=None)
    assert ran.code != 0
    assert ran.says('relation "public.people" does not exist')


@pytest.mark.parametrize(
    ("written", "freed"),
    [
        ("SELECT public.f(public.t.x) FROM public.t", "SELECT f(t.x) FROM t"),
        ("SELECT nextval('public.s'::regclass)", "SELECT nextval('s'::regclass)"),
        ("SELECT 'public.s', x.public.y", "SELECT 'public.s', x.public.y"),
        ('ALTER TABLE "public"."a b" ALTER c TYPE PUBLIC.mood', 'ALTER TABLE "a b" ALTER c TYPE mood'),
        ("GRANT SELECT ON public.t TO PUBLIC -- public.t", "GRANT SELECT ON t TO PUBLIC -- public.t"),
    ],
)
def test_the_schema_is_taken_from_names_only(written: str, freed: str) -> None:
    assert without_schema(written, "public") == freed
