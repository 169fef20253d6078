"""`mizzle help`."""

from __future__ import annotations

import click

from mizzle.cli.completing import commands
from mizzle.cli.manual import Command
from mizzle.cli.results.files import HelpPage
from mizzle.cli.settings import Settings, options


@click.command("help", cls=Command)
@click.argument("name", metavar="[COMMAND]", default="", shell_complete=commands)
@options
@click.pass_context
def command(context: click.Context, name: str) -> None:
    """Show the page of a command, as its --help does."""
    root = context.find_root()
    asked = root
    if name:
        assert isinstance(root.command, click.Group)
        found = root.command.get_command(root, name)
        assert found is not None
        asked = click.Context(found, info_name=name, parent=root)
    text = asked.get_help()
    output = context.ensure_object(Settings).output()
    output.data(text)
    output.json(HelpPage(command=name or None, text=text))
