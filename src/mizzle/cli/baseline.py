"""`mizzle baseline`."""

from __future__ import annotations

import click

from mizzle.cli.completing import migrations
from mizzle.cli.manual import Command
from mizzle.cli.results.database import Baselined
from mizzle.cli.settings import Settings, options, tenant


@click.command("baseline", cls=Command)
@click.option(
    "--to",
    metavar="ID",
    shell_complete=migrations,
    help="The last migration that the database has; all where it is not given.",
)
@click.option("--unchecked", is_flag=True, help="Record without comparing.")
@click.option("--reason", metavar="TEXT", help="Why, for those who read the history.")
@click.option("--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to leave another migrator.")
@tenant
@options
@click.pass_obj
def command(settings: Settings, to: str | None, reason: str | None, wait: float, *, unchecked: bool) -> None:
    """Start from a database as it is: record migrations as applied, run nothing.

    The database has to be what they make: it is compared first.
    """
    output = settings.output()
    project = settings.project(output)
    from mizzle.project.baseline import baseline  # noqa: PLC0415 - it compares catalogs

    with project.database() as url:
        told = baseline(project, url, to=to, compared=not unchecked, reason=reason, wait=wait)
    for each in told:
        output.data(f"{output.style('recorded', fg='yellow')}  {each}")
    if not told:
        output.data("nothing to record")
    output.json(Baselined(recorded=tuple(told)))
