"""push and what is not the project's: extensions, other applications, roles, and the histories of other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from projects import execute, project
from referee import schema_text

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Server

USERS = "CREATE TABLE users (id integer PRIMARY KEY)"
EXTENSIONS = (  # the table that an extension owns and fills is as PostGIS has it
    "CREATE EXTENSION pg_stat_statements",
    "CREATE EXTENSION pg_buffercache",
    "CREATE EXTENSION hstore",
    "CREATE TABLE spatial_ref_sys (srid integer PRIMARY KEY)",
    "INSERT INTO spatial_ref_sys VALUES (4326)",
    "ALTER EXTENSION hstore ADD TABLE spatial_ref_sys",
)
ROLES = "SELECT array_agg(r::text ORDER BY r::text) FROM pg_roles r"
HISTORIES = {
    "alembic": ("public.alembic_version", "version_num varchar(32) PRIMARY KEY"),
    "drizzle": ("drizzle.__drizzle_migrations", "id serial PRIMARY KEY, hash text NOT NULL, created_at bigint"),
}


def test_extensions_and_roles_are_never_touched(tmp_path: Path, any_server: Server, any_database: str) -> None:
    made = project(tmp_path / "shop", USERS)
    made.run("--url", any_database, "push", "--yes")
    for statement in EXTENSIONS:
        execute(any_database, statement)
    roles, before = execute(any_database, ROLES), schema_text(any_database, bin=any_server.clients)
    ran = made.run("--url", any_database, "push", "--yes")
    assert ran.out == "no changes\n"
    ran.says("left alone, no model has it: extension pg_stat_statements")
    for name in ("hstore", "public.spatial_ref_sys", "public.pg_stat_statements"):
        made.run("--url", any_database, "push", "--yes", "--accept-data-loss", name, code=2)
    made.schema(USERS, "CREATE TABLE more (id integer)")
    assert made.run("--url", any_database, "--json", "push", "--yes").json["changes"] == ["create table public.more"]
    execute(any_database, "DROP TABLE more")
    assert (execute(any_database, ROLES), schema_text(any_database, bin=any_server.clients)) == (roles, before)


@pytest.mark.parametrize("tool", HISTORIES)
def test_the_history_of_another_tool_is_refused_with_what_to_do(tmp_path: Path, database: str, tool: str) -> None:
    table, columns = HISTORIES[tool]
    made = project(tmp_path / "shop", USERS)
    execute(database, f"CREATE SCHEMA IF NOT EXISTS {table.split('.')[0]}")
    execute(database, f"CREATE TABLE {table} ({columns})")
    ran = made.run("--url", database, "push", "--yes", code=1)
    ran.says(
        f"this database has a migration history of {tool.capitalize()} ({table}): push would go past it",
        f"hint: take it over: mizzle adopt {tool}",
        f'of another application? ignore = ["table:{table}"]',
    )
    made.settings(f'ignore = ["table:{table}"]')
    made.run("--url", database, "push", "--yes").says("pushed  1 change")
    if tool == "alembic":  # whose files lie here, it is this project's
        (made.folder / "alembic.ini").write_text("[alembic]\nscript_location = versions\n", encoding="utf-8")
        ran = made.run("--url", database, "push", "--yes", code=1)
        ran.says("or keep Alembic and write a revision: mizzle generate --format alembic")
        assert "ignore" not in ran.err


def test_a_constraint_of_another_table_goes_by_its_name(tmp_path: Path, database: str) -> None:
    made = project(tmp_path / "shop", USERS, "CREATE TABLE old (id integer PRIMARY KEY)")
    made.run("--url", database, "push", "--yes")
    execute(database, "CREATE TABLE theirs (id integer CONSTRAINT theirs_old REFERENCES old)")
    made.schema(USERS)
    gone = ("--accept-data-loss", "public.old")
    made.run("--url", database, "push", "--yes", *gone, code=3).says("constraint public.theirs.theirs_old")
    made.run("--url", database, "push", "--yes", *gone, "--accept-data-loss", "public.theirs.theirs_old")
    assert execute(database, "SELECT to_regclass('old'), to_regclass('theirs')::text") == [(None, "theirs")]
