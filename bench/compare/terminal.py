"""A command on a terminal, and somebody who answers there."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.compare.record import ESCAPES

_PATIENCE = 30.0
_THOUGHT = 0.5  # seconds that a program may need until it listens


class Answer(NamedTuple):
    """What is typed once a text was shown."""

    after: str
    keys: str


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], answers: Sequence[Answer]
) -> tuple[str, int | None]:
    """Return what was shown and the exit code; None where it had to be ended."""
    screen, there = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        stdin=there,
        stdout=there,
        stderr=there,
        start_new_session=True,
    )
    os.close(there)
    shown, left = "", list(answers)
    while data := _more(screen):
        shown += data
        while left and left[0].after in ESCAPES.sub("", shown):
            time.sleep(_THOUGHT)
            os.write(screen, left.pop(0).keys.encode())
    ended = process.poll() if process.poll() is not None else _end(process)
    os.close(screen)
    return shown, ended


def _more(screen: int) -> str:
    ready, _, _ = select.select([screen], [], [], _PATIENCE)
    if not ready:
        return ""
    try:
        return os.read(screen, 65536).decode("utf-8", "replace")
    except OSError:  # Linux's answer when nobody has the terminal open any more
        return ""


def _end(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None
