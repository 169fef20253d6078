"""Projects with what belongs to no schema, and with what names roles: both are shared with others on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from projects import project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers import Server

_SHARED = (
    "CREATE TABLE t (id integer PRIMARY KEY)",
    "CREATE PUBLICATION ours FOR TABLE t",
    "CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$",
    "CREATE EVENT TRIGGER ours ON ddl_command_end EXECUTE FUNCTION noted()",
    "CREATE FUNCTION number(t) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
    "CREATE CAST (t AS integer) WITH FUNCTION number(t)",
    "CREATE FOREIGN DATA WRAPPER ours",
    "CREATE SERVER ours FOREIGN DATA WRAPPER ours",
)
_OTHERS = """
CREATE PUBLICATION theirs FOR ALL TABLES;
CREATE FOREIGN DATA WRAPPER theirs; CREATE SERVER theirs FOREIGN DATA WRAPPER theirs;
"""
_READER, _WRITER = "mizzle_reader", "Mizzle writer"
_ACCESS = (
    "CREATE TABLE t (id integer PRIMARY KEY)",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY p ON t TO {_READER} USING (true)",
    f'GRANT SELECT ON t TO {_READER}, "{_WRITER}"',
)


def _execute(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode())


@pytest.fixture
def lacking(pg18: Server, database: str) -> Iterator[str]:
    """A database on a server that has none of the roles."""
    yield database
    _execute(database, "DROP SCHEMA public CASCADE")
    for role in (_READER, f'"{_WRITER}"'):
        _execute(pg18.admin_url, f"DROP ROLE IF EXISTS {role}")


def test_what_belongs_to_no_schema_is_managed_and_that_of_others_left_alone(tmp_path: Path, database: str) -> None:
    ours = project(tmp_path, *_SHARED)
    ours.run("generate", "first")
    _execute(database, _OTHERS)
    assert ours.run("--url", database, "migrate").says("applied")
    assert ours.run("--url", database, "check").says("the database is what the migrations that it has applied make")
    _execute(database, "ALTER PUBLICATION ours ADD TABLES IN SCHEMA public; DROP CAST (t AS integer)")
    drifted = ours.run("--url", database, "check", code=1)
    assert drifted.says("publication ours", 'cast "public.t AS integer": not in the database')
    assert "theirs" not in drifted.out + drifted.err


def test_push_leaves_what_others_have_that_belongs_to_no_schema(tmp_path: Path, database: str) -> None:
    ours = project(tmp_path, *_SHARED)
    _execute(database, _OTHERS)
    ours.run("--url", database, "push", "--yes")
    ours.schema(*_SHARED[:2])
    ours.run("--url", database, "push", "--yes")
    assert ours.run("--url", database, "push", "--yes").says("no changes")
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT pubname FROM pg_publication ORDER BY 1").fetchall()
    assert found == [("ours",), ("theirs",)]


@pytest.mark.parametrize("way", ["migrate", "push"])
def test_roles_that_the_server_lacks_are_told_before_anything_runs(way: str, tmp_path: Path, lacking: str) -> None:
    ours = project(tmp_path, *_ACCESS, settings=('manage = ["grants"]',))
    ours.run("generate", "first")
    command = ("--url", lacking, way, *(["--yes"] if way == "push" else []))
    assert ours.run(*command, code=4).says(
        f"role {_READER} does not exist",
        f'role "{_WRITER}" does not exist',
        f'CREATE ROLE "{_WRITER}"',
        "nothing of it has",
    )
    _execute(lacking, f'CREATE ROLE {_READER}; CREATE ROLE "{_WRITER}"')
    ours.run(*command)


def test_a_grant_that_is_not_said_any_more_is_taken_back(tmp_path: Path, lacking: str) -> None:
    ours = project(tmp_path, *_ACCESS, settings=('manage = ["grants"]',))
    _execute(lacking, f'CREATE ROLE {_READER}; CREATE ROLE "{_WRITER}"')
    ours.run("generate", "first")
    ours.run("--url", lacking, "migrate")
    _execute(lacking, f"GRANT INSERT ON t TO {_READER}")
    assert ours.run("--url", lacking, "check", code=1).says(f"grants on table public.t: INSERT to {_READER} granted")
    ours.schema(*_ACCESS[:3], f"GRANT SELECT (id) ON t TO {_READER}")
    ours.run("generate", "less")
    (last,) = (each for each in ours.ids() if each.endswith("less"))
    assert f"REVOKE SELECT ON TABLE public.t FROM {_READER}" in (ours.migrations / last / "up.sql").read_text()


def test_setting_manage_later_reads_the_history_as_it_was_recorded(tmp_path: Path) -> None:
    ours = project(tmp_path, *_ACCESS)
    ours.run("generate", "first")
    ours.settings('manage = ["grants", "owners", "default privileges"]')
    ours.run("check", code=1)
    ours.run("generate", "access")
    ours.run("check")


def test_a_word_that_manage_does_not_know_is_refused(tmp_path: Path) -> None:
    ours = project(tmp_path, *_ACCESS, settings=('manage = ["grant"]',))
    assert ours.run("generate", "first", code=2).says("manage = 'grant' is not known", "grants")


def test_taking_manage_back_leaves_what_was_recorded(tmp_path: Path) -> None:
    ours = project(tmp_path, *_ACCESS, settings=('manage = ["grants"]',))
    ours.run("generate", "first")
    ours.settings()
    ours.run("check")
    ours.schema(*_ACCESS[:3])
    assert ours.run("generate").says("no changes")
    ours.settings('manage = ["grants", "default privileges"]')
    ours.run("generate", "less")
    (last,) = (each for each in ours.ids() if each.endswith("less"))
    assert f"REVOKE SELECT ON TABLE public.t FROM {_READER}" in (ours.migrations / last / "up.sql").read_text()
    ours.run("check")


def test_what_rows_and_what_roles_are_in_the_way_is_told_at_once(tmp_path: Path, lacking: str) -> None:
    ours = project(tmp_path, "CREATE TABLE t (id integer)", settings=('manage = ["grants"]',))
    ours.run("generate", "first")
    ours.run("--url", lacking, "migrate")
    _execute(lacking, "INSERT INTO t VALUES (NULL), (NULL)")
    ours.schema("CREATE TABLE t (id integer NOT NULL)", f"GRANT SELECT ON t TO {_READER}")
    ours.run("generate", "second")
    refused = ours.run("--url", lacking, "migrate", code=4)
    assert refused.says(f"role {_READER} does not exist", "column public.t.id holds no NULL: 2 rows are against it")
