"""What the projects of all tools have in common: a folder, databases, commands, and a way back to how it was."""

from __future__ import annotations

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from bench.beside import rows
from bench.beside.trees import Tree
from bench.measure import Case, Failed
from bench.server import Databases
from mizzle.catalog.catalog import Catalog

HEAD, SCRAP = "head", "scrap"
"""Databases: one with every migration but the pending one, and one that a run may use up."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project is made: a folder, the schema it is to make, the number of tables and of migrations."""

    folder: Path
    catalog: Catalog
    tables: int
    length: int
    databases: Databases
    environment: Mapping[str, str]


class Project(ABC):
    """One tool's project; make() it before its cases are asked for."""

    tool: str
    migrations: str
    """The folder that the history is in."""

    def __init__(self, place: Place, tools: Path) -> None:
        self.place = place
        self.tools = tools
        self.root = place.folder / "project"
        self.environment = dict(place.environment)
        self._added = count()
        self._pending = place.folder / "pending"
        self._tree: Tree | None = None

    def make(self) -> None:
        """Write the project with its whole history, a pending migration aside, and its databases."""
        self.place.folder.mkdir(parents=True, exist_ok=True)
        self.write()
        self.place.databases.empty(self._name(HEAD))
        self.run(*self.migrating)
        self.settle()
        self._tree = Tree.of(self.root)
        self.add_column("pending")
        self.run(*self.generating)
        self._tree.take(self._pending, below=self.migrations)
        self.tree.restore()
        self.settle()

    @property
    def tree(self) -> Tree:
        """The files as they were made."""
        assert self._tree is not None
        return self._tree

    @property
    @abstractmethod
    def migrating(self) -> Sequence[str | Path]:
        """The command that applies everything."""

    @property
    @abstractmethod
    def generating(self) -> Sequence[str | Path]:
        """The command that writes a migration."""

    @abstractmethod
    def write(self) -> None:
        """Write the project with its migrations."""

    @abstractmethod
    def add_column(self, name: str) -> None:
        """Give the models one more column."""

    @abstractmethod
    def importing(self) -> Case:
        """Load the models, and nothing else."""

    @abstractmethod
    def no_change(self, name: str) -> Case:
        """Find no change; `name` is the row."""

    def more(self) -> Sequence[Case]:
        """Return the cases that not every tool has."""
        return ()

    def sized(self) -> Mapping[str, Case]:
        """Return the cases of rows.SIZED that the tool has."""
        return self._of(rows.SIZED, self.importing(), self.no_change(rows.UNTOUCHED), self.running())

    def long(self) -> Mapping[str, Case]:
        """Return the cases of rows.LONG that the tool has."""
        return self._of(rows.LONG, self.no_change(rows.NO_CHANGE), self.one())

    def _of(self, names: Sequence[str], *cases: Case) -> Mapping[str, Case]:
        found = {case.name: case for case in (*cases, self.changed(), self.nothing(), *self.more())}
        return {name: found[name] for name in names if name in found}

    def settle(self) -> None:  # noqa: B027 - most keep nothing
        """Do what a tool does once and keeps."""

    def url(self, name: str) -> str:
        """Return the URL of one of its databases."""
        return self.place.databases.url(self._name(name))

    def copied(self, name: str, *, without: str) -> str:
        """Return the URL of a copy of its database that lacks a schema."""
        self.place.databases.copy(self._name(HEAD), to=self._name(name))
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {without} CASCADE".encode())
        return self.url(name)

    def running(self) -> Case:
        """Migrate an empty database."""
        return self.case(rows.RUN, *self.migrating, database=SCRAP, prepare=self._emptied)

    def nothing(self) -> Case:
        """Migrate a database that has it all."""
        return self.case(rows.NOTHING, *self.migrating)

    def one(self) -> Case:
        """Migrate a database that lacks one."""
        return self.case(rows.ONE, *self.migrating, database=SCRAP, prepare=self._one_pending)

    def changed(self) -> Case:
        """Generate with one column added."""
        return self.case(rows.CHANGE, *self.generating, prepare=self._edited)

    def case(
        self,
        name: str,
        *command: str | Path,
        database: str = HEAD,
        prints: str = "",
        prepare: Callable[[], object] | None = None,
    ) -> Case:
        """Return a case that begins with the files as they were made."""
        prepared = prepare or self.tree.restore

        def ready() -> None:
            prepared()

        environment = {**self.environment, "DATABASE_URL": self.url(database)}
        return Case(name, self.tool, command, self.root, environment, prints=prints, prepare=ready)

    def run(self, *command: str | Path, database: str = HEAD) -> str:
        """Run a command for a project that is being made. Raises Failed with what it printed."""
        environment = {**self.environment, "DATABASE_URL": self.url(database)}
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failed(f"{self.tool}, making the project: {command}\n{done.stdout[-4000:]}")
        return done.stdout

    def _name(self, name: str) -> str:
        word = "".join(letter for letter in self.tool.lower() if letter.isalnum())
        return f"{word}_{self.place.tables}_{self.place.length}_{name}"

    def _emptied(self) -> None:
        self.tree.restore()
        self.place.databases.empty(self._name(SCRAP))

    def _one_pending(self) -> None:
        self.tree.restore()
        self.tree.put(self._pending)
        self.place.databases.copy(self._name(HEAD), to=self._name(SCRAP))

    def _edited(self) -> None:
        self.tree.restore()
        self.add_column(f"added_{next(self._added)}")
