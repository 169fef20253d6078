"""`mizzle rebase`."""

from __future__ import annotations

import click

from mizzle.cli.manual import Command
from mizzle.cli.results.files import Rebased, RebasedMigration
from mizzle.cli.settings import Settings, options, tenant
from mizzle.project.project import Project
from mizzle.project.rebase import rebase


@click.command("rebase", cls=Command)
@click.option("--onto", metavar="REVISION", help="What this revision of git has stays below, such as origin/main.")
@tenant
@options
@click.pass_obj
def command(settings: Settings, *, onto: str | None) -> None:
    """Put your own migrations on top of the others, and prove again what moved or was edited.

    With --onto what others have merged stays below; with a database (--url or --embedded) what it has applied. Files
    keep their names and their SQL.
    """
    output = settings.output()
    project = settings.project(output)
    done = rebase(project, applied=_applied(settings, project), onto=onto)
    for each in done:
        output.data(f"proved  {each.id}  on top of {each.parent or 'nothing'}")
        if each.apart:
            output.note(
                f"  its order with {', '.join(each.apart)} matters: a database that has applied it without them"
            )
            output.note("  cannot go on; make that one anew, or run mizzle rebase with its --url")
    if not done:
        output.data("nothing to rebase")
    moved = (RebasedMigration(migration=e.id, parent=e.parent, over=e.over, apart=e.apart) for e in done)
    output.json(Rebased(rebased=tuple(moved)))


def _applied(settings: Settings, project: Project) -> frozenset[str]:
    if settings.url is None and not settings.embedded:
        return frozenset()
    from mizzle.project.database import applied  # noqa: PLC0415 - a rebase without a database loads no driver for one

    with project.database() as url:
        return applied(url, schema=project.config.history, scope=project.scope)
