"""Data on stdout, everything else on stderr; colour and progress only on a terminal; never a password."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import click
import msgspec

from mizzle.errors import MizzleError

# What a user may have typed in a wrong place, or what an error of the models' own quotes: a URL that is known to be one
# is described by runner/url.py. What is taken for a password goes too far rather than not far enough.
_IN_URL = r"((?::/+|//)[^\s:/?#@]*:)(?!password@)[^\n]*@"
_IN_SETTING = r"(?i)(password=)('[^']*'|[^\s&'\"]+)"
_IN_SQL = r"(?i)(\bpassword\s+)'[^']*'"


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
            self._print(text, sys.stdout)

    def json(self, value: Mapping[str, Any]) -> None:
        """Print the result for `--json`."""
        if self.as_json:
            self.clear()
            text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
            self._print(text, sys.stdout)

    def note(self, text: str) -> None:
        """Say what happens, unless quiet."""
        self.clear()
        if not self.quiet and not self.as_json:
            self._print(without_passwords(text), sys.stderr)

    def detail(self, text: str) -> None:
        """Say what happens, when verbose."""
        if self.verbose:
            self.note(text)

    def progress(self, text: str) -> None:
        """Show long work: on a terminal in one line that the next one replaces, piped only when verbose."""
        if self._live:
            self.clear()
            self._shown = text[: _width() - 1]
            self._print(self.style(self._shown, dim=True), sys.stderr, end="")
        elif self.verbose:
            self.note(text)

    def clear(self) -> None:
        """Take the progress line away."""
        if self._shown:
            self._print("\r" + " " * len(self._shown) + "\r", sys.stderr, end="")
            self._shown = ""

    def error(self, error: MizzleError) -> None:
        """Print an error with its hint."""
        self.clear()
        message, hint = without_passwords(error.message), without_passwords(error.hint)
        self.json({"error": {"kind": type(error).__name__, "message": message, "hint": hint}})
        self._print(self.style("error: ", fg="red", bold=True) + message, sys.stderr)
        if hint:
            self._print(self.style("hint: ", fg="cyan") + hint, sys.stderr)

    def interrupted(self, *, asked: bool) -> None:
        """Say that somebody ended the command; where a question was `asked`, below that."""
        self.clear()
        if asked:
            self._print("", sys.stderr)
        self.json({"error": {"kind": "Interrupted", "message": "interrupted", "hint": ""}})
        self._print("interrupted", sys.stderr)

    def style(self, text: str, **how: Any) -> str:
        """Return `text` in colour; it is taken out again where the stream is no terminal."""
        return click.style(text, **how)

    def _print(self, text: str, stream: TextIO, *, end: str = "\n") -> None:
        click.echo(text + end, file=stream, nl=False, color=self._color and stream.isatty())


def without_passwords(text: str) -> str:
    """Return `text` with *** for each password in what looks like a database URL, a setting of one, or SQL."""
    for pattern, hidden in ((_IN_URL, r"\1***@"), (_IN_SETTING, r"\1***"), (_IN_SQL, r"\1***")):
        text = re.sub(pattern, hidden, text)
    return text


def _width() -> int:
    import shutil  # noqa: PLC0415 - only a terminal needs it

    return shutil.get_terminal_size().columns
