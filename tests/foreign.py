"""Projects of other tools, written by the tests and applied by the real ones: the portal's history as each keeps it.

The real Alembic is the one in the tests' own environment; the real drizzle-kit comes from npm, once, into a cache
folder outside the repository. Without Node, npm or its registry a test is skipped with the reason; in CI it fails.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bench import install

from mizzle.sqltext import split
from portal_edits.columns import ADDED
from portal_edits.edit import apply
from servers import tcp_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conftest import Mizzle
    from servers import Server

ROOT = Path(__file__).parents[1]
PORTAL = ROOT / "portal"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mizzle-tests"  # before conftest hides it
KITS = {"0.31": ("drizzle-0.31.11", install.DRIZZLE), "1.0": ("drizzle-1.0.0-rc.5", install.DRIZZLE_NEXT)}
_BREAK = "\n--> statement-breakpoint\n"
_CONFIG = """\
export default {
  dialect: "postgresql",
  schema: "./schema.ts",
  out: "./drizzle",
  dbCredentials: { url: process.env.DATABASE_URL },
};
"""
_ENV = """\
import os

from sqlalchemy import create_engine

from alembic import context

with create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:", 1)).begin() as connection:
    context.configure(connection=connection, target_metadata=None{options})
    context.run_migrations()
"""
_REVISION = '''\
"""{message}"""

from alembic import op

revision = {revision!r}
down_revision = {down!r}
branch_labels = None
depends_on = {depends!r}


def upgrade() -> None:
    for statement in {statements!r}:
        op.execute(statement.replace(":", r"\\:"))


def downgrade() -> None:
    raise NotImplementedError
'''


def portal_history() -> list[tuple[str, list[str]]]:
    """The portal's first migration in the four pieces that it may have grown in, each with a name."""
    (migration,) = (PORTAL / "migrations").iterdir()
    text = (migration / "up.sql").read_text(encoding="utf-8")
    statements = [fragment.sql.strip().removesuffix(";") for fragment in split(text)]
    pieces: dict[str, list[str]] = {"types": [], "tables": [], "keys": [], "indexes": []}
    for each in statements:
        bare = "\n".join(line for line in each.splitlines() if line and not line.startswith("--"))
        words = bare.split()
        kind = {"TYPE": "types", "TABLE": "tables", "INDEX": "indexes"}[words[1]] if words[0] == "CREATE" else "keys"
        pieces[kind].append(bare)
    return list(pieces.items())


def portal(folder: Path) -> Path:
    """A copy of the portal without its migrations: as it was before it knew of Mizzle but for the configuration."""
    shutil.copytree(PORTAL, folder, ignore=shutil.ignore_patterns("__pycache__", ".mizzle", ".env", "migrations"))
    return folder


@dataclass(frozen=True, slots=True)
class Alembic:
    """A project of Alembic's in `folder`, its scripts in `folder/alembic`."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, *, options: str = "", where: str = "alembic") -> Alembic:
        """Write one without revisions; `options` go to context.configure()."""
        scripts = folder / where
        (scripts / "versions").mkdir(parents=True)
        (scripts / "env.py").write_text(_ENV.format(options=options), encoding="utf-8")
        (scripts / "script.py.mako").write_text("", encoding="utf-8")
        (folder / "alembic.ini").write_text(f"[alembic]\nscript_location = {where}\n", encoding="utf-8")
        return cls(folder)

    def revision(
        self,
        revision: str,
        down: str | tuple[str, ...] | None,
        statements: Sequence[str] = (),
        *,
        message: str = "",
        depends: str | None = None,
        where: str = "alembic/versions",
    ) -> None:
        """Write a revision."""
        text = _REVISION.format(
            message=message, revision=revision, down=down, depends=depends, statements=list(statements)
        )
        (self.folder / where).mkdir(parents=True, exist_ok=True)
        (self.folder / where / f"{revision}.py").write_text(text, encoding="utf-8")

    def portal(self) -> str:
        """Write the portal's history, and return its head."""
        before: str | None = None
        for number, (name, statements) in enumerate(portal_history(), 1):
            revision = f"{number:02d}ab{number:02d}cd{number:02d}ef"
            self.revision(revision, before, statements, message=name)
            before = revision
        assert before is not None
        return before

    def run(self, *arguments: str, url: str) -> str:
        """Run the real `alembic`."""
        return _run([sys.executable, "-m", "alembic", *arguments], self.folder, url)


@dataclass(frozen=True, slots=True)
class Drizzle:
    """A project of drizzle-kit's in `folder`, its migrations in `folder/drizzle`."""

    folder: Path
    form: str

    @classmethod
    def make(cls, folder: Path, form: str) -> Drizzle:
        """Write one without migrations, of the form 0.31 or 1.0."""
        folder.mkdir(exist_ok=True)
        (folder / "node_modules").symlink_to(kit(form) / "node_modules")
        (folder / "drizzle.config.ts").write_text(_CONFIG, encoding="utf-8")
        (folder / "schema.ts").write_text("export {};\n", encoding="utf-8")
        return cls(folder, form)

    @property
    def migrations(self) -> Path:
        """Where its migrations are."""
        return self.folder / "drizzle"

    @property
    def files(self) -> list[str]:
        """The files of SQL in it, in their order."""
        return sorted(str(path.relative_to(self.migrations)) for path in self.migrations.rglob("*.sql"))

    def add(self, name: str, statements: Sequence[str]) -> str:
        """Let drizzle-kit make a migration, write the statements into it, and return its file."""
        before = set(self.files) if self.migrations.exists() else set[str]()
        self.run("generate", "--custom", "--name", name)
        (new,) = set(self.files) - before
        text = _BREAK.join(f"{each};" for each in statements)
        (self.migrations / new).write_text(text, encoding="utf-8")
        return new

    def portal(self) -> list[str]:
        """Write the portal's history, and return its files."""
        return [self.add(name, statements) for name, statements in portal_history()]

    def migrate(self, url: str) -> None:
        """Let drizzle-kit apply what it finds."""
        self.run("migrate", url=tcp_url(url))

    def run(self, *arguments: str, url: str = "postgresql://nowhere/none") -> str:
        """Run the real `drizzle-kit`."""
        return _run([self.folder / "node_modules" / ".bin" / "drizzle-kit", *arguments], self.folder, url)

    def journal(self, *, tag: str, when: int, place: int | None = None) -> None:
        """Enter something in the journal by hand, as a merge does."""
        path = self.migrations / "meta" / "_journal.json"
        journal = json.loads(path.read_text(encoding="utf-8"))
        at = len(journal["entries"]) if place is None else place
        entry = {"idx": at, "version": "7", "when": when, "tag": tag, "breakpoints": True}
        journal["entries"].insert(at, entry)
        path.write_text(json.dumps(journal, indent=2), encoding="utf-8")

    def moment(self, tag: str) -> int:
        """When the journal says that a migration was made, in milliseconds."""
        journal = json.loads((self.migrations / "meta" / "_journal.json").read_text(encoding="utf-8"))
        return next(entry["when"] for entry in journal["entries"] if entry["tag"] == tag)


def kit(form: str) -> Path:
    """Return the folder that the node_modules of a drizzle-kit is in."""
    name, packages = KITS[form]
    folder = CACHE / name
    building = folder.with_name(f"{name}-{os.getpid()}")  # another run may be making it at the same time
    try:
        if not folder.exists():
            install.node_modules(building, packages)
            building.rename(folder)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        shutil.rmtree(building, ignore_errors=True)
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"no drizzle-kit {form} to be had from npm: {error}")
    except OSError:  # that run was first
        shutil.rmtree(building)
    return folder


def made_from_models(server: Server, folder: Path) -> str:
    """Return a database that SQLAlchemy makes from the portal's models in `folder`."""
    url = server.create()
    program = (
        "import os, sqlalchemy; from portal.db.schema import Base; "
        "url = os.environ['DATABASE_URL'].replace('postgresql:', 'postgresql+psycopg:', 1); "
        "Base.metadata.create_all(sqlalchemy.create_engine(url))"
    )
    _run([sys.executable, "-c", program], folder, url)
    return url


def _run(command: Sequence[str | Path], folder: Path, url: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "DATABASE_URL": url, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def expect_adopted(mizzle: Mizzle, folder: Path, database: str) -> None:
    """See that nothing is to be done where a project was taken over and nothing differs."""
    env = {"DATABASE_URL": database}
    assert mizzle("-C", folder, "generate", env=env).stdout == "no changes\n"
    assert mizzle("-C", folder, "migrate", env=env).stdout == "nothing is pending\n"
    assert mizzle("-C", folder, "check", "--url", database, env=env).returncode == 0
    assert mizzle("-C", folder, "adopt", env=env).stdout.startswith("adopted already, as ")


def expect_next_change(mizzle: Mizzle, folder: Path, database: str) -> None:
    """Change the models of the portal, and see that this becomes a migration that runs."""
    env = {"DATABASE_URL": database}
    apply(ADDED[0].text, folder)
    assert mizzle("-C", folder, "generate", env=env).stdout.startswith("wrote migrations/")
    assert mizzle("-C", folder, "migrate", env=env).returncode == 0
    assert mizzle("-C", folder, "check", "--url", database, env=env).returncode == 0
