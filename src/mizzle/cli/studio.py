"""`mizzle studio`."""

from __future__ import annotations

import click

from mizzle.cli import browsing
from mizzle.cli.manual import Command
from mizzle.cli.settings import Settings, options, tenant


@click.command("studio", cls=Command)
@browsing.options
@tenant
@options
@click.pass_context
def command(context: click.Context, port: int | None, host: str, *, browser: bool, write: bool) -> None:
    """Open the database in the browser, on this machine only, until Ctrl-C.

    Reads only, in transactions that the server keeps to that, unless started with --write. Prints an address that lets
    one browser in, once.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    asked = browsing.Asked(port, host, browser=browser, write=write)
    project = settings.project_if_any(output)
    if project is None:
        assert settings.url is not None
        browsing.serve(output, settings.url, None, asked)
        return
    with project.database() as url:
        browsing.serve(output, url, project, asked)
