"""What is kept of a migrations folder that was read: a migration whose files were not touched is not read again.

    <cache>/mizzle/folders/<key>    one folder: of each migration the signature of its files, and what they said

A file is touched where its times (that of its inode, too, which no program can set), its size or its inode are others.
What is wrong in a folder is not kept, and `mizzle check` reads every file.
"""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path

import msgspec

from mizzle import caches
from mizzle.migrations.folder import FILES, Folder, Migration, load

_FORMAT = 3
_LENGTH, _TIMES = 4, 2  # of what a signature says of each file, and how many of these are times

Signature = tuple[int, ...]
"""Of each of the three files: when it was written, when its inode was, its size, its inode."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A migration as it was read, and the signature that its files had before."""

    signature: Signature
    migration: Migration


class Kept:
    """What an earlier reading of a folder said; what this one says is added to it."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._start = time.time_ns() - caches.TICK
        self._at = _place(self._path)
        self._entries = _read(self._at)
        self._signature: Signature | None = None
        self._found: dict[str, Entry] = {}
        self._fresh = False

    def find(self, name: str) -> Migration | None:
        """Return a migration that was read before, if its files are those that were read."""
        self._signature = _signature(f"{self._path}/{name}")
        entry = self._entries.get(name)
        if entry is None or entry.signature != self._signature:
            return None
        self._found[name] = entry
        return entry.migration

    def add(self, migration: Migration) -> None:
        """Take note of a migration that was just read, after find() had none.

        Not of one that was written just now: it may be written to again without a file's time showing it.
        """
        if self._signature is not None and _last_touched(self._signature) < self._start:
            self._found[migration.id] = Entry(self._signature, migration)
            self._fresh = True

    def keep(self) -> None:
        """Keep what was found for the next time."""
        if self._at is None:
            return
        if self._fresh or len(self._found) < len(self._entries):
            caches.put(self._at, msgspec.msgpack.encode(self._found))
        else:
            caches.used(self._at)


def read(path: Path) -> Folder:
    """Read a migrations folder as load() does, but what was not touched since the last time."""
    kept = Kept(path)
    folder = load(path, kept=kept)
    kept.keep()
    return folder


def _place(path: str) -> Path | None:
    cache = caches.folder()
    if cache is None:
        return None
    return cache / "folders" / sha256(f"{_FORMAT} {path}".encode(errors="surrogateescape")).hexdigest()


def _read(at: Path | None) -> dict[str, Entry]:
    if at is None:
        return {}
    try:
        return msgspec.msgpack.decode(at.read_bytes(), type=dict[str, Entry])
    except (OSError, msgspec.DecodeError):
        return {}


def _signature(folder: str) -> Signature | None:
    found: list[int] = []
    try:
        for file in FILES:
            at = os.stat(f"{folder}/{file}")
            found += (at.st_mtime_ns, at.st_ctime_ns, at.st_size, at.st_ino)
    except OSError:
        return None
    return tuple(found)


def _last_touched(signature: Signature) -> int:
    return max(each for at, each in enumerate(signature) if at % _LENGTH < _TIMES)
