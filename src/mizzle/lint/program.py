"""Where squawk is, and which."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path


@cache
def program() -> Path | None:
    """Return squawk's program: beside this Python's, or on the PATH; None where it is not installed."""
    name = "squawk.exe" if os.name == "nt" else "squawk"
    for folder in (os.path.dirname(sys.executable), *os.get_exec_path()):  # noqa: PTH120 - it stays in its environment
        if os.access(at := Path(folder, name), os.X_OK):
            return at
    return None


def stamp() -> tuple[int, int]:
    """Return what tells one squawk from another: two numbers, zeros where there is none."""
    found = program()
    if found is None:
        return (0, 0)
    stat = found.stat()
    return (stat.st_size, stat.st_mtime_ns)
