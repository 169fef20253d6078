"""`mizzle dev`."""

from __future__ import annotations

from pathlib import Path

import click

from mizzle.cli import browsing
from mizzle.cli.manual import Command
from mizzle.cli.settings import Settings, options
from mizzle.errors import ConfigError
from mizzle.project.database import migrate_project
from mizzle.runner.url import describe, parameters

_LONGEST = 90  # bytes: a socket's path may have 107, and its name is added


@click.command("dev", cls=Command)
@browsing.options
@options
@click.pass_context
def command(context: click.Context, port: int | None, host: str, *, browser: bool, write: bool) -> None:
    """Start the project's own embedded PostgreSQL, migrate it, and open studio on it; Ctrl-C ends all.

    The rows are kept from one time to the next. Other programs reach the
    database by the URL that it prints, which stays the same.
    """
    settings = context.ensure_object(Settings)
    if "url" in settings.given:
        raise ConfigError("dev has a database of its own, and --url names another", hint="mizzle studio --url URL")
    settings.embedded, settings.url = True, None
    output = settings.output()
    project = settings.project(output)
    with project.database() as url:
        told = url_for_others(url, project.config.root / ".mizzle" / "socket")
        output.note(f"database: {told}")
        report = migrate_project(project, url=url, contract=True)
        for migration, seconds in report.applied:
            output.note(f"applied {migration} in {seconds:.2f} s")
        asked = browsing.Asked(port, host, browser=browser, write=write)
        browsing.serve(output, url, project, asked, told=told)


def url_for_others(url: str, link: Path) -> str:
    """Return the database's URL by the link to the socket's folder, which is another one each time.

    By the folder itself where the link's name is too long for a socket.
    """
    found = parameters(url)
    if len(bytes(link)) <= _LONGEST:
        found["host"] = str(link)
    del found["port"]  # libpq's own
    return describe(found)
