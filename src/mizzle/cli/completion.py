"""`mizzle completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from mizzle.cli.manual import Command
from mizzle.cli.results.files import Completion
from mizzle.cli.settings import Settings, options

SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_MIZZLE_COMPLETE"


@click.command("completion", cls=Command)
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELLS))
@options
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, options and the ids of migrations."""
    output = context.ensure_object(Settings).output()
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(context.find_root().command, {}, "mizzle", _VARIABLE).source_template % {
        "complete_func": "_mizzle_completion",
        "complete_var": _VARIABLE,
        "prog_name": "mizzle",
    }
    output.data(script.rstrip("\n"))
    output.json(Completion(shell=shell, script=script))
