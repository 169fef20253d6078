"""One server process over one data folder, reached by a Unix socket in a short temporary folder of its own."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from signal import Signals

import msgspec

from mizzle.errors import ScratchError

from . import confine, datadir, stubs
from .binaries import Binaries

PORT = "5432"  # part of the socket's name, nothing more
_PLAIN = re.compile(r"[\w./+-]{1,80}", re.ASCII)  # needs no quoting anywhere, and fits: sun_path holds 107 bytes
_PREFIX = "mizzle-"
_SHUTDOWN = ((Signals.SIGINT, 60), (Signals.SIGQUIT, 10))  # fast, then immediate, and seconds given to each
_PATIENCE = 120  # seconds until a living server must accept connections (crash recovery included)


class Site(msgspec.Struct, frozen=True):
    """Where a server works: its data, its log, the lock that it holds as long as it lives.

    `death` is the signal it gets when this process is killed.
    """

    data: Path
    log: Path
    lock: int
    death: Signals


class Postmaster:
    """A server process, started by `start`, which may be called again after it has ended."""

    def __init__(self, binaries: Binaries, site: Site, settings: Mapping[str, str]) -> None:
        self.binaries = binaries
        self.site = site
        self.settings = settings
        self._record = site.data.with_name("socket")
        self.socket = _socket_folder(self._record)
        self._child: confine.Child | None = None
        self._log_start = 0  # what stands before it in the log was written by earlier servers

    def start(self) -> None:
        """Start the process and return at once."""
        data, binaries = self.site.data, self.binaries
        (data / "postmaster.pid").unlink(missing_ok=True)  # stale: who holds the lock knows that no server runs
        order = confine.Order(
            (str(binaries.bin / "postgres"), f"-D{data}", *self._options()),
            data=data,
            needs=(binaries.bin, binaries.share, stubs.FOLDER),
            inherit=(self.site.lock,),
            death=self.site.death,
        )
        log = os.open(self.site.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._log_start = os.fstat(log).st_size
            self._child = confine.spawn(order, log)
        finally:
            os.close(log)

    def ready(self) -> bool:
        """Wait until it accepts connections; False when it ended instead. ScratchError when it does neither."""
        deadline = time.monotonic() + _PATIENCE
        while self._child is not None and self._child.process.poll() is None:
            told = datadir.pidfile(self.site.data)
            if told is not None and told.ready:
                return True
            if time.monotonic() > deadline:
                raise self.failure(f"did not accept connections within {_PATIENCE} s")
            time.sleep(0.0005)
        return False

    def end(self) -> None:
        """End the process by a fast shutdown, harsher when that takes too long."""
        child, self._child = self._child, None
        if child is None:
            return
        child.unwatch()
        for signal, patience in _SHUTDOWN:
            child.process.send_signal(signal)
            if child.ended_within(patience):
                break
        child.end()

    def stop(self) -> None:
        """End the process and remove its socket's folder."""
        self.end()
        shutil.rmtree(self.socket, ignore_errors=True)
        self._record.unlink(missing_ok=True)

    def failure(self, what: str) -> ScratchError:
        """The error for a server that `what`, with the errors in its log."""
        said = datadir.complaint(self.site.log.read_bytes()[self._log_start :])
        return ScratchError(
            f"the embedded PostgreSQL {self.binaries.version} {what}, says its log {self.site.log}:\n{said}",
            hint=datadir.hint(said),
        )

    def _options(self) -> list[str]:
        settings = {
            "port": PORT,
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "extension_control_path": f"$system:{self.socket / 'extensions'}",
            **self.settings,
        }
        return [f"-c{name}={value}" for name, value in settings.items()]


def conninfo(socket: str, port: str) -> str:
    """How libpq reaches the server whose socket is in this folder."""
    return f"host={socket} port={port} user=postgres"


def _socket_folder(record: Path) -> Path:
    """A new folder for a socket; the link `record` names it, so that one left by a killed run is removed."""
    if record.is_symlink():
        _remove_left(record.readlink())
        record.unlink()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_short_place()))
    try:
        record.symlink_to(folder)
    except OSError:
        folder.rmdir()
        raise
    (folder / "extensions").symlink_to(stubs.FOLDER)  # a list of paths: this one holds no colon
    return folder


def _remove_left(folder: Path) -> None:
    """Remove a socket folder, if it is one and ours: the link that names it may be older than a restart."""
    if folder.name.startswith(_PREFIX) and folder.is_dir() and folder.lstat().st_uid == os.geteuid():
        shutil.rmtree(folder, ignore_errors=True)


def _short_place() -> str:
    """A folder for temporary files whose name is short and plain: the user's own choice where it is."""
    places = (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 (mkdtemp makes a private one)
    for place in places:
        if _PLAIN.fullmatch(place) and os.access(place, os.W_OK | os.X_OK):
            return place
    raise ScratchError(
        f"no temporary folder with a short, plain name to put a socket in (tried {', '.join(places)})",
        hint="set TMPDIR to a folder of at most 80 letters, digits, dots and dashes",
    )
