"""What a reading of the models depended on: every file and folder that was looked into while they were imported.

Python tells an audit hook of each file it opens and each folder it lists (PEP 578), the import system included. A
reading that did more than that, such as asking a database or starting a program, is not to be relied on again.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from hashlib import blake2b
from importlib.util import source_from_cache
from typing import Any

_BEYOND = frozenset(
    "socket.connect socket.getaddrinfo socket.sendto sqlite3.connect subprocess.Popen os.exec os.fork os.forkpty "
    "os.posix_spawn os.spawn os.system pty.spawn".split()
)
_TICK = 20_000_000  # ns: a file's time may lie this much before the clock's, which the kernel reads once a tick
_MOST = 20_000  # files and folders; what depends on more is read anew each time

Signature = tuple[int, ...] | str | None
"""Of a file its times and size, of a folder a hash of the names in it, of what is not there None."""


class Recorder:
    """Records, from its making until `found()`, what Python looks into. One for each process: a hook stays."""

    def __init__(self) -> None:
        self._start = time.time_ns() - _TICK
        self._paths: dict[str, Signature] = {}
        self._beyond = False
        self._listening = True
        sys.addaudithook(self._hear)

    def went_beyond(self, *_: Any) -> None:
        """Note that something was asked that no file tells."""
        self._beyond = True

    def found(self) -> dict[str, Signature] | None:
        """Return what was looked into as it is now; None where that is not all that counts, or just changed."""
        self._listening = False
        if self._beyond:
            return None
        for module in list(sys.modules.values()):
            origin = getattr(getattr(module, "__spec__", None), "origin", None)
            if isinstance(origin, str) and os.path.isabs(origin):
                self._paths.setdefault(origin, ())
        if len(self._paths) > _MOST:
            return None
        now = {path: signature(path) for path in self._paths}
        return None if any(self._unsteady(path, each) for path, each in now.items()) else now

    def _unsteady(self, path: str, now: Signature) -> bool:
        """Say whether this may have changed since it was looked into."""
        if isinstance(now, tuple):
            return max(now[:2]) >= self._start
        return isinstance(now, str) and self._paths[path] != now

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._listening:
            return
        if event in _BEYOND:
            self._beyond = True
        elif event == "open":
            self._opened(*args)
        elif event in {"os.listdir", "os.scandir"}:
            self._listed(args[0])

    def _opened(self, path: Any, _: Any, flags: int) -> None:
        if isinstance(path, str | bytes | os.PathLike) and not flags & (os.O_WRONLY | os.O_RDWR):
            self._paths.setdefault(_source(_absolute(path)), ())

    def _listed(self, path: Any) -> None:
        if path is None or isinstance(path, str | bytes | os.PathLike):
            folder = _absolute("." if path is None else path)
            if folder not in self._paths:
                self._listening = False  # the next line lists it, too
                self._paths[folder] = signature(folder)
                self._listening = True


def signature(path: str) -> Signature:
    """Return what tells whether a file or a folder is still the same."""
    try:
        found = os.stat(path)
        if not stat.S_ISDIR(found.st_mode):
            return found.st_mtime_ns, found.st_ctime_ns, found.st_size
        names = sorted(name for name in os.listdir(path) if name != "__pycache__")
    except (OSError, ValueError):
        return None
    return blake2b("\0".join(names).encode(errors="surrogateescape"), digest_size=16).hexdigest()


def steady(paths: dict[str, Signature]) -> bool:
    """Say whether all of this is as it was."""
    return all(signature(path) == was for path, was in paths.items())


def _absolute(path: Any) -> str:
    return os.path.abspath(os.fsdecode(path))


def _source(path: str) -> str:
    """Return the source that a file of bytecode was made from, and any other file itself."""
    if not path.endswith(".pyc"):
        return path
    try:
        return source_from_cache(path)
    except ValueError:
        return path
