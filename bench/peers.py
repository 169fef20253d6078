"""What is measured of drizzle-kit and Alembic: the everyday steps, on their own migrations or on given statements."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.measure import Case
from bench.schemas import Sample
from bench.server import Databases

DRIZZLE, ALEMBIC = "drizzle-kit 0.31.11", "Alembic"
NO_CHANGE, SAVED = "find no change", "find no change, a module of the models saved again"
INITIAL, READ = "generate the initial migration", "generate the initial migration, models read before"
RUN, NOTHING = "run it", "find nothing to run"
STEPS = (NO_CHANGE, SAVED, INITIAL, READ, RUN, NOTHING)

_DRIZZLE_SOURCES = Path(__file__).with_name("drizzle")
_JOURNAL = {
    "version": "7",
    "dialect": "postgresql",
    "entries": [{"idx": 0, "version": "7", "when": 1, "tag": "0000_initial", "breakpoints": True}],
}
_ENV = """\
from alembic import context
from sqlalchemy import create_engine
import os

{imports}

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata={metadata})
    with context.begin_transaction():
        context.run_migrations()
"""
_VERSION = """\
from alembic import op

revision, down_revision = "initial", None


def upgrade():
    for statement in {statements!r}:
        op.get_bind().exec_driver_sql(statement, None, {{"no_parameters": True}})
"""


@dataclass(frozen=True, slots=True)
class Drizzle:
    """A project of drizzle-kit with its initial migration, and a database that has run it."""

    root: Path
    databases: Databases
    environment: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path, tools: Path, databases: Databases, environment: Mapping[str, str]) -> Drizzle:
        """Write the project, generate, and migrate a database."""
        made = cls(_drizzle_project(folder, tools), databases, environment)
        made._quietly("generate")
        shutil.copytree(made.root / "drizzle", made.root / "saved")
        made._migrate()
        return made

    @classmethod
    def of_statements(
        cls,
        statements: Sequence[str],
        folder: Path,
        tools: Path,
        databases: Databases,
        environment: Mapping[str, str],
    ) -> Drizzle:
        """Write the project with these statements as its migration, and migrate a database."""
        made = cls(_drizzle_project(folder, tools), databases, environment)
        saved = made.root / "saved"
        (saved / "meta").mkdir(parents=True)
        (saved / "meta" / "_journal.json").write_text(json.dumps(_JOURNAL))
        (saved / "0000_initial.sql").write_text(";\n--> statement-breakpoint\n".join(statements))
        made._migrate()
        return made

    def steps(self) -> tuple[Case, ...]:
        """Return the steps, in the order of STEPS; it reads its schema anew each time."""
        no_change = self._case(NO_CHANGE, "generate", prints="No schema changes")
        initial = replace(self._case(INITIAL, "generate", prints="Your SQL migration file"), prepare=self._bare)
        return (
            no_change,
            replace(no_change, name=SAVED),
            initial,
            replace(initial, name=READ),
            replace(self._case(RUN, "migrate", database="scrap", prints="applied successfully"), prepare=self._emptied),
            self._case(NOTHING, "migrate", prints="applied successfully"),
        )

    def _migrate(self) -> None:
        self._as_generated()
        self.databases.empty("drizzle")
        self._quietly("migrate")

    def _bare(self) -> None:
        shutil.rmtree(self.root / "drizzle")

    def _as_generated(self) -> None:
        shutil.rmtree(self.root / "drizzle", ignore_errors=True)
        shutil.copytree(self.root / "saved", self.root / "drizzle")

    def _emptied(self) -> None:
        self._as_generated()
        self.databases.empty("scrap")

    def _case(self, name: str, command: str, *, prints: str, database: str = "drizzle") -> Case:
        environment = {**self.environment, "DATABASE_URL": self.databases.url(database)}
        program = self.root / "node_modules" / ".bin" / "drizzle-kit"
        return Case(
            name, DRIZZLE, [program, command], self.root, environment, prints=prints, prepare=self._as_generated
        )

    def _quietly(self, command: str) -> None:
        case = self._case("preparation", command, prints="")
        subprocess.run(
            list(map(str, case.command)), cwd=self.root, env=dict(case.environment), capture_output=True, check=True
        )


@dataclass(frozen=True, slots=True)
class Alembic:
    """An Alembic project on the same models, with its initial migration, and a database that has run it."""

    root: Path
    programs: Path
    databases: Databases
    environment: Mapping[str, str]

    @classmethod
    def of(cls, sample: Sample, programs: Path, databases: Databases, environment: Mapping[str, str]) -> Alembic:
        """Write the project (what `alembic init` writes, cut to what runs), generate, and migrate a database."""
        module, _, attribute = sample.models.partition(":")
        env = _ENV.format(imports=f"from {module} import {attribute}", metadata=f"{attribute}.metadata")
        made = cls(_alembic_project(sample, env, programs), programs, databases, environment)
        databases.empty("alembic")
        made._quietly("revision", "--autogenerate", "-m", "initial")
        versions = made.root / "script" / "versions"
        shutil.copytree(versions, made.root / "saved", ignore=shutil.ignore_patterns("__pycache__"))
        made._quietly("upgrade", "head")
        return made

    @classmethod
    def of_statements(
        cls,
        statements: Sequence[str],
        sample: Sample,
        programs: Path,
        databases: Databases,
        environment: Mapping[str, str],
    ) -> Alembic:
        """Write the project with these statements as its revision, without models to import; migrate a database."""
        env = _ENV.format(imports="", metadata=None)
        made = cls(_alembic_project(sample, env, programs), programs, databases, environment)
        (made.root / "saved").mkdir()
        (made.root / "saved" / "initial.py").write_text(_VERSION.format(statements=tuple(statements)))
        made._as_generated()
        databases.empty("alembic")
        made._quietly("upgrade", "head")
        return made

    def steps(self) -> tuple[Case, ...]:
        """Return the steps, in the order of STEPS; it imports the models anew each time."""
        generate = self._case(INITIAL, "revision", "--autogenerate", "-m", "initial", database="scrap")
        initial = replace(generate, prints="Generating", prepare=self._bare)
        run = self._case(RUN, "upgrade", "head", database="scrap")
        return (
            self.no_change(),
            replace(self.no_change(), name=SAVED),
            initial,
            replace(initial, name=READ),
            replace(run, prepare=self._emptied),
            self._case(NOTHING, "upgrade", "head"),
        )

    def no_change(self) -> Case:
        """Return the step that compares the models with a live database."""
        return self._case(NO_CHANGE, "check", prints="No new upgrade operations")

    def _bare(self) -> None:
        for file in (self.root / "script" / "versions").glob("*.py"):
            file.unlink()
        self.databases.empty("scrap")

    def _as_generated(self) -> None:
        for file in (self.root / "script" / "versions").glob("*.py"):
            file.unlink()
        shutil.copytree(self.root / "saved", self.root / "script" / "versions", dirs_exist_ok=True)

    def _emptied(self) -> None:
        self._as_generated()
        self.databases.empty("scrap")

    def _case(self, name: str, *arguments: str, prints: str = "", database: str = "alembic") -> Case:
        environment = {**self.environment, "DATABASE_URL": self.databases.url(database)}
        command = [self.programs / "alembic", *arguments]
        return Case(name, ALEMBIC, command, self.root, environment, prints=prints, prepare=self._as_generated)

    def _quietly(self, *arguments: str) -> None:
        case = self._case("preparation", *arguments)
        subprocess.run(
            list(map(str, case.command)), cwd=self.root, env=dict(case.environment), capture_output=True, check=True
        )


def _drizzle_project(folder: Path, tools: Path) -> Path:
    root = folder / "drizzle"
    shutil.copytree(_DRIZZLE_SOURCES, root)
    (root / "node_modules").symlink_to(tools / "node_modules")
    (root / "package.json").write_text('{"private": true}\n')
    return root


def _alembic_project(sample: Sample, env: str, programs: Path) -> Path:
    root = sample.root.parent / f"{sample.root.name}-alembic"
    script = root / "script"
    (script / "versions").mkdir(parents=True)
    (script / "env.py").write_text(env)
    (root / "alembic.ini").write_text(f"[alembic]\nscript_location = script\nprepend_sys_path = {sample.root}\n")
    generic = next(programs.parent.glob("lib/python*/site-packages/alembic/templates/generic"))
    shutil.copy(generic / "script.py.mako", script)
    return root
