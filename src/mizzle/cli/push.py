"""`mizzle push`."""

from __future__ import annotations

import click

from mizzle.cli import asking
from mizzle.cli.output import Output
from mizzle.cli.settings import Settings, options
from mizzle.errors import DecisionNeeded
from mizzle.project.push import Push, accept_flags, apply_push, counted, plan_push, unaccepted


@click.command("push")
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option(
    "--accept-data-loss", "accept", metavar="NAME", multiple=True, help="This table or column may be deleted."
)
@click.option("--rename", "renames", metavar="A:B", multiple=True, help="public.users.name:full_name was renamed.")
@options
@click.pass_context
def command(context: click.Context, accept: tuple[str, ...], renames: tuple[str, ...], *, yes: bool) -> None:
    """Apply the models to a development database, without files.

    Shows the plan and what would be lost, and asks. Refuses a database that has a migration history. Exits 1 when the
    plan was not to be applied.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    project = settings.project(output)
    answers = dict(map(asking.rename, renames))
    with project.database() as url:
        push = plan_push(project, url, accept=accept, renames=answers, questioner=asking.questioner(output))
        _tell_kept(output, push)
        applied = bool(push.plan.steps) and _apply(output, url, push, accept, yes=yes)
    if applied:
        changes = counted(len(push.plan.changes), "change")
        output.data(f"{output.style('pushed', fg='green')}  {changes}")
    else:
        output.data("nothing was changed" if push.plan.steps else "no changes")
    output.json(_as_json(push, applied=applied))
    context.exit(1 if push.plan.steps and not applied else 0)


def _apply(output: Output, url: str, push: Push, accept: tuple[str, ...], *, yes: bool) -> bool:
    """Show the plan, ask, and run it; say whether it ran."""
    output.data(push.script.rstrip())
    for loss in push.losses:
        rows = counted(loss.rows, "row")
        output.data(output.style(f"deletes {loss.address}: {rows}", fg="red", bold=True))
    agreed = accept if yes else _ask(push, accept)
    if agreed is None:
        return False
    apply_push(url, push, accept=agreed)
    return True


def _tell_kept(output: Output, push: Push) -> None:
    for where in push.kept:
        output.note(f"left alone, no model has it: {where}")
    for where in push.unmanaged:
        output.note(f"left alone, not managed yet: {where}")


def _ask(push: Push, accept: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what may be deleted, None where it is not to be applied at all."""
    missing = unaccepted(push, accept)
    if not asking.has_terminal():
        flags = " ".join(["--yes", *accept_flags(missing)])
        raise DecisionNeeded(
            "push asks before it changes a database, and there is no terminal", hint=f"{flags} applies the plan"
        )
    for loss in missing:
        typed = click.prompt(f"type {loss.address.sql} to delete it", err=True)
        if typed != loss.address.sql:
            return None
        accept = (*accept, typed)
    return accept if click.confirm("apply this?", err=True) else None


def _as_json(push: Push, *, applied: bool) -> dict[str, object]:
    return {
        "applied": applied,
        "changes": [str(change) for change in push.plan.changes],
        "sql": push.script,
        "losses": [{"object": str(loss.address), "rows": loss.rows} for loss in push.losses],
        "left_alone": [str(where) for where in (*push.kept, *push.unmanaged)],
    }
