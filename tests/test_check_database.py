"""check --url: whatever was done by hand is named, and said as SQL in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from projects import Project, execute, project

if TYPE_CHECKING:
    from pathlib import Path

MODELS = (
    "CREATE TYPE mood AS ENUM ('calm')",
    "CREATE TABLE people (id integer PRIMARY KEY, name text DEFAULT 'x', mood mood, CHECK (id > 0))",
    "CREATE INDEX people_name_idx ON people (name)",
    "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON people USING (name = current_user)",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "CREATE TRIGGER touch BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touch()",
    "CREATE VIEW names AS SELECT name FROM people",
    "COMMENT ON TABLE people IS 'who'",
)
BY_HAND = [
    ("ALTER TABLE public.people ADD COLUMN age integer", "column public.people.age: only in the database"),
    ("CREATE TABLE public.other (id integer)", "table public.other: only in the database"),
    ("DROP INDEX public.people_name_idx", "index public.people_name_idx: not in the database"),
    ("ALTER TABLE public.people ALTER name SET DEFAULT 'y'", "column public.people.name"),
    ("ALTER TABLE public.people ALTER name SET NOT NULL", "column public.people.name"),
    ("ALTER TABLE public.people DROP CONSTRAINT people_id_check", "people_id_check: not in the database"),
    ("ALTER TYPE public.mood ADD VALUE 'cross'", "type public.mood"),
    ("ALTER TABLE public.people DISABLE TRIGGER touch", "trigger public.people.touch"),
    ("DROP POLICY own ON public.people", "policy public.people.own: not in the database"),
    ("ALTER TABLE public.people DISABLE ROW LEVEL SECURITY", "table public.people"),
    ("CREATE OR REPLACE VIEW public.names AS SELECT name || '' AS name FROM public.people", "view public.names"),
    ("COMMENT ON TABLE public.people IS 'whoever'", "table public.people"),
    (
        "CREATE OR REPLACE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        "function public.touch()",
    ),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = project(tmp_path_factory.mktemp("check") / "shop", *MODELS)
    made.run("generate", "first")
    return made


@pytest.mark.parametrize(("by_hand", "line"), BY_HAND, ids=[each for each, _ in BY_HAND])
def test_what_was_done_by_hand_is_named_and_undone(shop: Project, database: str, by_hand: str, line: str) -> None:
    url = ("--url", database)
    shop.run(*url, "migrate")
    shop.run(*url, "check")
    execute(database, by_hand)
    found = shop.run(*url, "check", "--json", code=1).json["findings"]
    assert [each["kind"] for each in found] == ["drift"]
    assert any(line in each for each in found[0]["lines"])
    again = adopted(shop, database, found[0]["adopt"])
    assert again == found[0]["lines"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET search_path = ''")
        connection.execute(found[0]["undo"].encode())
    shop.run(*url, "check")


def adopted(shop: Project, url: str, sql: str) -> list[str]:
    """Return how a second database differs to which what is to be adopted was applied by hand."""
    name = "adopted_twin"
    execute(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    execute(url, f"CREATE DATABASE {name}")
    twin = url.replace(url.partition("@/")[2].partition("?")[0], name, 1)
    try:
        shop.run("--url", twin, "migrate")
        with psycopg.connect(twin, autocommit=True) as connection:
            connection.execute("SET search_path = ''")
            connection.execute(sql.encode())
        lines: list[str] = shop.run("--url", twin, "check", "--json", code=1).json["findings"][0]["lines"]
        return lines
    finally:
        execute(url, f"DROP DATABASE {name} WITH (FORCE)")


def test_both_directions_are_printed(shop: Project, database: str) -> None:
    shop.run("--url", database, "migrate")
    execute(database, "ALTER TABLE public.people ADD COLUMN age integer")
    ran = shop.run("--url", database, "check", code=1)
    assert ran.says(
        "      -- makes the database what its migrations say:\n",
        "      ALTER TABLE public.people DROP COLUMN age;\n",
        "      -- makes the migrations what the database is",
        "      ALTER TABLE public.people ADD COLUMN age integer;\n",
    )


def test_who_looks_need_not_own_anything(tmp_path: Path, database: str) -> None:
    """Owners and grants are those of whoever migrated, not of whoever looks."""
    made = project(tmp_path / "shop", *MODELS, settings=('manage = ["owners", "grants"]',))
    made.run("generate", "first")
    execute(database, "DROP ROLE IF EXISTS looker_owner; CREATE ROLE looker_owner LOGIN")
    name = database.partition("@/")[2].partition("?")[0]
    execute(database, f"ALTER DATABASE {name} OWNER TO looker_owner; ALTER SCHEMA public OWNER TO looker_owner")
    made.run("--url", database.replace("postgres@", "looker_owner@", 1), "migrate")
    made.run("--url", database.replace("postgres@", "looker_owner@", 1), "check")
    made.run("--url", database, "check")
