"""The tools that are tried: each as its own documentation starts a project, with nothing tuned."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import install
from bench.compare.project import Project
from bench.compare.shop import DJANGO, DRIZZLE, SQLALCHEMY
from bench.django_settings import SETTINGS

_POSTGRES = 'INSTALLED_APPS += ["django.contrib.postgres"]\n'
_CONFIG = """\
export default {
  dialect: "postgresql",
  schema: "./schema.ts",
  out: "./drizzle",
  dbCredentials: { url: process.env.DATABASE_URL },
};
"""


class Mizzle(Project):
    """Mizzle, as `mizzle init` writes its configuration."""

    tool = "mizzle"
    model = SQLALCHEMY
    migrations = "migrations"

    @property
    def version(self) -> str:
        """What `mizzle --version` says."""
        return self.run("mizzle", "--version").text.split()[1]

    def begin(self) -> None:
        """Have the configuration written."""
        self.must("mizzle", "init", "--models", "models:Base")

    def generating(self, name: str) -> Sequence[str]:
        """The command that writes a migration."""
        return ("mizzle", "generate", name)

    def migrating(self) -> Sequence[str]:
        """The command that applies everything."""
        return ("mizzle", "migrate")

    def show(self) -> None:
        """Log up.sql."""
        self.file(self.newest() / "up.sql")

    def last(self) -> Path | None:
        """Return the folder of the last migration."""
        return max((self.root / self.migrations).iterdir(), default=None)


class Alembic(Project):
    """Alembic, as `alembic init` writes it; env.py is told the models and the URL."""

    tool = "alembic"
    model = SQLALCHEMY
    migrations = "script/versions"

    @property
    def version(self) -> str:
        """What `alembic --version` says."""
        return self.run("alembic", "--version").text.rpartition(" ")[2]

    def begin(self) -> None:
        """Have it written, and fill in the two lines that everybody fills in."""
        self.must("alembic", "init", "script")
        env = self.root / "script" / "env.py"
        text = env.read_text(encoding="utf-8")
        models = "import os\nfrom models import Base\ntarget_metadata = Base.metadata"
        text = text.replace("target_metadata = None", models)
        url = 'config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"].replace(":", "+psycopg:", 1))'
        env.write_text(text.replace("target_metadata = Base", f"{url}\ntarget_metadata = Base"), encoding="utf-8")

    def generating(self, name: str) -> Sequence[str]:
        """The command that writes a migration; the name is its id, too."""
        return ("alembic", "revision", "--autogenerate", "-m", name, "--rev-id", name)

    def migrating(self) -> Sequence[str]:
        """The command that applies everything."""
        return ("alembic", "upgrade", "head")

    def show(self) -> None:
        """Log what the last revision does as SQL."""
        self.run("alembic", "upgrade", "initial:head", "--sql")

    def last(self) -> Path | None:
        """Return the file of the last revision."""
        files = (self.root / self.migrations).glob("*.py")
        return max(files, key=lambda path: path.stat().st_mtime_ns, default=None)


class Django(Project):
    """Django's migrations: a project of one application."""

    tool = "django"
    model = DJANGO
    migrations = "shop/migrations"

    @property
    def version(self) -> str:
        """What `django-admin --version` says."""
        return self.run("django-admin", "--version").text

    @property
    def environment(self) -> Mapping[str, str]:
        """Where its settings are."""
        return {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(self.root), "DJANGO_COLORS": "nocolor"}

    def begin(self) -> None:
        """Write the settings and the packages."""
        (self.root / self.migrations).mkdir()
        for package in ("shop", self.migrations):
            (self.root / package / "__init__.py").touch()
        (self.root / "settings.py").write_text(SETTINGS + _POSTGRES, encoding="utf-8")

    def generating(self, name: str) -> Sequence[str]:
        """The command that writes a migration."""
        return ("django-admin", "makemigrations", "shop", "-n", name)

    def migrating(self) -> Sequence[str]:
        """The command that applies everything."""
        return ("django-admin", "migrate")

    def show(self) -> None:
        """Log what the last migration does as SQL."""
        self.run("django-admin", "sqlmigrate", "shop", self.newest().stem)

    def last(self) -> Path | None:
        """Return the file of the last migration."""
        return max((self.root / self.migrations).glob("0*.py"), default=None)


class Drizzle(Project):
    """drizzle-kit 0.31."""

    tool = "drizzle"
    model = DRIZZLE
    migrations = "drizzle"

    @property
    def version(self) -> str:
        """The version in its package."""
        package = self.programs.parent / "drizzle-kit" / "package.json"
        return str(json.loads(package.read_text(encoding="utf-8"))["version"])

    def begin(self) -> None:
        """Write the configuration."""
        (self.root / "node_modules").symlink_to(self.programs.parent)
        (self.root / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        (self.root / "drizzle.config.ts").write_text(_CONFIG, encoding="utf-8")

    def generating(self, name: str) -> Sequence[str]:
        """The command that writes a migration."""
        return ("drizzle-kit", "generate", "--name", name)

    def migrating(self) -> Sequence[str]:
        """The command that applies everything."""
        return ("drizzle-kit", "migrate")

    def show(self) -> None:
        """Log the file of the last migration."""
        self.file(self.newest())

    def last(self) -> Path | None:
        """Return the last file of SQL."""
        return max((self.root / self.migrations).glob("*.sql"), default=None)


class DrizzleNext(Drizzle):
    """drizzle-kit 1.0, not released yet."""

    tool = "drizzle-next"

    def last(self) -> Path | None:
        """Return the last file of SQL."""
        return max((self.root / self.migrations).glob("*/migration.sql"), default=None)


def installed(folder: Path) -> Mapping[type[Project], Path]:
    """Install the tools into `folder`, and return where the programs of each are; Mizzle's are this environment's."""
    here = Path(sys.executable).parent
    assert shutil.which("mizzle", path=here), "mizzle is not installed where this runs"
    return {
        Mizzle: here,
        Drizzle: install.node_modules(folder / "drizzle", install.DRIZZLE) / "node_modules" / ".bin",
        DrizzleNext: install.node_modules(folder / "drizzle-next", install.DRIZZLE_NEXT) / "node_modules" / ".bin",
        Alembic: install.environment(folder / "alembic", install.ALEMBIC),
        Django: install.environment(folder / "django", install.DJANGO),
    }
