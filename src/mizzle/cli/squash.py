"""`mizzle squash`."""

from __future__ import annotations

import click

from mizzle.cli.completing import migrations
from mizzle.cli.manual import Command
from mizzle.cli.results.files import Squashed
from mizzle.cli.settings import Settings, options
from mizzle.project.squash import squash


@click.command("squash", cls=Command)
@click.option(
    "--to", metavar="ID", shell_complete=migrations, help="The last migration to put together with those before it."
)
@click.option("--without-data", is_flag=True, help="Leave out the statements that make rows.")
@options
@click.pass_obj
def command(settings: Settings, to: str | None, *, without_data: bool) -> None:
    """Put old migrations together into one, proved.

    A database that has all of them has it, and is not touched; a new one runs it instead of them.
    """
    output = settings.output()
    done = squash(settings.project(output), to=to, without_data=without_data)
    output.data(f"{output.style('squashed', fg='green')}  {len(done.replaced)} migrations into {done.id}")
    output.json(Squashed(migration=done.id, replaced=tuple(done.replaced)))
