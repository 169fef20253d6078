"""Where what may be forgotten is kept: the user's cache folder."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

TICK = 20_000_000  # ns: a file's time may lie this much before the clock's, which the kernel reads once a tick
_STALE = 30 * 24 * 3600  # seconds without use after which what is kept in a file is removed


def folder() -> Path | None:
    """Return the folder `mizzle` in the user's cache folder, whether it is there or not; None without a home.

    XDG Base Directory Specification: a relative path is ignored.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return Path(named if named.startswith("/") else Path.home() / ".cache", "mizzle")
    except RuntimeError:
        return None


def used(at: Path) -> None:
    """Note that a file is still of use."""
    with suppress(OSError):  # a cache of somebody else's, or one to be read only
        os.utime(at)


def put(at: Path, data: bytes) -> None:
    """Write a file whole or not at all, and remove the others in its folder that nobody has used for long.

    A cache that cannot be written costs time, nothing else.
    """
    unfinished = at.with_name(f".{at.name}-{os.getpid()}")
    try:
        at.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(data)
        unfinished.replace(at)
        for other in at.parent.iterdir():
            if other.stat().st_mtime < time.time() - _STALE:
                other.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
