"""`mizzle generate`."""

from __future__ import annotations

import os
import shlex
from importlib import import_module
from typing import TYPE_CHECKING

import click

from mizzle.cli.answers import allow as allow_option
from mizzle.cli.answers import rename
from mizzle.cli.output import Output
from mizzle.cli.settings import Settings, options
from mizzle.project import known

if TYPE_CHECKING:
    from mizzle.project.project import Project
    from mizzle.project.writing import Generated

_PLANNING = "mizzle.project.generate"
_PROVED = "proved: it reaches the models, and down.sql leads back"


@click.command("generate")
@click.argument("name", default="")
@click.option("--custom", is_flag=True, help="An empty migration, to be written by hand.")
@click.option("--rename", "renames", metavar="A:B", multiple=True, help="public.users.name:full_name was renamed.")
@click.option("--drop", "drops", metavar="A", multiple=True, help="It is dropped: not renamed, not kept.")
@click.option(
    "--expand-contract", "in_two", is_flag=True, help="Two, if old code would break: it works after the first."
)
@click.option("--plain", is_flag=True, help="Each change in one statement, even if others have to wait for it.")
@allow_option
@options
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    settings: Settings,
    name: str,
    renames: tuple[str, ...],
    drops: tuple[str, ...],
    allow: tuple[str, ...],
    *,
    custom: bool,
    in_two: bool,
    plain: bool,
) -> None:
    """Write a migration from the models, already run forward and back.

    Says "no changes" and writes nothing when there are none.
    """
    output = settings.output()
    if custom and (renames or drops or in_two or plain):
        raise click.UsageError("--custom writes an empty migration: no other option has a place in it")
    project = settings.project(output)
    project.allow = allow
    if custom:
        _show_custom(output, project, name)
        return
    chain = project.chain_so_far()
    surely = bool(renames or drops or not chain)
    reading = project.read_ahead()
    if surely:
        project.start_scratch()
    if reading:
        import_module(_PLANNING)  # it takes as long as the models
    generated: tuple[Generated, ...] = ()
    if surely or not known.unchanged(project, chain):
        answers = dict(map(rename, renames))
        generated = _generate(output, project, name, answers, drops, in_two=in_two, plain=plain)
    if not generated:
        output.data("no changes")
        output.json({"migration": None})
    elif len(generated) == 1:
        if in_two:
            output.note("nothing in it breaks old code: one migration does")
        output.json(_show(output, *generated))
        output.note(f"{_PROVED}. next: mizzle migrate")
    else:
        output.json({"migrations": [_show(output, each) for each in generated]})
        output.note(f"{_PROVED}, each. next: mizzle migrate, which leaves the second until mizzle migrate --contract")


def _generate(  # noqa: PLR0913 - as above
    output: Output,
    project: Project,
    name: str,
    renames: dict[str, str],
    drops: tuple[str, ...],
    *,
    in_two: bool,
    plain: bool,
) -> tuple[Generated, ...]:
    project.start_scratch()
    # Imported here: planning and proving take longer to import than to find out that there is nothing to do.
    from mizzle.cli.asking import questioner  # noqa: PLC0415
    from mizzle.project.generate import generate  # noqa: PLC0415

    asked, online = questioner(output), not plain
    return generate(project, name, renames=renames, drops=drops, questioner=asked, in_two=in_two, online=online)


def _show_custom(output: Output, project: Project, name: str) -> None:
    from mizzle.project.generate import generate_custom  # noqa: PLC0415 - as in _generate()

    made = generate_custom(project, name)
    output.data(f"wrote {os.path.relpath(made.path)}")
    output.note("fill up.sql and down.sql, then: mizzle rebase")
    output.json({"migration": made.id, "path": str(made.path)})


def _show(output: Output, generated: Generated) -> dict[str, object]:
    """Print what was written; return it as JSON."""
    from mizzle.cli.steps import steps_json  # noqa: PLC0415 - as in _generate()

    plan = generated.plan
    assert plan is not None
    output.data(f"wrote {os.path.relpath(generated.path)}")
    for hazard in dict.fromkeys(plan.hazards):
        output.data(output.style(f"  {hazard.code}", fg="yellow") + f": {hazard.message}")
    if generated.broken:
        output.data("old code breaks:")
    for each in generated.broken:
        output.data(f"  {each}")
    for where in generated.kept:
        output.note(f"  kept, declared by no model: {where} (--drop {shlex.quote(where.sql)} drops it)")
    return {
        "migration": generated.id,
        "path": str(generated.path),
        "changes": [str(change) for change in plan.changes],
        "hazards": [{"code": h.code, "subject": h.subject, "message": h.message} for h in plan.hazards],
        "steps": steps_json(generated.steps),
        "kept": [str(where) for where in generated.kept],
        "breaks": [
            {
                "relation": each.relation.sql,
                "model": each.model or None,
                "subject": str(found.subject),
                "what": found.what,
            }
            for each in generated.broken
            for found in each.breaks
        ],
    }
