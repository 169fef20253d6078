"""`mizzle push`."""

from __future__ import annotations

import click

from mizzle.cli.answers import rename
from mizzle.cli.manual import Command
from mizzle.cli.settings import Settings, options


@click.command("push", cls=Command)
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option(
    "--accept-data-loss", "accept", metavar="NAME", multiple=True, help="This table or column may be deleted."
)
@click.option("--rename", "renames", metavar="A:B", multiple=True, help="public.users.name:full_name was renamed.")
@options
@click.pass_context
def command(context: click.Context, accept: tuple[str, ...], renames: tuple[str, ...], *, yes: bool) -> None:
    """Apply the models to a development database, without files.

    Shows the plan and what would be lost, and asks. Refuses a database that has a migration history, Mizzle's or
    another tool's.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    project = settings.project(output)
    project.read_ahead()
    project.start_scratch()
    from mizzle.cli import pushing  # noqa: PLC0415 - it takes as long as the models, and as the server to start

    context.exit(pushing.push(output, project, accept, dict(map(rename, renames)), yes=yes))
