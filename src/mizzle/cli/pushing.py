"""What `mizzle push` shows and asks."""

from __future__ import annotations

import click

from mizzle.cli import asking
from mizzle.cli.output import Output
from mizzle.cli.progress import tell
from mizzle.cli.results.database import Loss, Pushed
from mizzle.cli.steps import tell_all
from mizzle.errors import DecisionNeeded
from mizzle.project.losses import accept_flags, counted, unaccepted
from mizzle.project.project import Project
from mizzle.project.push import Push, apply_push, plan_push


def push(output: Output, project: Project, accept: tuple[str, ...], renames: dict[str, str], *, yes: bool) -> int:
    """Plan, show, ask and apply; return the exit code."""
    with project.database() as url:
        planned = plan_push(project, url, accept=accept, renames=renames, questioner=asking.questioner(output))
        _tell_kept(output, planned)
        applied = bool(planned.plan.steps) and _apply(output, url, planned, accept, yes=yes)
    if applied:
        changes = counted(len(planned.plan.changes), "change")
        output.data(f"{output.style('pushed', fg='green')}  {changes}")
    else:
        output.data("nothing was changed" if planned.plan.steps else "no changes")
    output.json(_as_json(planned, applied=applied))
    return 1 if planned.plan.steps and not applied else 0


def _apply(output: Output, url: str, push: Push, accept: tuple[str, ...], *, yes: bool) -> bool:
    """Show the plan, ask, and run it; say whether it ran."""
    output.data(push.script.rstrip())
    for loss in push.losses:
        output.data(output.style(loss.sentence, fg="red", bold=True))
    if push.outside:
        output.data(_apart(push))
    agreed = accept if yes else _ask(push, accept)
    if agreed is None:
        return False
    apply_push(url, push, accept=agreed, on_event=lambda event: tell(output, event))
    return True


def _apart(push: Push) -> str:
    """Return a sentence that says why the plan is not one transaction."""
    listed = ", ".join(map(str, push.outside))
    which = f"steps {listed} run" if len(push.outside) > 1 else f"step {listed} runs"
    return f"not in one transaction: {which} outside of any, and what is done stays if a later step fails"


def _tell_kept(output: Output, push: Push) -> None:
    for where in push.kept:
        output.note(f"left alone, no model has it: {where}")
    for where in push.unmanaged:
        output.note(f"left alone, not managed: {where}")


def _ask(push: Push, accept: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what may be deleted, None where it is not to be applied at all."""
    missing = unaccepted(push.losses, accept)
    if not asking.has_terminal():
        flags = " ".join(["--yes", *accept_flags(missing)])
        raise DecisionNeeded(
            "push asks before it changes a database, and there is no terminal", hint=f"{flags} applies the plan"
        )
    for loss in missing:
        typed = click.prompt(f"type {loss.address.sql} to {'cut its values' if loss.cut else 'delete it'}", err=True)
        if typed != loss.address.sql:
            return None
        accept = (*accept, typed)
    return accept if click.confirm("apply this?", err=True) else None


def _as_json(push: Push, *, applied: bool) -> Pushed:
    return Pushed(
        applied=applied,
        changes=tuple(map(str, push.plan.changes)),
        sql=push.script,
        steps=tell_all(push.steps),
        losses=tuple(Loss(object=str(loss.address), rows=loss.rows) for loss in push.losses),
        left_alone=tuple(map(str, (*push.kept, *push.unmanaged))),
    )
