"""The configuration and an empty migrations folder, written into a project."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from mizzle.adopt.detect import is_drizzle
from mizzle.errors import ConfigError
from mizzle.project import config as configs
from mizzle.project import settings_file
from mizzle.sources import models as sources

_PLACEHOLDER = "app.models:Base"
_NOT_LOOKED_INTO = frozenset({"site-packages", "dist-packages", "node_modules", "tests", "__pycache__"})
_LARGEST = 1_000_000  # bytes of a source; a larger one is generated


class Initialised(msgspec.Struct, frozen=True):
    """What was written: the configuration file and the migrations folder, and the models that were taken.

    `found` is False where nothing said where the models are: a placeholder stands in the file then.
    """

    config: Path
    migrations: Path
    models: str
    found: bool


def init(folder: Path, *, models: str = "") -> Initialised:
    """Write `[tool.mizzle]` into the pyproject.toml of `folder` (or a mizzle.toml) and make the migrations folder.

    Raises ConfigError where there is a configuration already, or nothing can be written; all is as it was then.
    """
    if (there := configs.in_folder(folder)) is not None:
        raise ConfigError(f"{there} has the settings already", hint="edit them there")
    found = _checked(models) or guess(folder)
    pyproject = folder / configs.PYPROJECT
    path = pyproject if pyproject.is_file() else folder / configs.OWN
    migrations = folder / _free(folder)
    try:
        made = not migrations.is_dir()
        migrations.mkdir(exist_ok=True)
        try:
            _append(path, _section(found or _PLACEHOLDER, migrations.name, header=path == pyproject))
        except BaseException:
            if made:
                migrations.rmdir()
            raise
    except FileExistsError as error:
        raise ConfigError(f"{migrations} is there, and is no folder", hint="move it away") from error
    except OSError as error:
        raise ConfigError(
            f"cannot write {error.filename}: {error.strerror}",
            hint=f"make {folder} writable, and see that there is room",
        ) from error
    return Initialised(path, migrations, found or _PLACEHOLDER, found=bool(found))


def guess(folder: Path) -> str:
    """Return where the models seem to be, by the text of the sources in `folder`: `package.module:Base`, or nothing."""
    for root in (folder / "src", folder):
        for path in _sources(root):
            text = path.read_text(encoding="utf-8", errors="replace")
            parts = path.relative_to(root).with_suffix("").parts
            module = parts[:-1] if parts[-1] == "__init__" else parts
            is_module = bool(module) and all(map(str.isidentifier, module))
            if is_module and "class Base(" in text and ("DeclarativeBase" in text or "declarative_base" in text):
                return f"{'.'.join(module)}:Base"
    return ""


def _free(folder: Path) -> str:
    """Return what the migrations folder is to be called: not as one in which Alembic or Drizzle keep theirs."""
    usual = folder / "migrations"
    taken = (usual / "env.py").exists() or (usual.is_dir() and is_drizzle(usual))
    return "mizzle_migrations" if taken else usual.name


def _checked(models: str) -> str:
    if ":" in models:
        sources.module_of(models)
    elif models and not models.endswith((".sql", "/")):
        raise ConfigError(
            f"not a place of models: {models}", hint="such as --models app.models:Base or --models schema.sql"
        )
    return models


def _sources(root: Path) -> Iterator[Path]:
    """Yield the Python files below `root` that can be read, without those of installed packages and hidden folders."""
    for at, folders, files in os.walk(root):
        folders[:] = sorted(
            f for f in folders if f not in _NOT_LOOKED_INTO and not f.startswith(".") and not _is_venv(at, f)
        )
        for path in (Path(at, file) for file in sorted(files) if file.endswith(".py")):
            if os.access(path, os.R_OK) and path.is_file() and path.stat().st_size <= _LARGEST:
                yield path


def _is_venv(at: str, folder: str) -> bool:
    return Path(at, folder, "pyvenv.cfg").exists()


def _append(path: Path, section: str) -> None:
    """Write `section` behind what is in a file, whole or not at all."""
    before = settings_file.read(path) if path.exists() else ""
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    settings_file.replace(path, before + gap + section)


def _section(models: str, migrations: str, *, header: bool) -> str:
    quoted = json.dumps(models, ensure_ascii=False)
    lines = [
        f"models = {quoted}  # MODULE:ATTR of a declarative base, a registry or a MetaData",
        f'migrations = "{migrations}"',
        'url = "env:DATABASE_URL"  # never a password in this file',
        'schemas = ["public"]  # what this project manages; nothing else is touched',
    ]
    return "\n".join((["[tool.mizzle]"] if header else []) + lines) + "\n"
