"""`mizzle` on a terminal of its own, and somebody who answers there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE = 60  # seconds until an expected text must have come
_ENDING = 5
_UNHEARD = 2


class Terminal:
    """Runs `mizzle` on a pseudo-terminal of 80 columns; `seen` is all that it showed."""

    def __init__(self, *arguments: str, cwd: Path | None = None, **env: str) -> None:
        self.seen = ""
        self._read = 0
        self._screen, there = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mizzle", *arguments],
            stdin=there,
            stdout=there,
            stderr=there,
            cwd=cwd,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24", **env},
            start_new_session=True,
            preexec_fn=_control,  # noqa: PLW1509 - no thread of the tests holds a lock that it would need
        )
        os.close(there)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._screen)

    def wait_for(self, text: str) -> None:
        """Read until `text` was shown, after what was waited for before."""
        while (found := re.compile(re.escape(text)).search(self.seen, self._read)) is None:
            assert self._more(_PATIENCE), f"{text!r} did not come:\n{self.seen}"
        self._read = found.end()

    def answer(self, question: str, text: str) -> None:
        """Wait for a question and type a line; an empty one is not typed."""
        self.wait_for(question)
        if text:
            os.write(self._screen, f"{text}\n".encode())

    def interrupt(self) -> None:
        """Press Ctrl-C until it is heard: a program that is just about to wait for a line may miss it."""
        while True:
            os.write(self._screen, b"\x03")
            try:
                self.process.wait(_UNHEARD)
            except subprocess.TimeoutExpired:
                continue
            return

    def end(self) -> int:
        """Read to the end and return the exit code."""
        while self._more(_PATIENCE):
            pass
        return self.process.wait(_ENDING)

    def _more(self, patience: float) -> bool:
        ready, _, _ = select.select([self._screen], [], [], patience)
        if not ready:
            return False
        try:
            data = os.read(self._screen, 65536)
        except OSError:  # Linux's answer when nobody has the terminal open any more
            return False
        self.seen += data.decode("utf-8", "replace")
        return bool(data)


def _control() -> None:
    """Make the terminal the one whose Ctrl-C the process hears."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
