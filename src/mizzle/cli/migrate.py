"""`mizzle migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import click
from msgspec import UNSET, UnsetType

from mizzle.cli import fleets
from mizzle.cli.completing import migrations
from mizzle.cli.manual import Command
from mizzle.cli.output import Output
from mizzle.cli.results.database import Foreseen, Migrated, Ran, Waits
from mizzle.cli.settings import Settings, form, log, options, tenant
from mizzle.errors import ConfigError
from mizzle.project.database import migrate_project

if TYPE_CHECKING:
    from mizzle.project.project import Project
    from mizzle.runner.events import Event, Listener


@click.command("migrate", cls=Command)
@click.option("--to", metavar="ID", shell_complete=migrations, help="The last migration to run.")
@click.option("--contract", is_flag=True, help="No old code runs any more: contract migrations run, too.")
@click.option("--dry-run", is_flag=True, help="Show what would run; change nothing.")
@click.option(
    "--lock-timeout", default="4s", show_default=True, metavar="DURATION", help="How long a step waits for a lock."
)
@click.option("--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to leave another migrator.")
@form("markdown", text="text, or of a dry run markdown: for a comment.")
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
    contract: bool,
    dry_run: bool,
    fleet: str | None,
    jobs: int,
    canaries: int,
    stop: int,
    form: str,
) -> None:
    """Run what is pending, each migration once and wholly.

    The contract of an expand migration waits for --contract, and so does what comes behind it, unless the database is
    new.

    With --fleet on many databases or tenants: the canaries first, then in waves; nothing more is begun when a canary
    has failed, or more than the share of all. The next run goes on with what is left.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    form = settings.one_form(form)
    if form == "markdown" and (fleet is not None or not dry_run):
        raise ConfigError("--format markdown is of a dry run of one database", hint="add --dry-run, without --fleet")
    settings.trace(output)
    project = settings.project(output)
    terms = _Terms(to=to, contract=contract, dry_run=dry_run, lock_timeout=lock_timeout, wait=wait)
    if fleet is not None:
        context.exit(_many(output, project, fleet, terms, jobs=jobs, canaries=canaries, stop=stop / 100))
    _one(output, project, terms, form)


class _Terms(TypedDict):
    """What holds for one database as for many."""

    to: str | None
    contract: bool
    dry_run: bool
    lock_timeout: str
    wait: float


def _many(  # noqa: PLR0913 - as above
    output: Output, project: Project, fleet: str, terms: _Terms, *, jobs: int, canaries: int, stop: float
) -> int:
    from mizzle.project import fleet as many  # noqa: PLC0415 - most runs are of one database

    with project.database() as url:
        members = many.targets(project, url, fleets.given(fleet, project))
        doing = "looked at" if terms["dry_run"] else "migrated"
        outcomes = many.migrate(
            project,
            members,
            pace=many.Pace(jobs=jobs, canaries=canaries, stop=stop),
            on_done=fleets.progress(output, len(members), doing),
            **terms,
        )
    return fleets.show(output, outcomes)


def _one(output: Output, project: Project, terms: _Terms, form: str) -> None:
    report = migrate_project(project, **terms, on_event=_listener(output))
    plan: tuple[Foreseen, ...] | UnsetType = UNSET
    if terms["dry_run"]:
        from mizzle.cli import dry_run as shown  # noqa: PLC0415 - most runs are none

        text = "\n".join(shown.lines(report.forecasts))
        if form == "markdown":
            output.data(shown.as_markdown(report.forecasts, project.chain(), tenant=project.tenant))
        elif text or not report.held:
            output.data(text or "nothing is pending")
        plan = shown.as_json(report.forecasts, tenant=project.tenant)
    elif not report.applied and not report.held:
        output.data("nothing is pending")
    say = output.data if form == "text" else output.note
    for each in report.held:
        say(f"{output.style('waits', fg='yellow')}    {each.id}   {each}")
    output.json(
        Migrated(
            applied=tuple(Ran(migration=each, seconds=round(seconds, 3)) for each, seconds in report.applied),
            pending=report.pending,
            waits=tuple(Waits(migration=each.id, contracts=each.contracts or None) for each in report.held),
            plan=plan,
        )
    )


def _listener(output: Output) -> Listener:
    def hear(event: Event) -> None:
        from mizzle.cli.progress import tell  # noqa: PLC0415 - where nothing is to be run, nothing happens

        tell(output, event)

    return hear
