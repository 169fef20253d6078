"""`mizzle status`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC

import click

from mizzle.cli import fleets
from mizzle.cli.manual import Command
from mizzle.cli.output import Output, without_passwords
from mizzle.cli.results.database import MigrationStatus, Status
from mizzle.cli.settings import Settings, options, tenant
from mizzle.project.database import status
from mizzle.runner.units import UnitStatus

_COLORS = {"applied": "green", "pending": "yellow", "running": "cyan"}
_IN_ORDER = {"applied"}


@click.command("status", cls=Command)
@tenant
@fleets.fleet
@fleets.jobs
@options
@click.pass_context
def command(context: click.Context, fleet: str | None, jobs: int) -> None:
    """Show where each migration stands in the database, or with --fleet where each target stands."""
    settings = context.ensure_object(Settings)
    output = settings.output()
    project = settings.project(output)
    if fleet is not None:
        from mizzle.project import fleet as many  # noqa: PLC0415 - most runs are of one database

        with project.database() as url:
            members = many.targets(project, url, fleets.given(fleet, project))
            looked = fleets.progress(output, len(members), "looked at")
            outcomes = many.status(project, members, jobs=jobs, on_done=looked)
        code = fleets.show(output, outcomes)
        context.exit(code or (1 if any(each.state == "pending" for each in outcomes) else 0))
    found = status(project)
    _show(output, found)
    if output.as_json:
        output.json(Status(migrations=tuple(map(_as_json, found))))
    context.exit(0 if all(each.state in _IN_ORDER for each in found) else 1)


def _show(output: Output, found: Sequence[UnitStatus]) -> None:
    """Print where each stands, and the hints between: as few writes as that takes, since there may be thousands."""
    lines: list[str] = [] if found else ["no migrations"]
    for each in found:
        lines += _told(output, each)
        if each.hint:
            output.data("\n".join(lines))
            output.note(f"         hint: {each.hint}")
            lines.clear()
    if lines:
        output.data("\n".join(lines))


def _told(output: Output, each: UnitStatus) -> Iterator[str]:
    when = f"  {each.when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if each.when and each.state != "pending" else ""
    who = f"  by {each.role}" if each.role and each.state != "pending" else ""
    state = output.style(f"{each.state:<7}", fg=_COLORS.get(each.state, "red"))
    yield f"{state}  {each.id}{when}{who}"
    if each.error:
        yield from (f"         {line}" for line in without_passwords(each.error).splitlines())


def _as_json(each: UnitStatus) -> MigrationStatus:
    return MigrationStatus(
        migration=each.id,
        state=each.state,
        direction=each.direction,
        when=each.when.isoformat() if each.when else None,
        seconds=each.seconds,
        role=each.role,
        host=each.host,
        version=each.version,
        error=without_passwords(each.error),
        hint=each.hint,
        contracts=each.contracts or None,
    )
