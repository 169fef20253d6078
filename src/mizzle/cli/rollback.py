"""`mizzle rollback`."""

from __future__ import annotations

import click

from mizzle.cli import asking
from mizzle.cli.completing import migrations
from mizzle.cli.manual import Command
from mizzle.cli.output import Output
from mizzle.cli.results.database import Loss, Ran, RolledBack
from mizzle.cli.settings import Settings, log, options, tenant
from mizzle.project.losses import counted, unaccepted
from mizzle.project.rollback import Rollback, doubts, objects, plan_rollback, rollback


@click.command("rollback", cls=Command)
@click.option(
    "--to",
    metavar="ID",
    shell_complete=migrations,
    help="Go back to this migration, which stays; `empty` is before the first.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be reverted, and what that deletes; change nothing.")
@click.option(
    "--accept-data-loss", "accept", metavar="NAME", multiple=True, help="This table or column may be deleted."
)
@click.option(
    "--lock-timeout", default="4s", show_default=True, metavar="DURATION", help="How long a step waits for a lock."
)
@click.option("--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to leave another migrator.")
@log
@tenant
@options
@click.pass_context
def command(
    context: click.Context, to: str | None, accept: tuple[str, ...], lock_timeout: str, wait: float, *, dry_run: bool
) -> None:
    """Revert the last migration, or all behind one, by their down.sql.

    Refuses to delete rows, which are counted before, unless each table and column is named.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    settings.trace(output)
    project = settings.project(output)
    from mizzle.cli.progress import tell  # noqa: PLC0415 - as in migrate

    with project.database() as url:
        planned = plan_rollback(project, url, to=to)
        _show(output, planned, dry_run=dry_run)
        if dry_run or not planned.migrations:
            output.json(_as_json(planned, ()))
            return
        agreed = _agreed(planned, accept)
        if agreed is None:
            output.data("nothing was changed")
            output.json(_as_json(planned, ()))
            context.exit(1)
        report = rollback(
            project,
            url,
            planned,
            accept=agreed,
            lock_timeout=lock_timeout,
            wait=wait,
            on_event=lambda event: tell(output, event),
        )
    output.json(_as_json(planned, report.reverted))


def _show(output: Output, planned: Rollback, *, dry_run: bool) -> None:
    if not planned.migrations:
        output.data("nothing to revert")
    for each in planned.ids if dry_run else ():
        output.data(f"would be reverted  {each}")
    for loss in planned.losses:
        output.data(output.style(f"deletes {loss.address}: {counted(loss.rows, 'row')}", fg="red", bold=True))
    for each in planned.lost:
        output.note(each)


def _agreed(planned: Rollback, accept: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what may be deleted; None where the person at the terminal does not want it."""
    if not asking.has_terminal():
        return accept
    for loss in unaccepted(planned.losses, objects(planned, accept)):
        typed = click.prompt(f"type {loss.address.sql} to delete it", err=True)
        if typed != loss.address.sql:
            return None
        accept = (*accept, typed)
    for migration, doubt in doubts(planned, accept).items():
        if not click.confirm(f"{doubt.message}. Run it?", err=True):
            return None
        accept = (*accept, migration)
    return accept


def _as_json(planned: Rollback, reverted: tuple[tuple[str, float], ...]) -> RolledBack:
    return RolledBack(
        reverted=tuple(Ran(migration=each, seconds=round(seconds, 3)) for each, seconds in reverted),
        migrations=tuple(planned.ids),
        losses=tuple(Loss(object=str(loss.address), rows=loss.rows) for loss in planned.losses),
        uncounted=planned.uncounted,
        never_run=tuple(planned.found),
    )
