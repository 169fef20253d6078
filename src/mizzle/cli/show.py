"""`mizzle show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict

from mizzle.cli.manual import Command
from mizzle.cli.results.files import Shown, ShownMigration
from mizzle.cli.results.steps import Step
from mizzle.cli.settings import Settings, form, options
from mizzle.errors import ConfigError
from mizzle.project.show import chosen

if TYPE_CHECKING:
    from mizzle.migrations.folder import Migration


@click.command("show", cls=Command)
@click.argument("names", metavar="[MIGRATION]...", nargs=-1)
@click.option("--since", metavar="REVISION", help="Those that this revision of git has not, such as origin/main.")
@form("markdown", text="text, or markdown: for a comment.")
@options
@click.pass_obj
def command(settings: Settings, names: tuple[str, ...], *, since: str | None, form: str) -> None:
    """Show what migrations do: their steps, locks, work and hazards.

    Of the last one, of those that are named, or of those that came since. Needs no database.
    """
    output = settings.output()
    form = settings.one_form(form)
    if names and since is not None:
        raise ConfigError("migrations are named, and --since is given", hint="use one of them")
    found = chosen(settings.project(output), names, since=since)
    from mizzle.cli.steps import tell_all  # noqa: PLC0415 - it takes longer to import than to find nothing

    shown = [(each, tell_all(each.up().steps)) for each in found]
    if form == "markdown":
        output.data(_markdown(shown, since))
    elif not output.as_json:
        output.data("\n".join(line for each in shown for line in _lines(*each)) or "no migrations")
    told = tuple(ShownMigration(migration=each.id, steps=steps) for each, steps in shown)
    output.json(Shown(migrations=told))


def _markdown(shown: Sequence[tuple[Migration, Sequence[Step]]], since: str | None) -> str:
    from mizzle.cli import markdown  # noqa: PLC0415 - who reads text needs none

    kind = "new migration" if since is not None else "migration"
    headline = markdown.count(len(shown), kind) if shown else f"no {kind}s"
    parts = [markdown.Part(markdown.summary(m.id, len(s)), about(m), s, m.up_sql) for m, s in shown]
    return markdown.page(parts, headline=headline)


def about(migration: Migration) -> tuple[str, ...]:
    """Return what the comments at the top of a migration say of it, but for its name and its hazards."""
    first = migration.up().steps[0].line if migration.up().steps else 0
    head = migration.up_sql.splitlines()[: max(first - 1, 0)]
    said = (line.removeprefix("--").rstrip() for line in head if line.startswith("--"))
    named = (f" migration {migration.id}", " hazards:")
    return tuple(line.strip() for line in said if line and not line.startswith((*named, "   ")))


def _lines(migration: Migration, steps: Sequence[Step]) -> Iterator[str]:
    yield migration.id
    yield from (f"  {line}" for line in about(migration))
    for step in steps:
        how = ", in batches" if step.backfill else "" if step.transaction else ", outside a transaction"
        yield f"  step {step.step} of {len(steps)}{how}"
        yield from (f"    {each.lock} on {each.relation}" for each in step.locks)
        yield from (f"    {kind} {', '.join(listed)}" for kind, listed in asdict(step.work).items() if listed)
        yield from (f"    {each.code}: {each.message}" for each in step.hazards)
