"""Each edit of the portal's models becomes a migration that runs on a filled database, forward and back.

`mizzle generate` runs in a process of its own, and again: it must find no changes. Its migration is applied by
`mizzle.migrate` to a database full of rows. The referee compares with what create_all() makes of the edited models, and
after the undo with what was there before; the rows are counted, and each column has a checksum, before and after.
Two of three are tried, in turns on 18 and, where it is said of them, 15; with `make fuzz` all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

import mizzle
from mizzle.errors import DatabaseError
from mizzle.migrations import folder as folders
from mizzle.migrations.folder import Migration
from mizzle.project.database import down_unit, up_units
from mizzle.runner.migrate import rollback
from mizzle.sqltext import split
from portal_edits.edit import UNSAID, Edit, apply
from portal_edits.every import EDITS
from portal_edits.generating import generate, generate_twice
from portal_edits.rich import RICH, RICH_ROWS
from portal_rows import Expressions, columns, contents, fill
from referee import schema_text
from servers import Server, database_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PORTAL = Path(__file__).parents[1] / "portal"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where edits begin: a project, a filled database that its migrations made, and what the referee says of that."""

    folder: Path
    database: str
    schema: str
    columns: Expressions


@dataclass(frozen=True, slots=True)
class Grounds:
    """The grounds of this run, each made when it is first asked for."""

    folder: Path
    _made: dict[tuple[int, bool], Ground] = field(default_factory=dict[tuple[int, bool], Ground])

    def get(self, server: Server, *, rich: bool) -> Ground:
        """Return the portal as it is committed, or what RICH makes of it."""
        key = server.major, rich
        if key not in self._made:
            folder = self.folder / f"{server.major}-{rich}"
            copy(self.get(server, rich=False).folder if rich else PORTAL, folder)
            self._made[key] = self._make(server, folder, rich=rich)
        return self._made[key]

    def _make(self, server: Server, folder: Path, *, rich: bool) -> Ground:
        if rich:
            database = server.create(template=database_name(self.get(server, rich=False).database))
            apply(RICH, folder)
            generated(folder, server.create())
        else:
            database = server.create()
        mizzle.migrate(database, folder / "migrations")
        if rich:
            with psycopg.connect(database) as connection:
                connection.execute(RICH_ROWS)
        else:
            fill(database)
        return Ground(folder, database, schema_text(database, bin=server.bin), columns(database))


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Grounds:
    return Grounds(tmp_path_factory.mktemp("grounds"))


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Give what makes databases on the server that the test is for."""
    made = Databases(request.getfixturevalue(request.param))
    yield made
    for url in made.urls:
        made.server.drop(url)


@dataclass(frozen=True, slots=True)
class Databases:
    """Databases that are gone after the test."""

    server: Server
    urls: list[str] = field(default_factory=list[str])

    def create(self, *, template: str = "template0") -> str:
        """Return the URL of a new one."""
        self.urls.append(self.server.create(template=template))
        return self.urls[-1]

    def reloaded(self, url: str) -> str:
        """Return the URL of a database made by the dump of another."""
        made = self.create()
        dump = subprocess.run([self.server.bin / "pg_dump", "--schema-only", url], stdout=subprocess.PIPE, check=True)
        subprocess.run(
            [self.server.bin / "psql", "--quiet", made], input=dump.stdout, stdout=subprocess.DEVNULL, check=True
        )
        return made


def copy(project: Path, folder: Path) -> None:
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("__pycache__", ".mizzle", ".env"))


def generated(folder: Path, url: str, *flags: str) -> tuple[Migration, ...]:
    """Run `mizzle generate` twice, then create_all() on the database at `url`; return the migrations."""
    ran = generate_twice(folder, url, *flags)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[-1] == "no changes", ran.out
    return folders.load(folder / "migrations").chain()


_ALL = "MIZZLE_TEST_FUZZ" in os.environ
CASES = [
    (edit, f"pg{major}")
    for number, edit in enumerate(EDITS)
    for major in edit.on
    if _ALL or (number % 3 < 2 and major == (min if number % 2 else max)(edit.on))
]


@pytest.mark.parametrize(
    ("edit", "databases"), CASES, indirect=["databases"], ids=[f"{edit.name}-{server}" for edit, server in CASES]
)
def test_an_edit_becomes_a_migration_that_keeps_the_rows(
    edit: Edit, databases: Databases, grounds: Grounds, tmp_path: Path
) -> None:
    server = databases.server
    ground = grounds.get(server, rich=edit.rich)
    copy(ground.folder, tmp_path / "portal")
    apply(edit.text, tmp_path / "portal")
    wanted = databases.create()
    chain = generated(tmp_path / "portal", wanted, *edit.flags)
    check_text(edit, chain[-1])
    url = databases.create(template=database_name(ground.database))
    wanted_schema = schema_text(databases.reloaded(wanted) if edit.settled else wanted, bin=server.bin)

    if edit.refused:
        refuses(
            edit.refused,
            lambda: mizzle.migrate(url, tmp_path / "portal" / "migrations"),
            server,
            url,
            partly=edit.partly,
        )
        execute(url, edit.mend)
    expected, expected_back = forward(edit, ground.columns, columns(wanted)), back(edit, ground.columns)
    known = {table: listed for table, listed in expected.items() if listed}
    before, first = contents(url, known, tables=edit.origins()), contents(url, expected_back)
    files = relation_files(url)
    mizzle.migrate(url, tmp_path / "portal" / "migrations")
    rewritten = [oid for oid, file in relation_files(url).items() if files.get(oid, file) != file]
    assert "TABLE_REWRITE" in edit.hazards or not rewritten
    assert schema_text(url, bin=server.bin) == wanted_schema
    assert contents(url, as_they_are(expected)) == before | {
        table: (0, {}) for table in expected if not expected[table]
    }
    check_queries(edit, url)
    execute(url, edit.then)

    if "DELETES_DATA" in edit.hazards:
        assert "-- what the migration deleted does not come back:" in chain[-1].down_sql
    if edit.undo_refused:
        assert "-- this may fail, and then changes nothing:" in chain[-1].down_sql
        refuses(edit.undo_refused, lambda: undo(url, chain), server, url)
        execute(url, edit.undo_mend)
    undo(url, chain)
    assert schema_text(url, bin=server.bin) == ground.schema
    lost = {table: (0, dict.fromkeys(expected_back[table])) for table in edit.lost}
    assert contents(url, as_they_are(expected_back)) == first | lost


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit.renames()], ids=lambda edit: edit.name)
def test_without_a_flag_a_rename_is_a_question(edit: Edit, pg18: Server, grounds: Grounds, tmp_path: Path) -> None:
    copy(grounds.get(pg18, rich=edit.rich).folder, tmp_path / "portal")
    apply(edit.text, tmp_path / "portal")
    before = sorted((tmp_path / "portal" / "migrations").rglob("*"))
    asked = generate(tmp_path / "portal")
    assert (asked.code, asked.out) == (3, "")
    assert any(flag.replace("=", " ") in asked.err for flag in edit.flags), asked.err
    assert sorted((tmp_path / "portal" / "migrations").rglob("*")) == before


def forward(edit: Edit, old: Expressions, new: Expressions) -> Expressions:
    """Return what each column is expected to hold after the migration, as SQL over the old tables.

    A new table has none of its columns there: it is expected to be empty.
    """
    origins, renamed = edit.origins(), edit.renames()
    found: Expressions = {}
    for table, listed in new.items():
        origin = origins.get(table, table)
        names = {renamed.get((origin, name), name): said for name, said in old.get(origin, {}).items()}
        said = {column: edit.values.get(f"{table}.{column}", names.get(column, "")) for column in listed}
        assert origin not in old or all(said.values()), (
            f"`values` lacks {[c for c, value in said.items() if not value]}"
        )
        found[table] = {column: value for column, value in said.items() if value != UNSAID} if origin in old else {}
    return found


def back(edit: Edit, old: Expressions) -> Expressions:
    """Return what each column is expected to hold after the undo, as SQL over the tables before the migration."""
    said = {
        table: {c: edit.undone.get(f"{table}.{c}", value) for c, value in listed.items()}
        for table, listed in old.items()
    }
    return {table: {c: value for c, value in listed.items() if value != UNSAID} for table, listed in said.items()}


def as_they_are(expressions: Expressions) -> Expressions:
    """Return the same columns, each for itself."""
    return {table: {column: f'"{column}"' for column in listed} for table, listed in expressions.items()}


_ONLINE = frozenset({"TABLE_REWRITE", "TABLE_SCAN", "INDEX_BUILD", "INDEX_DROPPED"})
"""What an edit may be, in its plain form, and is not where there are steps that let others go on."""


def check_text(edit: Edit, migration: Migration) -> None:
    """Compare the hazards in the head, and the statements where the edit names them."""
    head = [line for line in migration.up_sql.partition("\n-- step 1")[0].splitlines() if line.startswith("--   ")]
    found = {line.split()[1].rstrip(":") for line in head}
    assert found >= {*edit.hazards.split()} - _ONLINE
    # test_breaking.py says when old code breaks; a key that is built once more says what it demands, as always.
    assert found - {*edit.hazards.split()} <= {"BREAKS_OLD_CODE", "DATA_DEPENDENT"}
    statements = [part.sql for step in migration.up().steps for part in split(step.sql)]
    if edit.only:
        assert [each for each in statements if not each.startswith(edit.only)] == []


def check_queries(edit: Edit, url: str) -> None:
    """Ask what is to hold, and take back what that changed."""
    for query in edit.holds:
        with psycopg.connect(url) as connection:
            assert connection.execute(query.encode()).fetchone() == (True,), query
            connection.rollback()


def relation_files(url: str) -> dict[int, int]:
    """Return the file of each table, by the OID that it keeps: another one where all of it was written anew."""
    query = "SELECT oid, relfilenode FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    with psycopg.connect(url) as connection:
        return dict(connection.execute(query).fetchall())


def refuses(message: str, run: Callable[[], object], server: Server, url: str, *, partly: bool = False) -> None:
    """Let it fail, and compare: nothing is changed, or `partly` only what the columns hold is not."""
    there = columns(url)
    before = "" if partly else schema_text(url, bin=server.bin), contents(url, there)
    with pytest.raises(DatabaseError) as refused:
        run()
    assert message in refused.value.message
    assert refused.value.hint.startswith(("the data do not allow this", "mend the rows, then run this again"))
    assert ("" if partly else schema_text(url, bin=server.bin), contents(url, there)) == before


def undo(url: str, chain: tuple[Migration, ...]) -> None:
    rollback(url, up_units(chain), down_unit(chain[-1]))


def execute(url: str, sql: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(sql.encode())
