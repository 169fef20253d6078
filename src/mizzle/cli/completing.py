"""What a shell is told that completes an argument."""

from __future__ import annotations

from pathlib import Path

import click

from mizzle.cli.settings import Settings
from mizzle.errors import MizzleError


def migrations(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the ids of the project's migrations that begin so, the newest first; none where there is no project."""
    del parameter
    from mizzle.project import config  # noqa: PLC0415 - only who completes needs it

    named = context.ensure_object(Settings).config
    try:
        path = config.find(Path.cwd(), explicit=None if named is None else Path(named))
        found = [each.name for each in config.load(path).migrations_folder.iterdir() if each.name[:1].isdigit()]
    except (MizzleError, OSError):
        return []
    return sorted((name for name in found if name.startswith(incomplete)), reverse=True)


def commands(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the commands that begin so."""
    del parameter
    root = context.find_root()
    assert isinstance(root.command, click.Group)
    return [each for each in root.command.list_commands(root) if each.startswith(incomplete)]
