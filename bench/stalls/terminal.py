"""A program that asks at a terminal, and the keys that answer it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.measure import Failed

_QUIET, _PATIENCE = 1.0, 60.0
"""Seconds without output after which a program is taken to wait for a key, and in which it must have ended."""


def answer(command: Sequence[str], folder: Path, environment: Mapping[str, str], keys: str) -> str:
    """Run a command at a terminal of its own, press the keys when it has fallen silent, and return what it printed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        printed = _listened(ours, process, keys)
        os.close(ours)
    if process.returncode:
        raise Failed(printed[-4000:])
    return printed


def _listened(terminal: int, process: subprocess.Popen[bytes], keys: str) -> str:
    printed, pressed, end = b"", False, time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if select.select([terminal], [], [], _QUIET)[0]:
            try:
                printed += os.read(terminal, 65536)
            except OSError:  # the other side is closed
                break
        elif process.poll() is not None:
            break
        elif printed and not pressed:
            os.write(terminal, keys.encode())
            pressed = True
    else:
        process.kill()
    return printed.decode(errors="replace")
