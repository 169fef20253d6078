"""`mizzle migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mizzle.cli import fleets
from mizzle.cli.output import Output
from mizzle.cli.settings import Settings, log, options, tenant
from mizzle.project.database import migrate_project

if TYPE_CHECKING:
    from mizzle.runner.events import Event, Listener


@click.command("migrate")
@click.option("--to", metavar="ID", help="The last migration to run.")
@click.option("--dry-run", is_flag=True, help="Show what would run; change nothing.")
@click.option(
    "--lock-timeout", default="4s", show_default=True, metavar="DURATION", help="How long a step waits for a lock."
)
@click.option("--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to leave another migrator.")
@log
@tenant
@fleets.fleet
@fleets.jobs
@click.option(
    "--canaries", type=click.IntRange(0), default=1, show_default=True, metavar="N", help="How many targets first."
)
@click.option(
    "--stop", type=click.IntRange(0, 100), default=5, show_default=True, metavar="PERCENT", help="Failures to end at."
)
@options
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    context: click.Context,
    *,
    to: str | None,
    lock_timeout: str,
    wait: float,
    dry_run: bool,
    fleet: str | None,
    jobs: int,
    canaries: int,
    stop: int,
) -> None:
    """Run what is pending, each migration once and wholly.

    With --fleet on many databases or tenants: the canaries first, then in waves; nothing more is begun when a canary
    has failed, or more than the share of all. The next run goes on with what is left.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    settings.trace(output)
    project = settings.project(output)
    if fleet is not None:
        from mizzle.project import fleet as many  # noqa: PLC0415 - most runs are of one database

        with project.database() as url:
            members = many.targets(project, url, fleets.given(fleet, project.config.fleet))
            outcomes = many.migrate(
                project,
                members,
                pace=many.Pace(jobs=jobs, canaries=canaries, stop=stop / 100),
                to=to,
                dry_run=dry_run,
                lock_timeout=lock_timeout,
                wait=wait,
                on_done=fleets.progress(output, len(members), "looked at" if dry_run else "migrated"),
            )
        context.exit(fleets.show(output, outcomes))
    report = migrate_project(
        project,
        to=to,
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        wait=wait,
        on_event=_listener(output),
    )
    told: dict[str, object] = {
        "applied": [{"migration": each, "seconds": round(seconds, 3)} for each, seconds in report.applied],
        "pending": list(report.pending),
    }
    if dry_run:
        from mizzle.cli import dry_run as shown  # noqa: PLC0415 - most runs are none

        output.data("\n".join(shown.lines(report.forecasts)) or "nothing is pending")
        told["plan"] = shown.as_json(report.forecasts)
    elif not report.applied:
        output.data("nothing is pending")
    output.json(told)


def _listener(output: Output) -> Listener:
    def hear(event: Event) -> None:
        from mizzle.cli.progress import tell  # noqa: PLC0415 - where nothing is to be run, nothing happens

        tell(output, event)

    return hear
