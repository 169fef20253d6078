"""Small projects of their own, and the command line run on them in this process.

Their models are SQL files, so that nothing is imported that would be met again; tests about importing models run
`mizzle` in a process of its own (the fixture `mizzle`).
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg

from mizzle.cli.main import main
from told import expect_as_said


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command went: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed to stdout, as JSON: all of it."""
        return json.loads(self.out)

    def says(self, *texts: str) -> bool:
        """Assert that it printed each of `texts`, and no traceback."""
        everything = self.out + self.err
        missing = [text for text in texts if text not in everything]
        assert not missing, f"{missing} not in\n{everything}"
        assert "Traceback" not in everything
        return True


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a mizzle.toml, whose models are schema.sql."""

    folder: Path

    @property
    def migrations(self) -> Path:
        """The migrations folder."""
        return self.folder / "migrations"

    def ids(self) -> list[str]:
        """The ids of its migrations, sorted."""
        return sorted(entry.name for entry in self.migrations.iterdir())

    def schema(self, *statements: str) -> None:
        """Write the models."""
        (self.folder / "schema.sql").write_text("".join(f"{each};\n" for each in statements), encoding="utf-8")

    def settings(self, *lines: str) -> None:
        """Write the settings, those of every project and `lines`."""
        text = "\n".join(['models = "schema.sql"', *lines]) + "\n"
        (self.folder / "mizzle.toml").write_text(text, encoding="utf-8")

    def write(self, migration: str, *, up: str, down: str) -> None:
        """Write the SQL of a migration."""
        (self.migrations / migration / "up.sql").write_text(up, encoding="utf-8")
        (self.migrations / migration / "down.sql").write_text(down, encoding="utf-8")

    def run(self, *arguments: str, code: int | None = 0) -> Ran:
        """Run `mizzle` in the project's folder, and expect its exit code (None: any)."""
        ran = run("-C", str(self.folder), *arguments)
        assert code is None or ran.code == code, f"mizzle {' '.join(arguments)}: {ran.code}\n{ran.out}{ran.err}"
        return ran

    def files(self) -> dict[str, bytes]:
        """All of its files."""
        found = (path for path in self.folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found}


def project(folder: Path, *statements: str, settings: tuple[str, ...] = ()) -> Project:
    """Make a project whose models are `statements`."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Project(folder)
    made.settings(*settings)
    made.schema(*statements)
    return made


USERS = "CREATE TABLE users (id integer PRIMARY KEY)"
NAMED = "CREATE TABLE users (id integer PRIMARY KEY, name text)"


def two_migrations(folder: Path) -> Project:
    """Make a project with two migrations: users, then their names."""
    made = project(folder, USERS)
    made.run("generate", "first")
    made.schema(NAMED)
    made.run("generate", "second")
    return made


def execute(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Run SQL on a database, and return its rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def run(*arguments: str) -> Ran:
    """Run `mizzle` in this process, without a terminal."""
    out, err = _stream(), _stream()
    before = Path.cwd()
    code: object = 0
    with patch.object(sys, "argv", ["mizzle", *arguments]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as ending:
            code = ending.code
        finally:
            os.chdir(before)
    assert isinstance(code, int)
    ran = Ran(code, _text(out), _text(err))
    expect_as_said(arguments, ran.out, code)
    return ran


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
