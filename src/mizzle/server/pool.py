"""The throw-away clusters that stay between runs: a pristine one, and numbered copies of it.

    <cache>/mizzle/postgres/<server version>-<layout>/
        lock            held to build `pristine`, shared to copy it
        pristine/       made by initdb once, never started
        0/ 1/ 2/ ...    each: lock, data/, log; one run at a time holds the lock, and so does its server

A run takes the first copy whose lock is free, so that a run alone always meets the one it used before. The data of
copy 0 lie in memory (/dev/shm) where there is plenty: CREATE DATABASE is many small files, and a busy disk takes ten
times as long for them.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import time
from pathlib import Path

import msgspec

from mizzle import caches
from mizzle.errors import ScratchError

from . import datadir
from .binaries import ELSEWHERE, Binaries
from .datadir import Progress

LAYOUT = 1  # one more when initdb's options change
KEEP = 4  # copies with a higher number are removed after use
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, for this user alone
_ROOM = 2**30  # bytes that must be free there
_MOST = 64  # runs at the same time
_STALE = 30 * 24 * 3600  # seconds without use after which another version's folder is removed


class Slot(msgspec.Struct, frozen=True):
    """A numbered copy, held by the file descriptor `lock`; its server's files lie in `home`."""

    number: int
    folder: Path
    lock: int
    home: Path

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home / "data"

    def release(self) -> None:
        """Give it back, without its data where there are copies enough. Its server has ended."""
        try:
            if self.number >= KEEP:
                datadir.discard(self.data)
        finally:
            os.close(self.lock)


def claim(binaries: Binaries, progress: Progress) -> Slot:
    """Hold a copy of the pristine cluster, made now if it must be. A first time takes seconds, and says so."""
    pool = _folder(binaries, progress)
    slot = _free(pool)
    try:
        _fill(pool, slot, binaries, progress)
    except BaseException:
        os.close(slot.lock)
        raise
    return slot


def rebuild(slot: Slot, binaries: Binaries, progress: Progress) -> None:
    """Make the pristine cluster and this copy again: one of them is damaged. Other copies stay as they are."""
    pool = slot.folder.parent
    progress("the cached scratch PostgreSQL does not start: building it again")
    datadir.discard(slot.data)
    with datadir.locked(pool / "lock"):
        datadir.discard(pool / "pristine")
    _fill(pool, slot, binaries, progress)


def _fill(pool: Path, slot: Slot, binaries: Binaries, progress: Progress) -> None:
    if slot.data.exists():
        return
    datadir.sweep(slot.home)
    pristine = pool / "pristine"
    while not slot.data.exists():
        if not pristine.exists():
            _build(pool, binaries, progress)
        with datadir.locked(pool / "lock", shared=True):
            if pristine.exists():  # another run may have found it damaged in between
                datadir.copy(pristine, slot.data)


def _build(pool: Path, binaries: Binaries, progress: Progress) -> None:
    """Make the pristine cluster, unless another run does so while this one waits for the lock."""
    with datadir.locked(pool / "lock"):
        if (pool / "pristine").exists():
            return
        progress(f"building the scratch PostgreSQL {binaries.version} (first start only)")
        datadir.sweep(pool)
        datadir.initdb(binaries, pool / "pristine", durable=False)
        _forget_others(pool)


def _free(pool: Path) -> Slot:
    for number in range(_MOST):
        folder = pool / str(number)
        folder.mkdir(exist_ok=True)
        lock = datadir.try_lock(folder / "lock")
        if lock is not None:
            os.utime(lock)
            return Slot(number, folder, lock, (_in_memory(pool) if number == 0 else None) or folder)
    raise ScratchError(
        f"{_MOST} scratch servers run already, from {pool}",
        hint="wait for other runs of mizzle to end",
    )


def _in_memory(pool: Path) -> Path | None:
    """A folder in memory for this pool's copy 0; None where there is no room, or the pool is in memory itself."""
    if pool.is_relative_to(MEMORY) or not MEMORY.is_dir():
        return None
    try:
        mine = _usable(MEMORY / f"mizzle-{os.geteuid()}")
        home = mine / hashlib.sha256(os.fsencode(pool)).hexdigest()[:16]
        if not (home / "data").exists():
            _forget_lost(mine)
            room = os.statvfs(MEMORY)
            if room.f_bavail * room.f_frsize < _ROOM:
                return None
            _usable(home)
            (home / "pool").write_text(str(pool), encoding="utf-8")
    except OSError:
        return None  # the disk will do
    return home


def _forget_lost(mine: Path) -> None:
    """Remove what lies in memory for pools that are gone."""
    for other in mine.iterdir():
        origin = other / "pool"
        if origin.is_file() and not Path(origin.read_text(encoding="utf-8")).exists():
            datadir.discard(other)


def _forget_others(pool: Path) -> None:
    """Remove the pools of other versions that nobody has used for a month."""
    for other in pool.parent.iterdir():
        used = max((lock.stat().st_mtime for lock in other.glob("*/lock")), default=time.time())
        if other != pool and time.time() - used > _STALE:
            datadir.discard(other)


def _folder(binaries: Binaries, progress: Progress) -> Path:
    """The pool of this version in the user's cache folder, or in a temporary one where that cannot be written."""
    name = Path("postgres", f"{binaries.version}-{LAYOUT}")
    cache = caches.folder()
    try:
        if cache is not None:
            return _usable(cache / name)
    except OSError as error:
        progress(f"the cache folder cannot be used ({error}): the scratch PostgreSQL is kept in a temporary folder")
    try:
        private = _usable(Path(tempfile.gettempdir(), f"mizzle-{os.geteuid()}"))
        return _usable(private / "mizzle" / name)
    except OSError as error:
        raise ScratchError(
            f"no folder to keep the scratch PostgreSQL in: {error}",
            hint=f"set XDG_CACHE_HOME to a folder that user {os.geteuid()} may write to, or {ELSEWHERE}",
        ) from error


def _usable(folder: Path) -> Path:
    """The folder, made when missing, entered and owned by this user alone; OSError when it is not."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to another user")
    (folder / "lock").touch(mode=0o600)
    return folder
