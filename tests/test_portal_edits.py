"""Each edit of the portal's models becomes a migration that runs on a filled database, forward and back.

`mizzle generate` runs in a process of its own, and again: it must find no changes. Its migration is applied by
`mizzle.migrate` to a database full of rows. The referee compares with what create_all() makes of the edited models, and
after the undo with what was there before; the rows are counted, and each column has a checksum, before and after.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

import mizzle
from mizzle.errors import DatabaseError
from mizzle.migrations import folder as folders
from mizzle.migrations.folder import Migration
from mizzle.planning import script
from mizzle.project.database import down_unit, up_units
from mizzle.runner.migrate import rollback
from mizzle.sqltext import split
from portal_edits.edit import Edit, apply
from portal_edits.every import EDITS
from portal_edits.rich import RICH, RICH_ROWS
from portal_rows import Contents, Expressions, columns, contents, fill
from referee import schema_text
from servers import Server, database_name

if TYPE_CHECKING:
    from collections.abc import Iterator

PORTAL = Path(__file__).parents[1] / "portal"

# Arguments: the project, the database that create_all() is to fill, the flags of generate.
_PROGRAM = """
import sys
from mizzle.cli.main import main

def mizzle(*arguments):
    sys.argv = ["mizzle", *arguments]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise

folder, url, *flags = sys.argv[1:]
mizzle("-C", folder, "generate", *flags)
mizzle("generate")
from portal.db.schema import Base
from sqlalchemy import create_engine
Base.metadata.create_all(create_engine(url))
"""


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
            generate(folder, server.create())
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


def copy(project: Path, folder: Path) -> None:
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("__pycache__", ".mizzle", ".env"))


def generate(folder: Path, url: str, *flags: str) -> Migration:
    """Run `mizzle generate` twice, then create_all() on the database at `url`; return the migration."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", _PROGRAM, str(folder), url.replace("://", "+psycopg://", 1), *flags]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=folder)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "no changes", ran.stdout
    return folders.load(folder / "migrations").chain()[-1]


CASES = [(edit, "pg18") for edit in EDITS] + [(edit, "pg15") for edit in EDITS if edit.old]


@pytest.mark.parametrize(
    ("edit", "databases"), CASES, indirect=["databases"], ids=[f"{edit.name}-{server}" for edit, server in CASES]
)
def test_edit(edit: Edit, databases: Databases, grounds: Grounds, tmp_path: Path) -> None:
    server = databases.server
    ground = grounds.get(server, rich=edit.rich)
    copy(ground.folder, tmp_path / "portal")
    apply(edit.text, tmp_path / "portal")
    wanted = databases.create()
    migration = generate(tmp_path / "portal", wanted, *edit.flags)
    check_text(edit, migration)
    url = databases.create(template=database_name(ground.database))

    def schema(of: str = url) -> str:
        return schema_text(of, bin=server.bin)

    if edit.refused:
        kept = contents(url, ground.columns)
        with pytest.raises(DatabaseError, match=re.escape(edit.refused)):
            migrate(url, migration)
        assert (schema(), contents(url, ground.columns)) == (ground.schema, kept)
        execute(url, edit.mend)
    new_columns = columns(wanted)
    expected = expected_after(edit, ground, url, new_columns)
    expected_back = expected_after_undo(edit, ground, url)
    migrate(url, migration)
    assert schema() == schema(wanted)
    assert contents(url, new_columns) == expected | unsaid(edit.values, contents(url, new_columns), expected)
    check_holds(edit, url)

    if edit.undo_refused:
        with pytest.raises(DatabaseError, match=re.escape(edit.undo_refused)):
            undo(url, migration)
        assert schema() == schema(wanted)
        execute(url, edit.undo_mend)
    undo(url, migration)
    assert schema() == ground.schema
    assert contents(url, ground.columns) == expected_back
