"""The server that is measured, with the settings of production, and its databases: one filled, a copy for each run."""

from __future__ import annotations

import subprocess
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from tests.servers import Server, debian_bin, embedded_bin, npm_bin

from bench.server import MAJOR, Databases

SETTINGS = {
    "autovacuum": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "max_wal_size": "4GB",
    "shared_buffers": "1GB",
    "synchronous_commit": "on",
}
"""What is set; all else is PostgreSQL's default. Most only undo what the tests' servers have."""

_AUTOVACUUMS: LiteralString = "SELECT sum(autovacuum_count + autoanalyze_count)::int FROM pg_stat_user_tables"


@contextmanager
def running(folder: Path, major: int) -> Generator[Server]:
    """Start a server with its data in `folder`, whose path is short; stop it and remove them afterwards."""
    programs = embedded_bin() if major == MAJOR else debian_bin(major) or npm_bin(major)
    if programs is None:
        raise FileNotFoundError(f"PostgreSQL {major} is not there: install it, or run make servers")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    settings = "\n".join(f"{name} = {value}" for name, value in SETTINGS.items())
    server = Server.start(major, programs, settings=settings, parent=folder)
    try:
        yield server
    finally:
        server.stop()


def fill(url: str, statements: Iterable[str]) -> None:
    """Fill the tables, and leave nothing to do for autovacuum."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # foreign keys hold by how the rows are made
        for statement in statements:
            connection.execute(statement.encode())
        connection.execute("RESET session_replication_role")
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


@contextmanager
def copied(databases: Databases, name: str) -> Generator[str]:
    """Give the URL of a copy of a database; it is dropped afterwards."""
    databases.copy(name, to="run")
    try:
        yield databases.url("run")
    finally:
        databases.server.drop(databases.url("run"))


def autovacuums(url: str) -> int:
    """Return how often autovacuum has come to the tables of a database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("SELECT pg_stat_clear_snapshot()"))
        row = connection.execute(_AUTOVACUUMS).fetchone()
    return row[0] or 0 if row else 0


def version(server: Server) -> str:
    """Return the server's version, as 18.1."""
    with psycopg.connect(server.admin_url) as connection:
        return connection.info.parameter_status("server_version") or ""


def storage(server: Server) -> str:
    """Return the kind of file system that the server's data is on, as ext4."""
    command = ["stat", "--file-system", "--format=%T", str(server.folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


class Log:
    """What a server writes into its log from now on."""

    def __init__(self, server: Server) -> None:
        self._file = server.folder / "log"
        self._begun = self._file.stat().st_size

    def since(self) -> str:
        """Return the first error, or nothing."""
        with self._file.open("rb") as file:
            file.seek(self._begun)
            lines = file.read().decode(errors="replace").splitlines()
        return next((line.partition("ERROR:")[2].strip() for line in lines if "ERROR:" in line), "")
