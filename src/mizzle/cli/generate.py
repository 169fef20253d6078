"""`mizzle generate`."""

from __future__ import annotations

import os
import shlex
from importlib import import_module
from typing import TYPE_CHECKING

import click

from mizzle.cli.answers import rename
from mizzle.cli.output import Output
from mizzle.cli.settings import Settings, options
from mizzle.project import known

if TYPE_CHECKING:
    from mizzle.project.project import Project
    from mizzle.project.writing import Generated

_PLANNING = "mizzle.project.generate"


@click.command("generate")
@click.argument("name", default="")
@click.option("--custom", is_flag=True, help="An empty migration, to be written by hand.")
@click.option("--rename", "renames", metavar="A:B", multiple=True, help="public.users.name:full_name was renamed.")
@click.option("--drop", "drops", metavar="A", multiple=True, help="It is dropped: not renamed, not kept.")
@options
@click.pass_obj
def command(settings: Settings, name: str, renames: tuple[str, ...], drops: tuple[str, ...], *, custom: bool) -> None:
    """Write a migration from the models, already run forward and back.

    Says "no changes" and writes nothing when there are none.
    """
    output = settings.output()
    if custom and (renames or drops):
        raise click.UsageError("--custom writes an empty migration: --rename and --drop have no place in it")
    project = settings.project(output)
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
    generated = None
    if surely or not known.unchanged(project, chain):
        generated = _generate(output, project, name, dict(map(rename, renames)), drops)
    if generated is None:
        output.data("no changes")
        output.json({"migration": None})
    else:
        _show(output, generated)


def _generate(
    output: Output, project: Project, name: str, renames: dict[str, str], drops: tuple[str, ...]
) -> Generated | None:
    project.start_scratch()
    # Imported here: planning and proving take longer to import than to find out that there is nothing to do.
    from mizzle.cli.asking import questioner  # noqa: PLC0415
    from mizzle.project.generate import generate  # noqa: PLC0415

    return generate(project, name, renames=renames, drops=drops, questioner=questioner(output))


def _show_custom(output: Output, project: Project, name: str) -> None:
    from mizzle.project.generate import generate_custom  # noqa: PLC0415 - as in _generate()

    made = generate_custom(project, name)
    output.data(f"wrote {os.path.relpath(made.path)}")
    output.note("fill up.sql and down.sql, then: mizzle rebase")
    output.json({"migration": made.id, "path": str(made.path)})


def _show(output: Output, generated: Generated) -> None:
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
    output.note("proved: it reaches the models, and down.sql leads back. next: mizzle migrate")
    output.json(
        {
            "migration": generated.id,
            "path": str(generated.path),
            "changes": [str(change) for change in plan.changes],
            "hazards": [{"code": h.code, "subject": h.subject, "message": h.message} for h in plan.hazards],
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
    )
