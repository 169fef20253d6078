"""`mizzle push`."""

from __future__ import annotations

import sys

import click

from mizzle.cli import asking
from mizzle.cli.output import Output
from mizzle.cli.settings import Settings, options
from mizzle.errors import DecisionNeeded
from mizzle.project.push import Push, apply_push, plan_push, unaccepted


@click.command("push")
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option(
    "--accept-data-loss", "accept", metavar="NAME", multiple=True, help="This table or column may be deleted."
)
@options
@click.pass_obj
def command(settings: Settings, accept: tuple[str, ...], *, yes: bool) -> None:
    """Apply the models to a development database, without files.

    Shows the plan and what would be lost, and asks. Refuses a database that has a migration history.
    """
    output = settings.output()
    project = settings.project(output)
    with project.database() as url:
        push = plan_push(project, url, accept=accept, questioner=asking.questioner(output))
        _tell_kept(output, push)
        if not push.plan.steps:
            output.data("no changes")
            output.json({"applied": False, "changes": []})
            return
        _show(output, push)
        agreed = accept if yes else _ask(push, accept)
        apply_push(url, push, accept=agreed)
    output.data(f"{output.style('pushed', fg='green')}  {len(push.plan.changes)} changes")
    output.json({"applied": True, "changes": [str(change) for change in push.plan.changes]})


def _show(output: Output, push: Push) -> None:
    output.data(push.plan.sql.rstrip())
    for loss in push.losses:
        rows = "1 row" if loss.rows == 1 else f"{loss.rows} rows"
        output.data(output.style(f"deletes {loss.address}: {rows}", fg="red", bold=True))
    if len(push.plan.steps) > 1:
        output.note("not in one transaction: new enum values must be committed before they are used")


def _tell_kept(output: Output, push: Push) -> None:
    for where in push.kept:
        output.note(f"left alone, no model has it: {where} (--accept-data-loss {where.sql} drops it)")
    for where in push.unmanaged:
        output.note(f"left alone, not managed yet: {where}")


def _ask(push: Push, accept: tuple[str, ...]) -> tuple[str, ...]:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise DecisionNeeded(
            "push asks before it changes a database, and there is no terminal", hint="--yes applies the plan"
        )
    for loss in unaccepted(push, accept):
        typed = click.prompt(f"type {loss.address.sql} to delete it", err=True)
        if typed != loss.address.sql:
            raise click.Abort
        accept = (*accept, typed)
    if not click.confirm("apply this?", err=True):
        raise click.Abort
    return accept
