"""One schema per tenant: migrations that name no schema, applied to one tenant after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mizzle.planning.tenants import without_schema
from projects import Project, execute, project, run
from pulling import configure, pull

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Mizzle

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


def build(database: str, *tenants: str) -> None:
    """Make the tables of each tenant by hand, as a program would that keeps no history."""
    for tenant in tenants:
        execute(database, f"CREATE SCHEMA {tenant}; SET search_path TO {tenant}; {'; '.join(MODELS)}")


def test_a_tenants_schema_is_pulled_into_models_of_all(database: str, tmp_path: Path, mizzle: Mizzle) -> None:
    build(database, "acme", "globex")
    (tmp_path / "mizzle.toml").write_text("per_schema = true\n", encoding="utf-8")
    run("-C", str(tmp_path), "--url", database, "pull").says("none is named", "hint: name one: --tenant NAME")
    told = pull(tmp_path, database, "--tenant", "acme")
    assert told["equal"] is True
    assert "acme" not in "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "db").iterdir())
    configure(tmp_path, told, "per_schema = true")
    assert mizzle("generate", cwd=tmp_path).returncode == 0
    ran = run("-C", str(tmp_path), "--url", database, "baseline", "--fleet", "VALUES ('acme'), ('globex')")
    assert ran.says("2 targets: 2 applied"), ran.err


def test_tenants_are_taken_over_from_one_and_compared_each(tmp_path: Path, database: str) -> None:
    """The first migration is what one of them is; those that are it, too, are recorded, the others listed."""
    build(database, "acme", "globex", "hooli")
    execute(
        database,
        "ALTER TABLE hooli.notes ADD COLUMN extra text; DROP INDEX hooli.notes_person_idx;"
        "CREATE TABLE acme.legacy (id integer); CREATE TABLE globex.legacy (id integer);"
        "CREATE TABLE acme.alembic_version (version_num varchar(32) PRIMARY KEY)",
    )
    shop = project(tmp_path / "shop", *MODELS, settings=PER_SCHEMA)
    url = ("--url", database)
    shop.run(*url, "adopt", code=2).says("none is named")
    ran = shop.run(*url, "adopt", "database", "--tenant", "acme")
    assert ran.says("table public.legacy", "ignored", "next: mizzle baseline --fleet records the other tenants")
    assert "CREATE TABLE people" in up(shop)
    assert "acme" not in sql_of(up(shop))
    assert "legacy" in up(shop)
    assert "alembic_version" not in up(shop)
    shop.run(*url, "check", "--tenant", "acme").says("the database is what")
    fleet = "VALUES ('acme'), ('globex'), ('hooli')"
    ran = shop.run(*url, "baseline", "--fleet", fleet, code=1)
    assert ran.says("current  acme", "applied  globex  1 migration", "failed   hooli", "3 targets: ")
    assert ran.says("column hooli.notes.extra: only in the database", "table hooli.legacy: not in the database")
    again = shop.run(*url, "baseline", "--fleet", fleet, "--json", code=1)
    assert again.json["counts"] == {"current": 2, "failed": 1}
    shop.run(*url, "status", "--tenant", "globex").says("applied")
    shop.run(*url, "status", "--tenant", "hooli", code=1).says("pending")
    assert shop.run(*url, "adopt", "--tenant", "hooli", code=1).says("hint: mizzle baseline --tenant hooli")


def test_files_of_drizzle_are_none_of_a_tenant(tmp_path: Path, database: str) -> None:
    build(database, "acme")
    shop = project(tmp_path / "shop", *MODELS, settings=PER_SCHEMA)
    (shop.folder / "drizzle" / "meta").mkdir(parents=True)
    (shop.folder / "drizzle" / "meta" / "_journal.json").write_text('{"entries": []}', encoding="utf-8")
    ran = shop.run("--url", database, "adopt", "drizzle", str(shop.folder / "drizzle"), "--tenant", "acme", code=2)
    assert ran.says("hint: mizzle adopt database --tenant acme")


def test_what_a_tenant_needs_of_another_schema_is_said(tmp_path: Path, database: str) -> None:
    execute(database, "CREATE EXTENSION hstore; CREATE SCHEMA acme; CREATE TABLE acme.t (h hstore)")
    shop = project(tmp_path / "shop", *MODELS, settings=PER_SCHEMA)
    for command in (["pull", "--out", "db"], ["adopt", "database"]):
        ran = shop.run("--url", database, *command, "--tenant", "acme", code=4)
        assert ran.says("schema acme needs what is not in it: ", "public.hstore", "hint: a tenant's schema has all")
    assert not shop.migrations.exists()
