"""Data on stdout, everything else on stderr; colour and progress only on a terminal; never a password."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TextIO

import click
import msgspec

from mizzle.errors import INTERRUPTED, MizzleError
from mizzle.runner.redaction import without_passwords

if TYPE_CHECKING:
    from mizzle.cli.lines import Lines

__all__ = ["Output", "without_passwords"]


class Output:
    """Prints one command's results (stdout) and what goes on meanwhile (stderr): as text, or as `lines` of JSON."""

    def __init__(self, *, json: bool, quiet: bool, verbose: bool, color: bool, lines: Lines | None = None) -> None:
        self.as_json = json
        self.quiet = quiet
        self.verbose = verbose
        self.lines = lines
        self._color = color
        self._live = sys.stderr.isatty() and not quiet and not json and lines is None
        self._shown = ""

    def data(self, text: str) -> None:
        """Print a result."""
        self.clear()
        if not self.as_json:
            self._print(text, sys.stdout)

    def json(self, value: msgspec.Struct) -> None:
        """Print the result for `--json`: one of cli/results."""
        if self.as_json:
            self.clear()
            self._print(indented(value), sys.stdout)

    def document(self, text: str) -> None:
        """Print a result that is JSON anyway, with `--json` and without."""
        self.clear()
        self._print(text, sys.stdout)

    def note(self, text: str) -> None:
        """Say what happens, unless quiet."""
        self.clear()
        if self.lines is not None:
            self.lines.note(text)
        elif not self.quiet and not self.as_json:
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
        if self.as_json:
            from mizzle.cli.results.errors import failed  # noqa: PLC0415 - most runs do not fail

            self.json(failed(error))
        if self.lines is not None:
            self.lines.failed(error)
            return
        self._print(self.style("error: ", fg="red", bold=True) + message, sys.stderr)
        if hint:
            self._print(self.style("hint: ", fg="cyan") + hint, sys.stderr)

    def crashed(self, error: Exception) -> None:
        """Print, with `--json`, that it is at its end; the traceback goes to stderr."""
        self.clear()
        if self.as_json:
            from mizzle.cli.results.errors import crashed  # noqa: PLC0415 - hardly ever needed

            self.json(crashed(error))

    def target_failed(self, target: str, error: MizzleError) -> None:
        """Say that one target of many failed."""
        if self.lines is not None:
            self.lines.failed(error, target=target)
        else:
            self.note(f"{target}: {error.message}")

    def interrupted(self, *, asked: bool) -> None:
        """Say that somebody ended the command; where a question was `asked`, below that."""
        self.clear()
        if asked:
            self._print("", sys.stderr)
        if self.as_json:
            from mizzle.cli.results.errors import interrupted  # noqa: PLC0415 - most runs are not

            self.json(interrupted(INTERRUPTED))
        if self.lines is not None:
            self.lines.interrupted()
            return
        self._print("interrupted", sys.stderr)

    def style(self, text: str, **how: Any) -> str:
        """Return `text` in colour; it is taken out again where the stream is no terminal."""
        return click.style(text, **how)

    def _print(self, text: str, stream: TextIO, *, end: str = "\n") -> None:
        click.echo(text + end, file=stream, nl=False, color=self._color and stream.isatty())


def indented(value: object) -> str:
    """Return a value as JSON that a person can read, too."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:  # a path or an argument whose bytes are no text
        import json  # noqa: PLC0415 - hardly ever needed

        encoded = json.dumps(msgspec.to_builtins(value), ensure_ascii=False).encode("utf-8", "replace")
    return msgspec.json.format(encoded, indent=2).decode()


def _width() -> int:
    import shutil  # noqa: PLC0415 - only a terminal needs it

    return shutil.get_terminal_size().columns
