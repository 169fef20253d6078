"""`mizzle init`."""

from __future__ import annotations

from pathlib import Path

import click

from mizzle.cli.manual import Command
from mizzle.cli.output import Output
from mizzle.cli.results.files import Initialised
from mizzle.cli.settings import Settings, options
from mizzle.errors import MizzleError
from mizzle.project.init import init
from mizzle.project.project import Project


@click.command("init", cls=Command)
@click.option("--models", metavar="MODULE:ATTR", default="", help="Where the models are, such as app.models:Base.")
@options
@click.pass_obj
def command(settings: Settings, models: str) -> None:
    """Write the configuration and an empty migrations folder into a project."""
    output = settings.output()
    written = init(Path.cwd(), models=models)
    output.data(f"wrote {written.config.name} (models = {written.models}) and {written.migrations.name}/")
    if written.found:
        _read(output, settings.project(output))
    else:
        output.note(f"no models were found: say in {written.config.name} where they are. next: mizzle generate")
    told = Initialised(config=str(written.config), migrations=str(written.migrations), models=written.models)
    output.json(told)


def _read(output: Output, project: Project) -> None:
    """Read the models, which is kept for what comes next, and say whether that can be done."""
    try:
        project.read_ahead()
        found = project.sources
    except MizzleError as error:
        output.note(f"the models cannot be read yet: {error.message}")
        output.note(f"hint: {error.hint}; then: mizzle generate")
    else:
        tables = f"the models define {found.tables} table{'s'[: found.tables != 1]}. " if found.ddl else ""
        output.note(f"{tables}next: mizzle generate")
