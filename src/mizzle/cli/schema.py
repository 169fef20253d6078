"""`mizzle schema`."""

from __future__ import annotations

import click

from mizzle.cli.completing import commands
from mizzle.cli.manual import Command
from mizzle.cli.output import indented
from mizzle.cli.settings import Settings, options
from mizzle.errors import ConfigError, did_you_mean


@click.command("schema", cls=Command)
@click.argument("of", metavar="[COMMAND]", default="", shell_complete=commands)
@options
@click.pass_obj
def command(settings: Settings, of: str) -> None:
    """Print the JSON Schema of what a command prints with --json."""
    output = settings.output()
    # Imported here: it knows what every command prints.
    from mizzle.cli.results.schemas import RESULTS, schema  # noqa: PLC0415

    if of and of not in RESULTS:
        meant = did_you_mean(of, RESULTS)
        raise ConfigError(f"there is no schema of {of}", hint=meant or f"of one of these: {', '.join(RESULTS)}")
    found = schema(*([of] if of else RESULTS))
    output.document(indented(found))
