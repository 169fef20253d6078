"""The clients that are there while a table is migrated: two that write and one that reads, each a process."""

from __future__ import annotations

import json
import subprocess
import sys
from array import array
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench.stalls.changes import Change

WRITERS = 2
_PAUSE = 0.002
_SEED = 20261201
_CLIENT = Path(__file__).with_name("client.py")
_PATIENCE = 300
"""Seconds that a client may take to end: its last statement may still wait."""


class Wait(NamedTuple):
    """One statement of a client: when it was sent, how long it took, in seconds, and what it was."""

    begun: float
    seconds: float
    statement: str
    failed: bool

    @property
    def ended(self) -> float:
        """When its answer was there."""
        return self.begun + self.seconds


@dataclass(slots=True)
class Crowd:
    """What the clients have waited for; filled when they have ended."""

    waits: list[Wait] = field(default_factory=list[Wait])
    error: str = ""


@contextmanager
def crowd(url: str, change: Change, rows: int, folder: Path) -> Generator[Crowd]:
    """Have the clients run in the block; afterwards what is yielded holds all that they have waited for."""
    found, statements = Crowd(), change.statements(rows)
    kinds = [("INSERT", "UPDATE")] * WRITERS + [("SELECT",)]
    clients: list[tuple[subprocess.Popen[str], Path, Sequence[str]]] = []
    with ExitStack() as stack:
        for number, names in enumerate(kinds):
            told = {
                "url": url,
                "statements": [statements[name] for name in names],
                "first": rows + 1 + number,
                "step": len(kinds),
                "rows": rows,
                "pause": _PAUSE,
                "seed": _SEED + number,
            }
            file = folder / f"client-{number}"
            clients.append((stack.enter_context(_started(file, told)), file, names))
        yield found
        for client, _, _ in clients:
            client.communicate(timeout=_PATIENCE)
    for client, file, names in clients:
        if client.returncode:
            raise RuntimeError(f"a client ended with {client.returncode}")
        waits, error = _read(file, names)
        found.waits.extend(waits)
        found.error = found.error or error


@contextmanager
def _started(file: Path, told: dict[str, object]) -> Generator[subprocess.Popen[str]]:
    """Start a client, wait until it is connected, and let it end."""
    command = [sys.executable, str(_CLIENT), str(file), json.dumps(told)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        if client.stdout.readline() != "ready\n":
            raise RuntimeError(f"a client does not start: {client.wait()}")
        yield client


def _read(file: Path, names: Sequence[str]) -> tuple[Iterable[Wait], str]:
    content = file.read_bytes()
    end = 8 + 8 * int.from_bytes(content[:8], "little")
    numbers = array("d", content[8:end])
    told = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    waits = [
        Wait(begun, seconds, names[int(which if which >= 0 else -1 - which)], which < 0)
        for begun, seconds, which in told
    ]
    return waits, content[end:].decode()
