"""`mizzle adopt`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from mizzle.cli.manual import Command
from mizzle.cli.output import Output
from mizzle.cli.settings import Settings, options, tenant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mizzle.adopt.detect import Tool
    from mizzle.cli.results.adopt import Adopted as Told
    from mizzle.project.adopt import Adopted, Before
    from mizzle.project.adopt_from import Source
    from mizzle.project.project import Project

_COLUMN, _LISTED = 10, 12
_DRIFT = "mizzle generate makes the database what the models say; or change the models"


@click.command("adopt", cls=Command)
@click.argument("source", type=click.Choice(["alembic", "drizzle", "database"]), required=False, metavar="[SOURCE]")
@click.argument("path", type=click.Path(path_type=Path), required=False, metavar="[PATH]")
@click.option(
    "--from",
    "base",
    type=click.Choice(["database", "models"]),
    default="database",
    show_default=True,
    help="What the first migration is made of.",
)
@click.option("--version-table", "table", metavar="NAME", default="", help="The other tool's, where there are several.")
@click.option("--name", metavar="NAME", default="baseline", show_default=True, help="What the migration is called.")
@click.option("--reason", metavar="TEXT", default="", help="Why, for those who read the history.")
@click.option("--dry-run", is_flag=True, help="Look and tell; write nothing.")
@click.option("--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to leave another migrator.")
@tenant
@options
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    context: click.Context,
    *,
    source: Tool | None,
    path: Path | None,
    base: Literal["database", "models"],
    table: str,
    name: str,
    reason: str,
    wait: float,
    dry_run: bool,
) -> None:
    """Take over a database that Alembic, Drizzle or a person has run.

    A first migration is written, proved, and recorded as applied: nothing is run on the tables, and nothing of the
    other tool changes. Where models and database differ it is taken over all the same, and that is listed.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    if source == "database" and path is not None:
        raise click.UsageError("adopt database takes no PATH: --url names the database")
    path = None if path is None else path.resolve()
    project = settings.project(output)
    if project.config.has_sources:
        project.read_ahead()
    from mizzle.project.adopt import Before, Wanted, adopt  # noqa: PLC0415 - it compares catalogs

    own = None if settings.config is None else Path(settings.config).resolve()
    wanted = Wanted(source, path, table, base, name, reason, own, not dry_run, wait)
    with project.database() as url:
        adopted = adopt(project, url, wanted)
    if isinstance(adopted, Before):
        _show_before(output, adopted)
        return
    _show(output, adopted, project)
    output.json(_as_json(adopted))
    context.exit(1 if adopted.differs else 0)


def _show_before(output: Output, before: Before) -> None:
    output.data(f"adopted already, as {before.migration}, on {before.when:%Y-%m-%d %H:%M:%S}")
    output.note("next: mizzle generate, mizzle migrate, mizzle check")
    from mizzle.cli.results import adopt as told  # noqa: PLC0415 - as in command()

    output.json(
        told.AdoptedBefore(adopted_before=told.Before(migration=before.migration, when=before.when.isoformat()))
    )


def _show(output: Output, adopted: Adopted, project: Project) -> None:
    models = project.config.has_sources
    _show_source(output, adopted.source)
    compared, written = adopted.compared, adopted.migration
    if written is not None:
        _say(output, "wrote", os.path.relpath(written.path), fg="green")
    for each in adopted.ignored:
        where = f"in {adopted.config.name}"
        _say(output, "ignored", f"{each} ({where if written is not None else f'to be written {where}'})", fg="green")
    if written is not None:
        _say(output, "recorded", written.id)
    _list(output, "kept", "in the database alone, declared by no model:" if models else "", compared.kept)
    _list(output, "left", "not managed, and in no migration:", compared.unwritten)
    _list(output, "drift", "the database is not what the models say:", compared.drift, fg="red")
    if models and not compared.drift:
        _say(output, "ok", "the database is what the models say", fg="green")
    for each in _next(adopted, project):
        output.note(each)


def _show_source(output: Output, source: Source) -> None:
    for word, each in zip(("found", *[""] * len(source.said)), source.said, strict=False):
        _say(output, word, each, fg="cyan")
    for note in source.notes:
        _say(output, "note", note)
    if source.files:
        there = sum(file.verdict in {"applied", "unseen"} and file.recorded for file in source.files)
        _say(output, "", f"what the database says: {there} of {len(source.files)} files were applied, as noted")
    for file in source.files:
        if output.verbose or not (file.verdict in {"applied", "unseen"} and file.recorded):
            _say(output, "", f"  {file.file}: {file.verdict}{'' if file.recorded else ', not noted'}")
    for finding in source.findings:
        _say(output, str(finding.kind), f"{finding.file}: {finding.message}")
        _lines(output, finding.lines)


def _next(adopted: Adopted, project: Project) -> Iterator[str]:
    """Yield what a person can do now, and how all of it is undone."""
    written, ignored = adopted.migration, adopted.ignored
    if adopted.compared.drift:
        yield f"hint: {_DRIFT}"
    if written is None:
        yield "nothing was written, and nothing recorded (--dry-run)"
        return
    if project.tenant:
        yield "next: mizzle baseline --fleet records the other tenants, each after it was compared"
    elif project.config.has_sources:
        yield "next: mizzle generate, mizzle migrate"
    else:
        yield "next: say where the models are, then mizzle check"
    yield f"to leave again: DROP SCHEMA {project.config.history} CASCADE; and delete {os.path.relpath(written.path)}"
    if ignored:
        yield f"    and take {', '.join(ignored)} out of {adopted.config.name}"


def _say(output: Output, word: str, text: str, *, fg: str = "yellow") -> None:
    output.data(f"{output.style(word, fg=fg) if word else ''}{' ' * max(1, _COLUMN - len(word))}{text}")


def _list(output: Output, word: str, title: str, items: Iterable[object], *, fg: str = "yellow") -> None:
    listed = tuple(map(str, items))
    if listed and title:
        _say(output, word, title, fg=fg)
        _lines(output, listed)


def _lines(output: Output, lines: tuple[str, ...]) -> None:
    for line in lines[:_LISTED]:
        output.data(f"            {line}")
    if len(lines) > _LISTED:
        output.data(f"            and {len(lines) - _LISTED} more (--json lists all)")


def _as_json(adopted: Adopted) -> Told:
    from mizzle.cli.results import adopt as told  # noqa: PLC0415 - as in command()

    source, compared, written = adopted.source, adopted.compared, adopted.migration
    path = None if source.path is None else str(source.path)
    return told.Adopted(
        source=told.AdoptedSource(tool=source.tool, path=path, said=source.said, notes=source.notes),
        files=tuple(told.AdoptedFile(file=f.file, verdict=f.verdict, recorded=f.recorded) for f in source.files),
        findings=tuple(
            told.AdoptFinding(kind=f.kind, file=f.file, message=f.message, lines=f.lines) for f in source.findings
        ),
        migration=None if written is None else written.id,
        path=None if written is None else str(written.path),
        ignored=adopted.ignored,
        drift=compared.drift,
        kept=tuple(map(str, compared.kept)),
        unmanaged=tuple(map(str, compared.unwritten)),
    )
