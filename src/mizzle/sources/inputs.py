"""What a reading of the models depended on: every file and folder that was looked into while they were imported.

Python tells an audit hook of each file it opens and each folder it lists (PEP 578), the import system included; of a
file that it only looks for (`os.stat`, and what is made of that) it tells nobody, so that is listened to as well. A
reading that did more than that, such as asking a database or starting a program, is not to be relied on again.
"""

from __future__ import annotations

import importlib
import os
import stat
import sys
import time
from collections.abc import Callable
from hashlib import blake2b
from importlib.util import source_from_cache
from typing import Any

from mizzle.caches import TICK

_BEYOND = frozenset(
    "socket.connect socket.getaddrinfo socket.sendto sqlite3.connect subprocess.Popen os.exec os.fork os.forkpty "
    "os.posix_spawn os.spawn os.system pty.spawn".split()
)
_MOST = 20_000  # files and folders; what depends on more is read anew each time
_FOLDER = ()

Signature = tuple[int, ...] | str | None
"""Of a file its times and size; of a folder a hash of the names in it, or nothing where just that it is one counts.

None of what is not there.
"""


class Recorder:
    """Records, from its making until `found()`, what Python looks into. For a process that does nothing else."""

    def __init__(self) -> None:
        self._start = time.time_ns() - TICK
        self._looked_at: set[str] = set()
        self._listed: dict[str, Signature] = {}
        self._beyond = False
        self._listening = True
        sys.addaudithook(self._hear)
        os.stat, os.access = self._telling(os.stat), self._telling(os.access)
        importlib.invalidate_caches()  # folders that were listed before are listed again, and heard

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
                self._looked_at.add(origin)
        if len(self._looked_at) + len(self._listed) > _MOST:
            return None
        files = {path: signature(path) for path in self._looked_at if path not in self._listed}
        now = {path: _FOLDER if isinstance(each, str) else each for path, each in files.items()}
        changed = any(each and max(each[:2]) >= self._start for each in now.values())
        return None if changed or not steady(self._listed) else now | self._listed

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._listening:
            return
        if event in _BEYOND:
            self._beyond = True
        elif event == "open" and not (args[2] or 0) & (os.O_WRONLY | os.O_RDWR):
            self._look_at(args[0])
        elif event in {"os.listdir", "os.scandir"}:
            self._list("." if args[0] is None else args[0])

    def _telling(self, look: Callable[..., Any]) -> Callable[..., Any]:
        def told(path: Any, *args: Any, **more: Any) -> Any:
            if self._listening:
                self._look_at(path)
            return look(path, *args, **more)

        return told

    def _look_at(self, path: Any) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            self._looked_at.add(_source(_absolute(path)))

    def _list(self, path: Any) -> None:
        if isinstance(path, str | bytes | os.PathLike) and (folder := _absolute(path)) not in self._listed:
            self._listening = False  # the next line lists it, too
            self._listed[folder] = signature(folder)
            self._listening = True


def signature(path: str) -> Signature:
    """Return what tells whether a file, or what is in a folder, is still the same."""
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
    return all(os.path.isdir(path) if was == _FOLDER else signature(path) == was for path, was in paths.items())


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
