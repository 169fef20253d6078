"""`mizzle generate`."""

from __future__ import annotations

import os
import shlex
from importlib import import_module
from typing import TYPE_CHECKING

import click
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mizzle.cli.answers import allow as allow_option
from mizzle.cli.answers import rename
from mizzle.cli.manual import Command
from mizzle.cli.output import Output
from mizzle.cli.results import files as told
from mizzle.cli.settings import Settings, options
from mizzle.project import known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mizzle.migrations.folder import Migration
    from mizzle.project.alembic import Versions
    from mizzle.project.project import Project
    from mizzle.project.writing import Generated

_PLANNING = "mizzle.project.generate"
_IN_TURNS = {
    "sql": "mizzle migrate, which leaves the second until mizzle migrate --contract",
    "alembic": "alembic upgrade head-1; alembic upgrade head when no old code runs any more",
}
_PROVED = "proved: it reaches the models, and down.sql leads back"


@click.command("generate", cls=Command)
@click.argument("name", default="")
@click.option("--custom", is_flag=True, help="An empty migration, to be written by hand.")
@click.option("--rename", "renames", metavar="A:B", multiple=True, help="public.users.name:full_name was renamed.")
@click.option("--drop", "drops", metavar="A", multiple=True, help="It is dropped: not renamed, not kept.")
@click.option(
    "--expand-contract", "in_two", is_flag=True, help="Two, if old code would break: it works after the first."
)
@click.option("--plain", is_flag=True, help="Each change in one statement, even if others have to wait for it.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["sql", "alembic"]),
    default="sql",
    show_default=True,
    help="alembic: a revision for Alembic, too, which goes on running them.",
)
@allow_option
@options
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    settings: Settings,
    name: str,
    renames: tuple[str, ...],
    drops: tuple[str, ...],
    allow: tuple[str, ...],
    form: str,
    *,
    custom: bool,
    in_two: bool,
    plain: bool,
) -> None:
    """Write a migration from the models, already run forward and back.

    Says "no changes" and writes nothing when there are none. With --format alembic each migration that has no revision
    in Alembic's versions folder gets one: plain Python that needs nothing of mizzle.
    """
    output = settings.output()
    if custom and (renames or drops or in_two or plain):
        raise click.UsageError("--custom writes an empty migration: no other option has a place in it")
    if custom and form == "alembic":
        raise click.UsageError("--custom writes an empty migration; when it is filled, generate --format alembic")
    project = settings.project(output)
    project.allow = allow
    if custom:
        _show_custom(output, project, name)
        return
    chain = project.chain_so_far()
    versions = _versions(output, project, chain) if form == "alembic" else None
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
    written = _written(project, versions, generated) if versions is not None else ()
    revisions = tuple(map(str, written)) if versions is not None else UNSET
    _told(output, generated, written, revisions, in_two=in_two)
    if not chain and not generated:
        output.note("the models define nothing yet: do they import the modules of your tables?")


def _told(
    output: Output,
    generated: Sequence[Generated],
    written: Sequence[Path],
    revisions: tuple[str, ...] | UnsetType,
    *,
    in_two: bool,
) -> None:
    """Print what was written, and what comes next."""
    form = "sql" if revisions is UNSET else "alembic"
    shown = [_show(output, each) for each in generated]
    for path in written:
        output.data(f"wrote {os.path.relpath(path)}")
    if not generated and not written:
        output.data("no changes")
    if len(generated) > 1:
        output.json(told.GeneratedInTwo(migrations=tuple(shown), revisions=revisions))
        output.note(f"{_PROVED}, each. next: {_IN_TURNS[form]}")
        return
    output.json(replace(shown[0], revisions=revisions) if shown else told.NothingGenerated(revisions=revisions))
    if generated and in_two:
        output.note("nothing in it breaks old code: one migration does")
    if generated:
        output.note(f"{_PROVED}. next: {'alembic upgrade head' if form == 'alembic' else 'mizzle migrate'}")


def _versions(output: Output, project: Project, chain: Sequence[Migration]) -> Versions:
    from mizzle.project import alembic  # noqa: PLC0415 - few keep Alembic

    found = alembic.find(project, chain)
    if found.foreign:
        output.note(f"revision {found.foreign} on top was not written by mizzle: what it makes, no migration says")
    return found


def _written(project: Project, versions: Versions, generated: Sequence[Generated]) -> tuple[Path, ...]:
    """Write the revisions, and return their files."""
    from mizzle.project import alembic  # noqa: PLC0415 - as above

    return alembic.write_revisions(project, versions, [each.id for each in generated])


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
    output.json(told.GeneratedByHand(migration=made.id, path=str(made.path)))


def _show(output: Output, generated: Generated) -> told.Generated:
    """Print what was written; return it for --json."""
    from mizzle.cli.steps import hazards, tell_all  # noqa: PLC0415 - as in _generate()

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
    return told.Generated(
        migration=generated.id,
        path=str(generated.path),
        changes=tuple(map(str, plan.changes)),
        hazards=hazards(plan.hazards),
        steps=tell_all(generated.steps),
        kept=tuple(map(str, generated.kept)),
        breaks=tuple(
            told.Break(
                relation=each.relation.sql, model=each.model or None, subject=str(found.subject), what=found.what
            )
            for each in generated.broken
            for found in each.breaks
        ),
    )
