"""A program that asks at a terminal, and the keys that answer it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Failed

_QUIET, _PATIENCE = 0.5, 120.0
"""Seconds without output after which a program that has asked waits for a key, and in which it must have ended."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question holds, and the keys that answer it, one after the other."""

    question: str
    keys: Sequence[str]


def answer(command: Sequence[str], folder: Path, environment: Mapping[str, str], answer: Answer) -> str:
    """Run a command at a terminal of its own, answer its question, and return what it printed. May raise Failed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        printed = _talked(ours, process, answer)
        os.close(ours)
    if process.returncode:
        raise Failed(printed[-4000:])
    return printed


def _talked(terminal: int, process: subprocess.Popen[bytes], answer: Answer) -> str:
    printed, keys, end = b"", list(answer.keys), time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if select.select([terminal], [], [], _QUIET)[0]:
            try:
                printed += os.read(terminal, 65536)
            except OSError:  # the other side is closed
                break
        elif process.poll() is not None:
            break
        elif keys and answer.question.encode() in printed:
            os.write(terminal, keys.pop(0).encode())
    else:
        process.kill()
    return printed.decode(errors="replace")
