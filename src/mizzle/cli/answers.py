"""Answers given on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from mizzle.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])

allow = click.option(
    "--allow", metavar="CODE", multiple=True, help="A hazard that `forbid` forbids may be written for once."
)


def rename(text: str) -> tuple[str, str]:
    """Split `--rename A:B` at the last colon that stands in no quotes. Raises ConfigError where there is none."""
    colons = [at for at, letter in enumerate(text) if letter == ":" and text.count('"', 0, at) % 2 == 0]
    old, new = (text[: colons[-1]], text[colons[-1] + 1 :]) if colons else ("", "")
    if not old or not new:
        raise ConfigError(f"--rename {text} is not OLD:NEW", hint="such as --rename public.users.name:full_name")
    return old, new
