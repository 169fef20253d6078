"""`mizzle diff`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from mizzle import names
from mizzle.cli.answers import rename
from mizzle.cli.manual import Command
from mizzle.cli.output import Output, without_passwords
from mizzle.cli.results.files import Diffed
from mizzle.cli.settings import Settings, form, options
from mizzle.project.config import MANAGEABLE

if TYPE_CHECKING:
    from mizzle.planning.plan import Plan


@click.command("diff", cls=Command)
@click.argument("a")
@click.argument("b")
@click.option("--rename", "renames", metavar="A:B", multiple=True, help="public.users.name:full_name was renamed.")
@click.option(
    "--manage",
    "managed",
    type=click.Choice(MANAGEABLE),
    multiple=True,
    help="Compare these, too, as the setting says it.",
)
@click.option("--plain", is_flag=True, help="Each change in one statement, even if others have to wait for it.")
@click.option("--prove", is_flag=True, help="Run the plan and its undo on scratch.")
@form("markdown", text="text, or markdown: for a comment.")
@options
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    context: click.Context,
    a: str,
    b: str,
    renames: tuple[str, ...],
    managed: tuple[str, ...],
    form: str,
    *,
    plain: bool,
    prove: bool,
) -> None:
    """Show the plan from A to B: the steps that make one schema the other, with their locks and hazards."""
    settings = context.ensure_object(Settings)
    output = settings.output()
    form = settings.one_form(form)
    project = settings.project(output)
    project.config = replace(project.config, manage=(*project.config.manage, *managed))
    if "models" in {a, b}:
        project.read_ahead()
    if prove or _is_loaded(a) or _is_loaded(b):
        project.start_scratch()
    # Imported here: it takes as long as the models, and as the server to start.
    from mizzle.project.diff import diff  # noqa: PLC0415

    planned = diff(project, a, b, renames=dict(map(rename, renames)), online=not plain, prove=prove)
    if form == "markdown":
        output.data(_markdown(planned, a, b))
    elif planned is None:
        output.note("equal")
        output.json(Diffed(equal=True, proved=False, changes=(), steps=()))
    else:
        _show(output, planned, proved=prove)
    context.exit(0 if planned is None else 1)


def _markdown(planned: Plan | None, a: str, b: str) -> str:
    from mizzle.cli import markdown  # noqa: PLC0415 - who reads text needs none
    from mizzle.cli.steps import tell_all  # noqa: PLC0415 - what is equal has none

    between = f"from {without_passwords(a)} to {without_passwords(b)}"
    if planned is None:
        return markdown.page([], headline=f"{between}: equal")
    steps, changes = tell_all(planned.steps), [str(change) for change in planned.changes]
    title = markdown.count(len(steps), "step")
    return markdown.page([markdown.Part(title, changes, steps, planned.sql)], headline=between)


def _show(output: Output, planned: Plan, *, proved: bool) -> None:
    from mizzle.cli.steps import tell_all  # noqa: PLC0415 - what is equal has none
    from mizzle.differ.questions import questions  # noqa: PLC0415 - as above

    for question in questions(planned.changes):
        gone, likely = question.gone, question.candidates[0]
        flag = shlex.quote(f"{gone.sql}:{names.ident(likely.name)}")
        output.note(f"{gone} is dropped and {likely} is new; if it was renamed: --rename {flag}")
    output.data(planned.sql.rstrip())
    if proved:
        output.note("proved: it reaches B, and its undo leads back to A")
    changes = tuple(map(str, planned.changes))
    output.json(Diffed(equal=False, proved=proved, changes=changes, steps=tell_all(planned.steps)))


def _is_loaded(operand: str) -> bool:
    """Say whether it takes a scratch server to know what an operand is: of all others it is on record."""
    return operand == "models" or operand.endswith(".sql") or Path(operand).is_dir()
