"""The history's tables of every version there was are read, and upgraded when something is to be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from mizzle.errors import DatabaseError
from mizzle.names import ident
from mizzle.runner.migrate import migrate
from mizzle.runner.scope import Scope
from mizzle.runner.status import status
from mizzle.runner.tables import FORMAT
from runner_units import A, B, rows, run, unit
from servers import database_name

_FORMATS = sorted(Path(__file__).with_name("history_formats").glob("*.sql"), key=lambda path: int(path.stem))
_COLUMNS = """
SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns
WHERE table_schema = 'mizzle' ORDER BY 1, 2
"""


def test_each_format_but_the_newest_is_kept() -> None:
    assert [path.stem for path in _FORMATS] == [str(number) for number in range(1, FORMAT)]


@pytest.mark.parametrize("path", _FORMATS, ids=lambda path: path.stem)
def test_it_is_read_as_it_is_and_upgraded_to_write(any_database: str, path: Path) -> None:
    run(any_database, path.read_text(encoding="utf-8"))
    before = rows(any_database, "SELECT to_jsonb(h) FROM mizzle.history AS h ORDER BY attempt")
    assert [each.state for each in status(any_database, [A, B])] == ["pending", "pending"]
    assert migrate(any_database, [A, B], dry_run=True).pending == (A.id, B.id)
    assert rows(any_database, "SELECT format FROM mizzle.meta") == [(int(path.stem),)]
    migrate(any_database, [A, B])
    assert rows(any_database, "SELECT format FROM mizzle.meta") == [(FORMAT,)]
    after = rows(any_database, "SELECT to_jsonb(h) FROM mizzle.history AS h ORDER BY attempt")
    kept = [{name: value for name, value in row.items() if name in before[0][0]} for (row,) in after[: len(before)]]
    assert kept == [row for (row,) in before]
    assert [row["state"] for (row,) in after[len(before) :]] == ["applied", "applied"]
    run(any_database, "ALTER SCHEMA mizzle RENAME TO upgraded")
    migrate(any_database, [EMPTY])
    made = rows(any_database, _COLUMNS)
    assert rows(any_database, _COLUMNS.replace("'mizzle'", "'upgraded'")) == made


EMPTY = unit("20260104000000_empty", "")


def test_who_does_not_own_them_is_told(database: str) -> None:
    run(database, _FORMATS[0].read_text(encoding="utf-8"), "GRANT USAGE ON SCHEMA mizzle TO guest")
    run(database, "GRANT ALL ON ALL TABLES IN SCHEMA mizzle TO guest")
    with pytest.raises(DatabaseError, match="has format 1, and role guest may not upgrade it"):
        migrate(database.replace("postgres@", "guest@", 1), [A])
    assert rows(database, "SELECT format FROM mizzle.meta") == [(1,)]


def test_the_role_that_acts_is_recorded_and_owns_what_is_made(any_database: str) -> None:
    role = 'the "owner"'
    quoted = ident(role)
    run(any_database, f"DO $$ BEGIN CREATE ROLE {quoted}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    name = database_name(any_database)
    run(any_database, f"ALTER DATABASE {name} OWNER TO {quoted}", f"ALTER SCHEMA public OWNER TO {quoted}")
    run(any_database, "DO $$ BEGIN CREATE ROLE deployer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    deployer = any_database.replace("postgres@", "deployer@", 1)
    with pytest.raises(DatabaseError, match="permission denied to set role") as refused:
        migrate(deployer, [A], scope=Scope(role=role))
    assert "GRANT it to the role of the URL" in refused.value.hint
    run(any_database, f"GRANT {quoted} TO deployer")
    migrate(deployer, [A, B], scope=Scope(role=role))
    assert rows(any_database, "SELECT DISTINCT role, acting FROM mizzle.history") == [("deployer", role)]
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'mizzle')"
    assert rows(any_database, owners) == [(role,)]
    run(any_database, f"REVOKE {quoted} FROM deployer")
