"""The server that is measured: an embedded PostgreSQL on disk, and how to make it cold."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from tests.servers import Server, embedded_bin

MAJOR = 18
MEASURED = {
    "autovacuum": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "jit": "off",
    "max_wal_size": "1GB",
    "shared_buffers": "1GB",
    "synchronous_commit": "on",
}
"""What is set while measuring; all else is PostgreSQL's default. Some only undo what the tests' servers have."""

_LOADING = {
    "checkpoint_timeout": "1h",
    "maintenance_work_mem": "1GB",
    "max_wal_senders": "0",
    "max_wal_size": "20GB",
    "shared_buffers": "2GB",
    "wal_level": "minimal",
    "work_mem": "512MB",
}


@contextmanager
def running(folder: Path) -> Generator[Server]:
    """Start the server with its data in `folder`, stop it and remove them afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    server = Server.start(MAJOR, embedded_bin(), parent=folder)
    try:
        yield server
    finally:
        server.stop()


def configure_loading(server: Server) -> None:
    """Restart with settings that are good for filling tables."""
    _configure(server, _LOADING)


def configure_measuring(server: Server) -> None:
    """Restart with the settings that are measured."""
    _configure(server, MEASURED)


def restart_cold(server: Server) -> None:
    """Restart, with nothing of the data left in the memory of PostgreSQL or of the operating system."""
    with server.stopped():
        for path in (server.folder / "data").rglob("*"):
            if path.is_file():
                _forget(path)


def connect(url: str, *, autocommit: bool = True) -> psycopg.Connection:
    """Open a session."""
    return psycopg.connect(url, autocommit=autocommit)


def _configure(server: Server, settings: dict[str, str]) -> None:
    server.execute(
        sql.SQL("ALTER SYSTEM RESET ALL"),
        *(
            sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            for name, value in settings.items()
        ),
    )
    with server.stopped():
        pass


def _forget(path: Path) -> None:
    """Have the operating system drop what it holds of a file, once it is on disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)
