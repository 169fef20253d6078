"""What `studio` and `dev` have in common: where to listen, what to print, the browser."""

from __future__ import annotations

import sys
import threading
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
from msgspec import UNSET

from mizzle.cli.output import Output, without_passwords
from mizzle.cli.results.files import Serving
from mizzle.errors import ConfigError
from mizzle.runner.connection import connect
from mizzle.runner.scope import Scope

if TYPE_CHECKING:
    from mizzle.project.project import Project
    from mizzle.studio.serve import Address

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--port",
        metavar="PORT",
        type=click.IntRange(0, 65535),
        help="Where to listen, 0 for any free one.  [default: 4973]",
    ),
    click.option(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        show_default=True,
        help="The address of this machine to listen on.",
    ),
    click.option("--no-browser", "browser", is_flag=True, flag_value=False, default=True, help="Open no browser."),
    click.option("--write", is_flag=True, help="Let the pages change data, each change shown as SQL first."),
)


class Asked(NamedTuple):
    """What the command line says of the server."""

    port: int | None
    host: str
    browser: bool
    write: bool


def options(command: F) -> F:
    """Add the options of both commands."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def serve(output: Output, url: str, project: Project | None, asked: Asked, *, told: str | None = None) -> None:
    """Serve the pages of the database at `url` until Ctrl-C; `told` is the URL of it that the result says.

    Raises ConfigError where studio's own libraries are missing or the port is taken, DatabaseError where the database
    cannot be reached.
    """
    try:
        from mizzle.studio import open as studio  # noqa: PLC0415 - needs what few have installed
        from mizzle.studio import serve as server  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = f"studio needs {error.name}, which is not installed"
        raise ConfigError(message, hint="pip install 'mizzle[studio]'") from error
    connect(url, scope=Scope(role=project.config.role if project else "")).close()
    listening = server.listen(asked.host, asked.port)
    if asked.host not in {"127.0.0.1", "::1", "localhost"}:
        output.note(f"warning: {asked.host} is not this machine alone: whoever sees the address on its way gets in")

    def ready(address: Address) -> None:
        _told(output, address, told, browser=asked.browser)

    try:
        server.serve(studio.studio(url, project, write=asked.write), listening, ready)
    except KeyboardInterrupt:
        output.note("ended")


def _told(output: Output, address: Address, url: str | None, *, browser: bool) -> None:
    """Print the address, open it, and print another whenever Enter is pressed."""
    entrance = address.entrance()
    output.data(entrance)
    output.json(Serving(address=entrance, database=UNSET if url is None else without_passwords(url)))
    sys.stdout.flush()
    if browser and _has_browser():
        webbrowser.open(address.entrance())
    if sys.stdin is None or not sys.stdin.isatty():
        return
    output.note("The address lets one browser in, once. Enter prints another, Ctrl-C ends studio.")
    threading.Thread(target=_another, args=(output, address), daemon=True).start()


def _another(output: Output, address: Address) -> None:
    for _ in sys.stdin:
        output.data(address.entrance())


def _has_browser() -> bool:
    """Return whether there is a browser with a window: one in the terminal would take the terminal over."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    return not isinstance(found, webbrowser.GenericBrowser) or isinstance(found, webbrowser.BackgroundBrowser)
