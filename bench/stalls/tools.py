"""Each tool with a project that makes one change: what it ran before is recorded, the change is what is pending."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.beside.drizzle_project import CONFIG
from bench.measure import Failed
from bench.stalls import terminal
from bench.stalls.changes import Change, Side
from bench.stalls.results import ALEMBIC, DRIZZLE, NAIVE, OURS
from mizzle.planning.plan import Plan

BEFORE, AFTER = "initial", "change"
_TIMEOUT = 1800
_ENV = """\
from alembic import context
from sqlalchemy import create_engine
import os

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
_REVISION = """\
from alembic import op
import sqlalchemy as sa

revision, down_revision = {revision!r}, {parent!r}


def upgrade():
{body}
"""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A tool that is ready to make a change: the command that does it, and the text of what that runs."""

    tool: str
    command: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str]
    sql: str = ""

    def run(self, url: str, *command: str | Path) -> str:
        """Run the command, or another one, on a database. Raises Failed with what it printed."""
        done = subprocess.run(
            list(map(str, command or self.command)),
            cwd=self.folder,
            env={**self.environment, "DATABASE_URL": url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
        if done.returncode:
            raise Failed(done.stdout.strip()[-4000:])
        return done.stdout


def naive(change: Plan, folder: Path, psql: Path, environment: Mapping[str, str]) -> Entrant:
    """Return plain SQL, run by psql: the statements that come to mind first, in one transaction."""
    folder.mkdir(parents=True)
    text = "".join(f"BEGIN;\n{step.sql}\nCOMMIT;\n" if step.transaction else f"{step.sql}\n" for step in change.steps)
    (folder / "change.sql").write_text(text)
    options = "--no-psqlrc --quiet --set=ON_ERROR_STOP=1"
    command = ["sh", "-c", f'exec "$0" {options} --file=change.sql "$DATABASE_URL"', psql]
    return Entrant(NAIVE, command, folder, environment, text)


def mizzle(change: Change, major: int, folder: Path, programs: Path, environment: Mapping[str, str]) -> Entrant:
    """Return a project of Mizzle, whose migrations it generates and proves; the databases' history is its own."""
    folder.mkdir(parents=True)
    program = programs / "mizzle"
    config = f'sql = ["schema.sql"]\npostgres = {major}\nignore = ["table:alembic_version"]\n'
    (folder / "mizzle.toml").write_text(config)
    split = ("--contract",) if change.contract else ()
    made = Entrant(OURS, [program, "migrate", *split], folder, environment)
    sides: tuple[tuple[Side, str], ...] = (("before", BEFORE), ("after", AFTER))
    for side, name in sides:
        (folder / "schema.sql").write_text(change.ddl(side))
        renames = [f"--rename={old}:{new}" for old, new in (change.renames or {}).items()] if side == "after" else ()
        arguments = ("--expand-contract",) if side == "after" and change.contract else ()
        made.run("", program, "generate", name, *renames, *arguments)
    texts = [file.read_text() for file in sorted((folder / "migrations").glob("*/up.sql"))[1:]]
    return Entrant(OURS, made.command, folder, environment, "\n".join(texts))


def drizzle(change: Change, folder: Path, tools: Path, environment: Mapping[str, str]) -> Entrant:
    """Return a project of drizzle-kit with two migrations that it generated."""
    folder.mkdir(parents=True)
    (folder / "node_modules").symlink_to(tools / "node_modules")
    (folder / "package.json").write_text('{"private": true}\n')
    (folder / "drizzle.config.ts").write_text(CONFIG)
    program = folder / "node_modules" / ".bin" / "drizzle-kit"
    made = Entrant(DRIZZLE, [program, "migrate"], folder, environment)
    (folder / "schema.ts").write_text(change.typescript("before"))
    made.run("", program, "generate", f"--name={BEFORE}")
    (folder / "schema.ts").write_text(change.typescript("after"))
    command = [str(program), "generate", f"--name={AFTER}"]
    if change.answer is not None:
        terminal.answer(command, folder, environment, change.answer)
    else:
        made.run("", *command)
    found = [*(folder / "drizzle").glob(f"0001_{AFTER}.sql")]
    if not found:
        raise Failed("drizzle-kit finds no change")
    return Entrant(DRIZZLE, made.command, folder, environment, found[0].read_text())


def record_drizzle(entrant: Entrant, url: str) -> None:
    """Record in a database that the first migration is applied, as drizzle-kit does."""
    journal = json.loads((entrant.folder / "drizzle" / "meta" / "_journal.json").read_text())
    content = (entrant.folder / "drizzle" / f"0000_{BEFORE}.sql").read_bytes()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA drizzle")
        connection.execute(
            "CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)"
        )
        connection.execute(
            "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES (%s, %s)",
            (hashlib.sha256(content).hexdigest(), journal["entries"][0]["when"]),
        )


def alembic(change: Change, folder: Path, programs: Path, environment: Mapping[str, str]) -> Entrant:
    """Return a project of Alembic with two revisions; the second is written with its operations."""
    versions = folder / "script" / "versions"
    versions.mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = script\n")
    (folder / "script" / "env.py").write_text(_ENV)
    generic = next(programs.parent.glob("lib/python*/site-packages/alembic/templates/generic"))
    shutil.copy(generic / "script.py.mako", folder / "script")
    body = "".join(f"    {line}\n" for line in change.alembic.strip().splitlines())
    (versions / "initial.py").write_text(_REVISION.format(revision=BEFORE, parent=None, body="    pass\n"))
    (versions / "change.py").write_text(_REVISION.format(revision=AFTER, parent=BEFORE, body=body))
    return Entrant(ALEMBIC, [programs / "alembic", "upgrade", "head"], folder, environment, change.alembic.strip())
