"""What every command takes, before or after its name, and what it hands to the project."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from mizzle.cli.output import Output
from mizzle.errors import ConfigError

if TYPE_CHECKING:
    from mizzle.cli.lines import Lines
    from mizzle.project.project import Project

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_RIVALS = {"url": "embedded", "embedded": "url"}
"""A flag of which the environment's other one gives way."""

F = TypeVar("F", bound=Callable[..., Any])


class Settings:
    """The global options of one run."""

    def __init__(self) -> None:
        self.config: str | None = None
        self.url: str | None = None
        self.embedded = False
        self.tenant = ""
        self.json = False
        self.quiet = False
        self.verbose = False
        self.no_color = False
        self.log = "text"
        self.given: set[str] = set()  # on the command line
        self._output: Output | None = None

    def output(self) -> Output:
        """Return where to print: one and the same from the first call on, for it knows what stands on the terminal."""
        if self._output is None:
            color = not (self.no_color or os.environ.get("NO_COLOR"))
            lines = _lines(quiet=self.quiet) if self.log == "json" else None
            self._output = Output(json=self.json, quiet=self.quiet, verbose=self.verbose, color=color, lines=lines)
        return self._output

    def trace(self, output: Output) -> None:
        """Send traces from here on, where the environment asks for them and OpenTelemetry's SDK is there."""
        if not _is_traced():
            return
        try:
            from mizzle.cli.tracing import start  # noqa: PLC0415 - needs the SDK, which few have
        except ModuleNotFoundError:
            output.detail("no traces: opentelemetry-sdk is not installed")
        else:
            click.get_current_context().call_on_close(start(output.note))

    def project(self, output: Output) -> Project:
        """Load the project that counts here."""
        from mizzle.project.project import Project  # noqa: PLC0415 - `--help` and `--version` need no project

        project = Project.load(
            config=self.config,
            url=self.url,
            embedded=self.embedded,
            tenant=self.tenant,
            progress=output.progress,
            note=output.note,
        )
        click.get_current_context().call_on_close(project.close)
        return project

    def one_form(self, form: str) -> str:
        """Return the form of the result. Raises ConfigError for both --json and another one."""
        if self.json and form != "text":
            raise ConfigError(f"two forms are asked for: --json and --format {form}", hint="use one of them")
        return form

    def project_if_any(self, output: Output, *, named: bool = False) -> Project | None:
        """Load the project that counts here.

        None where there is none, and what is worked on is `named` all the same: a database by --url, or something else.
        """
        from mizzle.project import config  # noqa: PLC0415 - as in project()

        if (named or self.url is not None) and self.config is None and not self.tenant:
            here = Path.cwd()
            if not any(map(config.in_folder, (here, *here.parents))):
                return None
        return self.project(output)


def _lines(*, quiet: bool) -> Lines:
    """Return who prints the log as lines of JSON: what happens while the command runs, too."""
    from mizzle.cli.lines import Lines  # noqa: PLC0415 - most runs print text

    lines = Lines(quiet=quiet)
    if (context := click.get_current_context(silent=True)) is not None:
        lines.listen()
        context.call_on_close(lines.end)
    return lines


def _is_traced() -> bool:
    """Return whether the environment asks for traces, and nobody (such as opentelemetry-instrument) sees to them."""
    exporter = os.environ.get("OTEL_TRACES_EXPORTER") or (any(map(os.environ.get, _ENDPOINTS)) and "otlp")
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return exporter not in {False, "none"} and not off and "opentelemetry.trace" not in sys.modules


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    """Keep an option's value: each may stand before the command's name or behind it, or in the environment."""
    name, settings = parameter.name or "", context.ensure_object(Settings)
    if value is None or value is False:
        return
    rival = _RIVALS.get(name, "")
    if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
        settings.given.add(name)
        if rival and rival not in settings.given:
            setattr(settings, rival, getattr(Settings(), rival))
    elif not settings.given.isdisjoint({name, rival}):
        return
    setattr(settings, name, value)


def _change_folder(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    del context, parameter
    if value is not None:
        os.chdir(value)


def _kept(*names: str, help: str, **more: Any) -> Callable[[F], F]:  # noqa: A002 - as click calls it
    """Return an option whose value is kept in Settings, and which the variable of its name stands for."""
    variable = "MIZZLE_" + names[-1].removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, callback=_keep, expose_value=False, help=help, **more)


def options(command: F) -> F:
    """Add the global options, in the order of the help text."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


tenant = _kept("--tenant", metavar="NAME", help="The one schema to work on (per_schema).")
"""For the commands that work on one tenant's schema."""

log = _kept(
    "--log",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to tell on stderr what happens.",
)
"""For the commands that run migrations."""


def form(*others: str, text: str) -> Callable[[F], F]:
    """For the commands that print their result in `others`, too: an argument `form`, `text` or one of them."""
    kinds = click.Choice(["text", *others])
    return click.option("--format", "form", metavar="FORM", type=kinds, default="text", help=text)


_OPTIONS = (
    click.option(
        "-C",
        "directory",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False),
        callback=_change_folder,
        is_eager=True,
        expose_value=False,
        help="Run as if started in DIR.",
    ),
    _kept("--config", metavar="FILE", help="The pyproject.toml or mizzle.toml to use."),
    _kept("--url", metavar="URL", help="The database, instead of DATABASE_URL."),
    _kept("--embedded", is_flag=True, help="Use the project's own embedded PostgreSQL."),
    _kept("--json", is_flag=True, help="Print the result as JSON."),
    _kept("-q", "--quiet", is_flag=True, help="Print results and errors only."),
    _kept("-v", "--verbose", is_flag=True, help="Print more."),
    _kept("--no-color", is_flag=True, help="Print without colour."),
)
