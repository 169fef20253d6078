"""Data folders on disk: made by initdb, copied, locked, and looked into without a server.

What is half made never carries the name of what is whole: a folder is built under a temporary name beside its
own, and renamed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from mizzle.errors import ScratchError

from . import confine
from .binaries import ELSEWHERE, Binaries

Progress = Callable[[str], None]

_STATUS = 8  # the line of postmaster.pid that says whether connections are accepted
_SEVERITIES = ("ERROR:", "FATAL:", "PANIC:", "error:")
_UNFINISHED = ".unfinished-"
_OPTIONS = (
    "--username=postgres",
    "--auth=trust",  # only who may enter the socket's folder reaches it
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",  # sorts as C does, and knows the letters of Unicode; the same on every system
    "--no-instructions",
)
_FAST = ("--no-sync", "--no-data-checksums", "--wal-segsize=1")


class Pidfile(msgspec.Struct, frozen=True):
    """What a postmaster tells of itself in postmaster.pid (miscadmin.h, LOCK_FILE_LINE_*)."""

    port: str
    socket: str
    ready: bool


def pidfile(data: Path) -> Pidfile | None:
    """Of the server that runs, or ran, in `data`; None while it is missing or half written."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    if len(lines) < _STATUS:
        return None
    return Pidfile(port=lines[3].strip(), socket=lines[4].strip(), ready=lines[_STATUS - 1].strip() == "ready")


def try_lock(path: Path) -> int | None:
    """A file descriptor that holds the lock at `path` until it and its copies are closed; None when another has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    except BaseException:
        os.close(file)
        raise
    return file


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Generator[None]:
    """Hold the lock at `path`, waiting for it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def initdb(binaries: Binaries, data: Path, *, durable: bool) -> None:
    """Make the data folder `data`, whole or not at all. Whoever calls holds a lock on its parent's building."""
    with _built(data) as unfinished, tempfile.TemporaryFile() as output:
        unfinished.mkdir(0o700)
        program = str(binaries.bin / "initdb")
        arguments = (program, f"--pgdata={unfinished}", *_OPTIONS, *(() if durable else _FAST))
        order = confine.Order(arguments, data=unfinished, needs=(binaries.bin, binaries.share))
        child = confine.spawn(order, output.fileno())
        try:
            failed = child.process.wait() != 0
        finally:
            child.end()
        if failed:
            output.seek(0)
            raise _cannot_make(data, complaint(output.read()))


def copy(source: Path, target: Path) -> None:
    """Copy a data folder of a server that does not run, whole or not at all."""
    with _built(target) as unfinished:
        for folder, _, files in os.walk(source):
            here = unfinished / Path(folder).relative_to(source)
            here.mkdir(0o700)
            for file in files:
                shutil.copyfile(f"{folder}/{file}", here / file)


def discard(folder: Path) -> None:
    """Remove a folder of ours, in one step for whoever looks for it by name."""
    if not folder.exists():
        return
    gone = folder.with_name(f"{_UNFINISHED}{folder.name}-{os.getpid()}")
    folder.rename(gone)
    shutil.rmtree(gone)


def sweep(folder: Path) -> None:
    """Remove what killed builders left in `folder`, whose lock the caller holds."""
    for left in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left)


def complaint(log: bytes, *, count: int = 6) -> str:
    """The last errors in a log, or just its end where it has none, indented to stand under a message."""
    lines = [line.strip() for line in log.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if any(severity in line for severity in _SEVERITIES)]
    return "\n".join(f"  {line}" for line in (errors or lines)[-count:])


def hint(said: str, *, otherwise: str = ELSEWHERE) -> str:
    """What to do about a server, or a system, that says this; `otherwise` is the way around it."""
    if any(os.strerror(full) in said for full in (errno.ENOSPC, errno.EDQUOT)):
        return f"free some 100 MB on that disk, or {otherwise}"
    if any(os.strerror(refused) in said for refused in (errno.EACCES, errno.EPERM, errno.EROFS)):
        return f"let user {os.geteuid()} write there, or {otherwise}"
    return f"mend what is named above; if it cannot run on this system, {otherwise}"


@contextmanager
def _built(data: Path) -> Generator[Path]:
    """A temporary name beside `data`: renamed to it in the end, removed when that is not reached."""
    unfinished = data.with_name(f"{_UNFINISHED}{data.name}-{os.getpid()}")
    try:
        yield unfinished
        unfinished.rename(data)
    except OSError as error:
        raise _cannot_make(data, f"  {error}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _cannot_make(data: Path, said: str) -> ScratchError:
    return ScratchError(f"cannot make the embedded PostgreSQL's data folder {data}:\n{said}", hint=hint(said))
