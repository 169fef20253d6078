"""Which other tool has run a project, by the files that lie in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

Tool = Literal["alembic", "drizzle", "database"]

JOURNAL = Path("meta") / "_journal.json"
MIGRATION = "migration.sql"
_NOT_LOOKED_INTO = frozenset({"node_modules", "site-packages", "__pycache__"})
_DEPTH = 3


class Found(msgspec.Struct, frozen=True):
    """A project of another tool: alembic.ini, pyproject.toml or the folder of Alembic's scripts; Drizzle's folder."""

    tool: Tool
    path: Path


def look(root: Path) -> tuple[Found, ...]:
    """Return what lies in `root` and a few folders below it; not in hidden ones, nor in those of packages."""
    found = [Found("alembic", root / "pyproject.toml")] if _in_pyproject(root / "pyproject.toml") else []
    for folder in _folders(root, _DEPTH):
        if (folder / "alembic.ini").is_file():
            found = [each for each in found if each.path.parent != folder]  # it goes before the same in pyproject.toml
            found.append(Found("alembic", folder / "alembic.ini"))
        if is_drizzle(folder):
            found.append(Found("drizzle", folder))
    return tuple(found)


def is_drizzle(folder: Path) -> bool:
    """Say whether Drizzle writes its migrations there, in either form."""
    return (folder / JOURNAL).is_file() or any(
        (each / MIGRATION).is_file() and (each / "snapshot.json").is_file() for each in _inside(folder)
    )


def _in_pyproject(path: Path) -> bool:
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False  # who reads it as a configuration says what is wrong with it
    tool = document.get("tool")
    return isinstance(tool, dict) and "alembic" in tool


def _folders(root: Path, depth: int) -> Iterator[Path]:
    yield root
    for each in _inside(root) if depth else ():
        hidden = each.name.startswith(".") or each.name in _NOT_LOOKED_INTO or (each / "pyvenv.cfg").exists()
        if not hidden and not (each / MIGRATION).exists():
            yield from _folders(each, depth - 1)


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink())
    except PermissionError:
        return []
