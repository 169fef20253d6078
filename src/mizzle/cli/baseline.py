"""`mizzle baseline`."""

from __future__ import annotations

from typing import TypedDict

import click

from mizzle.cli import fleets
from mizzle.cli.completing import migrations
from mizzle.cli.manual import Command
from mizzle.cli.results.database import Baselined
from mizzle.cli.settings import Settings, options, tenant


class _Asked(TypedDict):
    """What holds for one database as for many."""

    to: str | None
    compared: bool
    reason: str | None
    wait: float


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
@fleets.fleet
@options
@click.pass_context
def command(
    context: click.Context, to: str | None, reason: str | None, wait: float, fleet: str | None, *, unchecked: bool
) -> None:
    """Start from a database as it is: record migrations as applied, run nothing.

    The database has to be what they make: it is compared first.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    project = settings.project(output)
    from mizzle.project.baseline import baseline, baselines  # noqa: PLC0415 - it compares catalogs

    asked = _Asked(to=to, compared=not unchecked, reason=reason, wait=wait)
    if fleet is not None:
        from mizzle.project.fleet import targets  # noqa: PLC0415 - most runs are of one database

        with project.database() as url:
            members = targets(project, url, fleets.given(fleet, project))
            told = fleets.progress(output, len(members), "compared")
            outcomes = baselines(project, members, **asked, on_done=told)
        context.exit(fleets.show(output, outcomes))
    with project.database() as url:
        told = baseline(project, url, **asked)
    for each in told:
        output.data(f"{output.style('recorded', fg='yellow')}  {each}")
    if not told:
        output.data("nothing to record")
    output.json(Baselined(recorded=tuple(told)))
