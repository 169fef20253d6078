"""The configuration and an empty migrations folder, written into a project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mizzle.errors import ConfigError
from mizzle.project import config as configs


@dataclass(frozen=True, slots=True)
class Initialised:
    """What was written: the configuration file and the migrations folder, and the models that were taken."""

    config: Path
    migrations: Path
    models: str


def init(folder: Path, *, models: str = "") -> Initialised:
    """Write `[tool.mizzle]` into the pyproject.toml of `folder` (or a mizzle.toml) and make the migrations folder.

    Raises ConfigError where there is a configuration already.
    """
    pyproject = folder / "pyproject.toml"
    path = pyproject if pyproject.is_file() else folder / "mizzle.toml"
    if _configured(folder):
        raise ConfigError(f"{path} is configured already", hint="edit [tool.mizzle] there")
    models = models or guess(folder) or "app.models:Base"
    section = _section(models, header=path == pyproject)
    migrations = folder / "migrations"
    try:
        migrations.mkdir(exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
        path.write_text(before + gap + section, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"cannot write {error.filename}: {error.strerror}", hint="make the folder writable"
        ) from error
    return Initialised(path, migrations, models)


def guess(folder: Path) -> str:
    """Return where the models seem to be by the text of the sources below `folder`: `package.module:Base`, or nothing."""
    for root in (folder, folder / "src"):
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if any(part.startswith(".") or part in {"site-packages", "node_modules", "tests"} for part in parts):
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            if "class Base(" in text and ("DeclarativeBase" in text or "declarative_base" in text):
                module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                return f"{module}:Base" if module else ""
    return ""


def _configured(folder: Path) -> bool:
    try:
        return configs.find(folder).parent == folder
    except ConfigError:
        return False


def _section(models: str, *, header: bool) -> str:
    lines = [
        f'models = "{models}"  # MODULE:ATTR of a declarative base, a registry or a MetaData',
        'migrations = "migrations"',
        'url = "env:DATABASE_URL"  # never a password in this file',
        'schemas = ["public"]  # what this project manages; nothing else is touched',
    ]
    return "\n".join((["[tool.mizzle]"] if header else []) + lines) + "\n"
