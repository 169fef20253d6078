"""`mizzle dev`."""

from __future__ import annotations

import click

from mizzle.cli import browsing
from mizzle.cli.manual import Command
from mizzle.cli.settings import Settings, options
from mizzle.errors import ConfigError
from mizzle.project.database import migrate_project


@click.command("dev", cls=Command)
@browsing.options
@options
@click.pass_context
def command(context: click.Context, port: int | None, host: str, *, browser: bool, write: bool) -> None:
    """Start the project's own embedded PostgreSQL, migrate it, and open studio on it; Ctrl-C ends all.

    The rows are kept from one time to the next. Other programs reach the database by the URL that it prints.
    """
    settings = context.ensure_object(Settings)
    if "url" in settings.given:
        raise ConfigError("dev has a database of its own, and --url names another", hint="mizzle studio --url URL")
    settings.embedded, settings.url = True, None
    output = settings.output()
    project = settings.project(output)
    with project.database() as url:
        output.note(f"database: {url}")
        report = migrate_project(project, url=url, contract=True)
        for migration, seconds in report.applied:
            output.note(f"applied {migration} in {seconds:.2f} s")
        browsing.serve(output, url, project, browsing.Asked(port, host, browser=browser, write=write))
