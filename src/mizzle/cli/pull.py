"""`mizzle pull`."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from mizzle.cli.manual import Command
from mizzle.cli.output import Output
from mizzle.cli.results import files as told
from mizzle.cli.settings import Settings, options, tenant
from mizzle.project.config import MANAGEABLE, OWN, PYPROJECT, Config, in_folder

if TYPE_CHECKING:
    from mizzle.project.project import Project
    from mizzle.project.pull import Pulled
    from mizzle.project.pull_files import Stored

_SHOWN = 12


@click.command("pull", cls=Command)
@click.argument("of", default="")
@click.option(
    "--out",
    "out",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("db"),
    show_default=True,
    help="The folder to write into.",
)
@click.option("--force", is_flag=True, help="Replace what an earlier pull has written there.")
@click.option(
    "--manage",
    "managed",
    type=click.Choice(MANAGEABLE),
    multiple=True,
    help="Write these, too, as the setting says it.",
)
@tenant
@options
@click.pass_context
def command(context: click.Context, of: str, out: Path, managed: tuple[str, ...], *, force: bool) -> None:
    """Write a database as SQLAlchemy models, and as SQL what models cannot say.

    What was written is read back, and has to be what was pulled: what differs is listed.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    project = settings.project_if_any(output, named=bool(of)) or _nobodys(settings, output)
    project.config = replace(project.config, manage=(*project.config.manage, *managed))
    context.call_on_close(project.close)
    # Imported here: it compares, plans, and knows all of SQLAlchemy's words.
    from mizzle.project.pull import pull  # noqa: PLC0415
    from mizzle.project.pull_files import expect_free, store  # noqa: PLC0415

    expect_free(out, force=force)
    project.start_scratch()
    pulled = pull(project, of)
    stored = store(pulled, out, root=project.config.root, force=force)
    _show(output, pulled, stored, project.tenant)
    context.exit(0 if pulled.whole else 1)


def _nobodys(settings: Settings, output: Output) -> Project:
    """Return a project for a folder that has no configuration yet: it manages all schemas."""
    from mizzle.project.project import Project  # noqa: PLC0415 - as settings.project() does

    config = Config(root=Path.cwd(), schemas=(), flag_url=settings.url)
    return Project(config, progress=output.progress, note=output.note)


def _show(output: Output, pulled: Pulled, stored: Stored, tenant: str) -> None:
    wrote = output.style("wrote", fg="green")
    for path in stored.paths:
        output.data(f"{wrote}  {os.path.relpath(path)}{_about(pulled, path.name)}")
    for title, lines in (("cannot be written", pulled.unmanaged), ("reads back otherwise", pulled.different)):
        _list(output, title, lines)
    output.data("")
    output.data(f"in {_settings_file(stored.root)}:")
    for name, value in stored.settings.items():
        output.data(f"    {name} = {json.dumps(value, ensure_ascii=False)}")
    if pulled.left:
        output.detail(f"said in SQL: {', '.join(pulled.left)}")
    if pulled.whole:
        of = f" --tenant {shlex.quote(tenant)}" if tenant else ""
        output.note(f"read back: equal. next: mizzle generate, then mizzle baseline{of}")
    output.json(
        told.Pulled(
            files=tuple(map(os.path.relpath, stored.paths)),
            settings=stored.settings,
            classes=pulled.classes,
            tables=pulled.tables,
            in_sql=pulled.left,
            unmanaged=pulled.unmanaged,
            different=pulled.different,
            equal=pulled.whole,
        )
    )


def _settings_file(root: Path) -> str:
    """Return what to call the file that the settings are for, whether or not it is there yet."""
    pyproject = root / PYPROJECT
    if in_folder(root) == root / OWN or not pyproject.exists():
        return os.path.relpath(root / OWN)
    return f"[tool.mizzle] of {os.path.relpath(pyproject)}"


def _about(pulled: Pulled, name: str) -> str:
    if not name.endswith(".py"):
        return ""
    tables = f", {_counted(pulled.tables, 'table')} without a class" if pulled.tables else ""
    return f": {_counted(pulled.classes, 'class')}{tables}"


def _counted(number: int, word: str) -> str:
    many = "es" if word.endswith("s") else "s"
    return f"{number} {word}{many if number != 1 else ''}"


def _list(output: Output, title: str, lines: tuple[str, ...]) -> None:
    for line in lines[: _SHOWN if not output.verbose else None]:
        output.data(f"{output.style(title, fg='yellow')}  {line}")
    if len(lines) > _SHOWN and not output.verbose:
        output.data(f"and {len(lines) - _SHOWN} more: -v lists them all")
