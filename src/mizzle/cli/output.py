"""Data on stdout, everything else on stderr; colour and progress only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click
import msgspec

from mizzle.errors import MizzleError


class Output:
    """Prints one command's results (stdout) and what goes on meanwhile (stderr)."""

    def __init__(self, *, json: bool, quiet: bool, verbose: bool, color: bool) -> None:
        self.as_json = json
        self.quiet = quiet
        self.verbose = verbose
        self._color = color
        self._live = sys.stderr.isatty() and not quiet and not json
        self._shown = ""

    def data(self, text: str) -> None:
        """Print a result."""
        self.clear()
        if not self.as_json:
            click.echo(text, color=self._on(sys.stdout))

    def json(self, value: Mapping[str, Any]) -> None:
        """Print the result for `--json`."""
        if self.as_json:
            self.clear()
            click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())

    def note(self, text: str) -> None:
        """Say what happens, unless quiet."""
        self.clear()
        if not self.quiet and not self.as_json:
            click.echo(text, err=True, color=self._on(sys.stderr))

    def detail(self, text: str) -> None:
        """Say what happens, when verbose."""
        if self.verbose:
            self.note(text)

    def progress(self, text: str) -> None:
        """Show long work: on a terminal in one line that the next one replaces, piped only when verbose."""
        if self._live:
            self.clear()
            self._shown = text[: _width() - 1]
            click.echo(self.style(self._shown, dim=True), nl=False, err=True, color=self._on(sys.stderr))
            sys.stderr.flush()
        elif self.verbose:
            self.note(text)

    def clear(self) -> None:
        """Take the progress line away."""
        if self._shown:
            click.echo("\r" + " " * len(self._shown) + "\r", nl=False, err=True)
            self._shown = ""

    def error(self, error: MizzleError) -> None:
        """Print an error with its hint."""
        self.clear()
        if self.as_json:
            body = {"error": {"kind": type(error).__name__, "message": error.message, "hint": error.hint}}
            click.echo(msgspec.json.format(msgspec.json.encode(body), indent=2).decode())
        click.echo(self.style("error: ", fg="red", bold=True) + error.message, err=True, color=self._on(sys.stderr))
        if error.hint:
            click.echo(self.style("hint: ", fg="cyan") + error.hint, err=True, color=self._on(sys.stderr))

    def style(self, text: str, **how: Any) -> str:
        """Return `text` in colour; click takes it out again where the stream is no terminal."""
        return click.style(text, **how)

    def _on(self, stream: Any) -> bool:
        return self._color and stream.isatty()


def _width() -> int:
    import shutil  # noqa: PLC0415 - only a terminal needs it

    return shutil.get_terminal_size().columns
