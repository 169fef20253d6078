"""What is taken over: which tool ran a project, and which table of the database is its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from mizzle.adopt import detect
from mizzle.adopt.detect import Found, Tool
from mizzle.adopt.effects import Verdict
from mizzle.adopt.findings import Finding
from mizzle.adopt.versions import Table
from mizzle.errors import ConfigError, DecisionNeeded

_NAME_ONE = "name one: mizzle adopt alembic FILE, mizzle adopt drizzle FOLDER, or mizzle adopt database"
_LISTED = 12


class FileSeen(msgspec.Struct, frozen=True):
    """A file of Drizzle's: whether its table has it, and what the database says of it."""

    file: str
    verdict: Verdict
    recorded: bool


class Source(msgspec.Struct, frozen=True):
    """What is taken over: the tool and where its files are, in words what they are and where the database stands.

    `revision` is what the history will say of it; `files` and `findings` are of Drizzle's files; `notes` are Alembic's,
    or name the tools whose tables lie in a database that is taken as it is.
    """

    tool: Tool
    path: Path | None
    said: tuple[str, ...]
    revision: str
    files: tuple[FileSeen, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def find(root: Path, tool: Tool | None, path: Path | None) -> Found:
    """Return what is to be taken over: what is named, or else the one thing that lies in the project.

    Raises DecisionNeeded where several do, ConfigError where nothing is what is named.
    """
    if path is not None and not path.exists():
        raise ConfigError(f"there is no {path}", hint=_NAME_ONE)
    if tool == "database":
        return Found("database", root)
    if tool is not None and path is not None:
        return Found(tool, path)
    found = [each for each in detect.look(root) if tool in {None, each.tool}]
    if tool is not None and not found:
        raise ConfigError(f"there is nothing of {tool.capitalize()} in {root}", hint=_NAME_ONE)
    if len(found) > 1:
        listed = "".join(f"\n  {each.tool} {shown(each.path)}" for each in found)
        raise DecisionNeeded(f"there are migrations of more than one kind:{listed}", hint=_NAME_ONE)
    return found[0] if found else Found("database", root)


def one_table(tables: Sequence[Table], tool: Tool, name: str) -> Table | None:
    """Return the table in which `tool` keeps what it has applied: the one of that `name`, or the only one.

    Raises DecisionNeeded where there are several, ConfigError where none is called so.
    """
    found = [each for each in tables if each.tool == tool]
    if name:
        named = [each for each in found if name in {each.sql, each.name, f"{each.schema}.{each.name}"}]
        if len(named) != 1:
            there = ", ".join(each.sql for each in found) or "none"
            raise ConfigError(f"no version table of {tool.capitalize()} is called {name}", hint=f"there is: {there}")
        return named[0]
    sure = [each for each in found if each.sure]
    if len(sure) > 1:
        listed = ", ".join(each.sql for each in sure)
        raise DecisionNeeded(
            f"the database has several version tables of {tool.capitalize()}: {listed}",
            hint=f"name the one of this project: --version-table {sure[0].sql}",
        )
    return sure[0] if sure else None


def by_hand(tables: Sequence[Table]) -> Source:
    """Return a database that is taken over as it is; of other tools only their `tables` are there."""
    notes = tuple(
        f"{each.tool.capitalize()} has run this database ({each.sql}); its files were not found, or not named"
        for each in tables
        if each.sure
    )
    return Source("database", None, ("a database as it is",), "from hands", notes=notes)


def shown(path: Path) -> str:
    """Return a path as it is told: from where the command runs, a folder with a slash."""
    return f"{os.path.relpath(path)}{'/' * path.is_dir()}"


def some(items: Sequence[object]) -> str:
    """Return the first of a list for an error, a line each, and how many more there are."""
    more = [f"and {len(items) - _LISTED} more"] if len(items) > _LISTED else []
    return "".join(f"\n  {each}" for each in (*items[:_LISTED], *more))
