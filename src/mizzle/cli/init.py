"""`mizzle init`."""

from __future__ import annotations

from pathlib import Path

import click

from mizzle.cli.settings import Settings, options
from mizzle.project.init import init


@click.command("init")
@click.option("--models", metavar="MODULE:ATTR", default="", help="Where the models are, such as app.models:Base.")
@options
@click.pass_obj
def command(settings: Settings, models: str) -> None:
    """Write the configuration and an empty migrations folder into a project."""
    output = settings.output()
    written = init(Path.cwd(), models=models)
    output.data(f"wrote {written.config.name} (models = {written.models}) and {written.migrations.name}/")
    if written.found:
        output.note("next: mizzle generate")
    else:
        output.note(f"no models were found: say in {written.config.name} where they are. next: mizzle generate")
    output.json({"config": str(written.config), "migrations": str(written.migrations), "models": written.models})
