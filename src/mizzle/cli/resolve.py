"""`mizzle resolve`."""

from __future__ import annotations

import click

from mizzle.cli.completing import migrations
from mizzle.cli.manual import Command
from mizzle.cli.results.database import Resolved
from mizzle.cli.settings import Settings, options, tenant
from mizzle.project.database import resolve
from mizzle.runner.units import Direction


@click.command("resolve", cls=Command)
@click.argument("migration", metavar="ID", shell_complete=migrations)
@click.option("--applied", "direction", flag_value="up", help="It is there: run by hand, or finished by hand.")
@click.option("--reverted", "direction", flag_value="down", help="It is not there: undone by hand, or never was.")
@click.option("--reason", metavar="TEXT", required=True, help="Why, for those who read the history.")
@click.option("--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to leave another migrator.")
@tenant
@options
@click.pass_obj
def command(settings: Settings, migration: str, direction: Direction | None, reason: str, wait: float) -> None:
    """Record a migration as applied or as reverted; nothing of it is run.

    For what was done by hand: the history says so, with the reason. A file that was edited counts as it is now.
    """
    if direction is None:
        raise click.UsageError("say where it stands: --applied or --reverted")
    output = settings.output()
    resolve(settings.project(output), migration, direction, reason=reason, wait=wait)
    state = "applied" if direction == "up" else "reverted"
    output.data(f"{output.style('recorded', fg='yellow')}  {migration}  as {state}")
    output.json(Resolved(migration=migration, state=state, reason=reason))
