"""`mizzle migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mizzle.cli.output import Output
from mizzle.cli.settings import Settings, options, tenant
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
@tenant
@options
@click.pass_obj
def command(settings: Settings, to: str | None, lock_timeout: str, wait: float, *, dry_run: bool) -> None:
    """Run what is pending, each migration once and wholly."""
    output = settings.output()
    report = migrate_project(
        settings.project(output),
        to=to,
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        wait=wait,
        on_event=_listener(output),
    )
    if dry_run:
        output.data("\n".join(f"pending  {each}" for each in report.pending) or "nothing is pending")
    elif not report.applied:
        output.data("nothing is pending")
    output.json(
        {
            "applied": [{"migration": each, "seconds": round(seconds, 3)} for each, seconds in report.applied],
            "pending": list(report.pending),
        }
    )


def _listener(output: Output) -> Listener:
    def hear(event: Event) -> None:
        from mizzle.cli.progress import tell  # noqa: PLC0415 - where nothing is to be run, nothing happens

        tell(output, event)

    return hear
