"""What is measured of Mizzle: each of its commands on a project, in the states in which it takes different paths."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.measure import Case
from bench.schemas import Sample
from bench.server import Databases

TOOL = "mizzle"
IMPORT = "import the models alone"
NO_CHANGE, SAVED = "`generate`, nothing to do", "`generate`, nothing to do, a module of the models saved again"
INITIAL, READ = "`generate`, the initial migration", "`generate`, the initial migration, models read before"
RUN, NOTHING = "`migrate`, all of it", "`migrate`, nothing to do"
FIRST_EVER = "`generate`, the initial migration, first use on this machine"


@dataclass(frozen=True, slots=True)
class Mizzle:
    """A project with its initial migration, a database that has run it, and one that was pushed to."""

    sample: Sample
    programs: Path
    databases: Databases
    environment: Mapping[str, str]
    cache: Path
    saved: Path
    _columns: count[int] = field(default_factory=count)

    @classmethod
    def of(cls, sample: Sample, programs: Path, databases: Databases, environment: Mapping[str, str]) -> Mizzle:
        """Generate the initial migration and make both databases."""
        cache = sample.root.parent / "cache"
        saved = sample.root.parent / f"{sample.root.name}-migrations"
        made = cls(sample, programs, databases, {**environment, "XDG_CACHE_HOME": str(cache)}, cache, saved)
        made._quietly("generate")
        shutil.copytree(sample.migrations, saved)
        made._quietly("--url", databases.named("migrated"), "migrate")
        made._quietly("--url", databases.named("pushed"), "push", "--yes")
        return made

    def everyday(self) -> tuple[Case, ...]:
        """Return the steps that peers have, too, in the order of peers.STEPS."""
        return (
            self._no_change(),
            self._no_change_saved(),
            self._initial(),
            self._initial_read(),
            self._run(),
            self._nothing_to_run(),
        )

    def importing(self) -> Case:
        """Import the models in Python and do nothing else."""
        command = [self.programs / "python", "-c", f"import {self.sample.module}"]
        return Case(IMPORT, "Python", command, self.sample.root, self.environment, prepare=self.as_generated)

    def _no_change(self) -> Case:
        """Generate where nothing was touched since the last time: the models need not be imported."""
        return self._case(NO_CHANGE, "generate", prints="no changes", prepare=self.as_generated)

    def _no_change_saved(self) -> Case:
        """Generate where models and migrations agree, and a module of the models was saved again."""
        return self._case(SAVED, "generate", prints="no changes", prepare=self._as_saved)

    def _initial(self) -> Case:
        """Generate and prove the first migration from models that were just written."""
        return self._case(INITIAL, "generate", prints="wrote", prepare=self._bare)

    def _initial_read(self) -> Case:
        """Generate and prove the first migration from models that an earlier command has read, `mizzle init` say."""
        return self._case(READ, "generate", prints="wrote", prepare=self.without_migrations)

    def first_ever(self) -> Case:
        """Generate the first migration where no scratch server was ever made, and its cluster is built first."""
        return self._case(FIRST_EVER, "generate", prints="wrote", prepare=self._as_new)

    def _run(self) -> Case:
        """Migrate an empty database."""
        return self._case(RUN, "migrate", prints="applied", prepare=self._emptied, database=self.databases.url("scrap"))

    def _nothing_to_run(self) -> Case:
        """Migrate a database that has it all."""
        return self._case(NOTHING, "migrate", prints="nothing is pending", prepare=self.as_generated)

    def others(self) -> list[Case]:
        """Return the other commands, on models as they are."""
        scrap, pushed = self.databases.url("scrap"), self.databases.url("pushed")
        return [
            self._case("`check`, first time", "check", prepare=self._unproved),
            self._case("`check`, again", "check", prints="as proved before", prepare=self.as_generated),
            self._case("`status`", "status", prepare=self.as_generated),
            self._case("`push`, all of it", "push", "--yes", prepare=self._emptied, database=scrap),
            self._case("`push`, nothing to do", "push", "--yes", prepare=self.as_generated, database=pushed),
            self._case("`diff head models`", "diff", "head", "models", prepare=self.as_generated),
        ]

    def edited(self) -> list[Case]:
        """Return what is measured with one column added: with the migrations to be replayed, and with that kept."""
        first, again = "`generate`, one column added", "`generate`, one column added, once more"
        return [
            self._case(first, "generate", prints="proved", prepare=self._one_more_column),
            self._case(again, "generate", prints="proved", prepare=self._other_column),
        ]

    def verify_equal(self, database: str) -> None:
        """Raise CalledProcessError unless a database that another tool made is what the models say."""
        self._quietly("diff", self.databases.url(database), "models")

    def as_generated(self) -> None:
        """Models and migrations as they were after the initial migration."""
        self.without_migrations()
        for migration in self.saved.iterdir():
            shutil.copytree(migration, self.sample.migrations / migration.name)

    def without_migrations(self) -> None:
        """The models as they were, and no migration."""
        self.sample.restore()
        shutil.rmtree(self.sample.migrations)
        self.sample.migrations.mkdir()

    def _as_saved(self) -> None:
        self.as_generated()
        self.sample.edited.touch()

    def _bare(self) -> None:
        self.without_migrations()
        self.sample.edited.touch()

    def _emptied(self) -> None:
        self.as_generated()
        self.databases.empty("scrap")

    def _as_new(self) -> None:
        self.without_migrations()
        shutil.rmtree(self.cache)

    def _other_column(self) -> None:
        self.as_generated()
        self.sample.add_column(f"added_{next(self._columns)}")

    def _one_more_column(self) -> None:
        """Forget the replayed migrations, too: with the server's databases, which the next run takes up anew."""
        self.as_generated()
        for copy in self.cache.glob("mizzle/postgres/*/[0-9]*"):
            shutil.rmtree(copy)
        self._quietly("diff", "head", "models")
        self._other_column()

    def _unproved(self) -> None:
        self.as_generated()
        shutil.rmtree(self.cache / "mizzle" / "proved", ignore_errors=True)

    def _case(
        self,
        name: str,
        *arguments: str,
        prints: str = "",
        prepare: Callable[[], None],
        database: str = "",
    ) -> Case:
        environment = {**self.environment, "DATABASE_URL": database or self.databases.url("migrated")}
        command = [self.programs / "mizzle", *arguments]
        return Case(name, TOOL, command, self.sample.root, environment, prints=prints, prepare=prepare)

    def _quietly(self, *arguments: str) -> None:
        command = [str(self.programs / "mizzle"), *arguments]
        subprocess.run(command, cwd=self.sample.root, env=dict(self.environment), capture_output=True, check=True)
