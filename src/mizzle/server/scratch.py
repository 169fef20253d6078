"""The scratch server: what any schema is, PostgreSQL says here."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Self

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo

from mizzle import names
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.read import prime, read
from mizzle.errors import DatabaseError, ScratchError
from mizzle.server import datadir, session
from mizzle.server.canonical import canonical
from mizzle.server.rehome import rehome
from mizzle.sources import metadata

if TYPE_CHECKING:
    from mizzle.server.session import Connection
    from mizzle.sources.metadata import MetaData

_LOADING = "mizzle_load"
_OWN = "mizzle_"
_TEMPLATE = f"{_OWN}t_"
_OWN_OBJECTS = """
SELECT EXISTS (SELECT FROM pg_class WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_type WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_namespace WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_extension WHERE oid >= 16384)
"""  # the oids below are PostgreSQL's own: FirstNormalObjectId in src/include/access/transam.h
_KEPT_TEMPLATES = 8
_KEPT_LEFT = 8
_LEFT = f"^{_OWN}[0-9a-f]{{12}}$"
_POLLS = 100
_LARGE = 32_000_000  # bytes; an empty database has 7.5 million


class Server:
    """A PostgreSQL where databases of our own may be made and dropped; it touches no other.

    `conninfo` leads to it, without a database; `private`: nobody else uses it while we do (the embedded one), so that
    databases can be kept for the next time and roles be made; `ready` is called before the first connection, and
    returns when connections are accepted; `also` is what read() takes. Use it as a context manager.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        private: bool,
        major: int | None = None,
        ready: Callable[[], None] | None = None,
        also: Collection[str] = (),
    ) -> None:
        self._conninfo = conninfo
        self._ready = ready
        self._private = private
        self._major = major
        self._admin: Connection | None = None
        self._loading: Connection | None = None
        self._loading_name = _LOADING
        self._made: list[str] = []
        self._left = 0
        self._closed = False
        self.also = tuple(also)
        self._lock = RLock()  # two threads may work with it, each on databases of its own

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop the databases that were made and close the connections."""
        self._leave_loading()
        for name in list(self._made):
            self._leave(name)
        if self._admin is not None:
            self._admin.close()
        self._closed = True

    @property
    def private(self) -> bool:
        """Whether nobody else uses it while we do: the embedded one."""
        return self._private

    @property
    def major(self) -> int:
        """The server's major version."""
        return self._admin_connection().info.server_version // 10000

    def load(self, ddl: str | MetaData | Sequence[str], *, name: str = "the SQL") -> Catalog:
        """Load DDL into an empty database and return what PostgreSQL says it is, in canonical form.

        `ddl` is SQL text, SQLAlchemy MetaData, or statements; `name` stands for it in errors. Raises DatabaseError with
        the line that was refused, ScratchError for an extension or a role that the server lacks.
        """
        sql = self._text(ddl)
        while True:
            try:
                return self._load(sql)
            except session.Refused as refused:
                if not self.mend(refused.error):
                    raise session.explained(refused, sql, name=name) from refused.error

    def get_ready(self) -> None:
        """Do now what load() would do first, and tidy up, while there is something else to wait for."""
        prime(self._loading_connection())
        if self._private:
            self._sweep()

    def rehome(self, live: Catalog, *, near: Catalog | None = None) -> Catalog:
        """Return `live`, read from any server, with its texts as this server prints them in canonical form.

        `near` is what it will be compared with: what is equal already is not sent through.
        """
        return rehome(live, self.load, available=self._available_extensions(), major=self.major, near=near)

    @contextmanager
    def database(self) -> Generator[Connection]:
        """Give a connection to a fresh, empty database; it is dropped afterwards."""
        name = self._create()
        try:
            with self.connect(name) as connection:
                yield connection
        finally:
            self._leave(name)

    @contextmanager
    def built(self, keys: Sequence[str], build: Callable[[Connection, int], None]) -> Generator[Connection]:
        """Give a connection to a fresh database that `build` filled, in as many steps as there are keys.

        `build` is told how many of them are done already: what it filled before may be kept, under the key of the last
        step. The database is then kept under the last key, for the next time.
        """
        templates = [f"{_TEMPLATE}{key[:40]}" for key in keys]
        kept = self._templates() if self._private else []
        begun = next((number for number in range(len(keys), 0, -1) if templates[number - 1] in kept), 0)
        name = self._create(template=templates[begun - 1] if begun else "template0")
        if begun < len(keys):
            name = self._build(name, templates[-1], lambda connection: build(connection, begun))
        try:
            with self.connect(name) as connection:
                yield connection
        finally:
            self._leave(name)

    def connect(self, database: str) -> Connection:
        """Return a pinned connection in autocommit mode."""
        connection = self._open(database)
        session.pin(connection)
        return connection

    def read(self, connection: Connection) -> Catalog:
        """Read the database behind a connection of ours, in canonical form; it is left as it was."""
        connection.execute("BEGIN")
        try:
            return self._read(connection)
        finally:
            connection.rollback()
            session.pin(connection)

    def create_role(self, name: str) -> None:
        """Create a role that a schema names, without login, on a server of our own; ScratchError on any other."""
        if not self._private:
            raise ScratchError(
                f"role {name} does not exist on the scratch server",
                hint=f"create it there: CREATE ROLE {names.ident(name)}",
            )
        self._admin_connection().execute(f"CREATE ROLE {names.ident(name)} NOLOGIN".encode())

    def need_role(self, name: str) -> None:
        """Make a role, as create_role() does, where it is not there."""
        if self._admin_connection().execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).fetchone() is None:
            self.create_role(name)

    def _text(self, ddl: str | MetaData | Sequence[str]) -> str:
        if isinstance(ddl, str):
            return ddl
        if not isinstance(ddl, Sequence):
            ddl = metadata.ddl([getattr(ddl, "metadata", ddl)], major=self._major or self.major)
        return "".join(f"{statement};\n" for statement in ddl)

    def _load(self, sql: str) -> Catalog:
        connection = self._loading_connection()
        transaction = session.begin(connection)
        try:
            session.run_all(connection, sql)
            if session.still_open(connection, transaction):
                return self._read(connection)
        except session.Refused as refused:
            # Some statement must not be in a transaction, or wants another committed first: one by one, then.
            if not isinstance(refused.error, errors.ActiveSqlTransaction | errors.UnsafeNewEnumValueUsage):
                raise
        except psycopg.Error as error:
            raise session.Refused(error, 0) from error
        finally:
            if not session.left_nothing(connection, transaction):
                self._leave_loading(dirty=True)
        return self._load_one_by_one(sql)

    def _load_one_by_one(self, sql: str) -> Catalog:
        with self.database() as connection:
            connection.execute(session.LOADING.encode())
            session.run_one_by_one(connection, sql)
            connection.rollback()
            connection.execute("BEGIN")
            return self._read(connection)

    def _read(self, connection: Connection) -> Catalog:
        session.pin(connection)
        return canonical(connection, read(connection, also=self.also))

    def mend(self, error: psycopg.Error) -> bool:
        """Make the role that a statement lacks; say whether it is worth another try. ScratchError as create_role()."""
        message = error.diag.message_primary or ""
        if not isinstance(error, errors.UndefinedObject) or not message.startswith("role "):
            return False
        self.create_role(message.split('"')[1])
        return True

    def _available_extensions(self) -> frozenset[str]:
        rows = self._admin_connection().execute("SELECT name FROM pg_available_extensions").fetchall()
        return frozenset(row[0] for row in rows)

    def _loading_connection(self) -> Connection:
        if self._loading is None or self._loading.closed:
            if self._private:
                self._make_loading(_LOADING)
            else:
                self._loading_name = self._create()
            self._loading = self.connect(self._loading_name)
            if self._private and self._loading.execute(_OWN_OBJECTS).fetchone() != (False,):
                self._leave_loading(dirty=True)  # a run that was killed has left something there
                return self._loading_connection()
        return self._loading

    def _make_loading(self, name: str) -> None:
        """Make the database for loading, again where the rows of rolled-back loads have made it large."""
        query = "SELECT pg_database_size(oid) FROM pg_database WHERE datname = %s"
        found = self._admin_connection().execute(query, (name,)).fetchone()
        if found is not None and found[0] > _LARGE:
            self._drop(name)
        if found is None or found[0] > _LARGE:
            self._create(name=name)

    def _leave_loading(self, *, dirty: bool = False) -> None:
        connection, self._loading = self._loading, None
        if connection is None:
            return
        if dirty and not connection.closed:
            self._until_closed(connection)
        connection.close()
        if dirty or not self._private:
            self._drop(self._loading_name)

    def _build(self, name: str, template: str, build: Callable[[Connection], None]) -> str:
        """Fill a database, keep it as a template where that can be, and return the name of what to work with."""
        with self.connect(name) as connection:
            build(connection)
            self._until_closed(connection)
        if not self._private:
            return name
        admin = self._admin_connection()
        admin.execute(f"ALTER DATABASE {names.ident(name)} RENAME TO {names.ident(template)}".encode())
        self._made.remove(name)
        admin.execute(f"ALTER DATABASE {names.ident(template)} ALLOW_CONNECTIONS false".encode())
        for old in self._templates()[_KEPT_TEMPLATES:]:
            self._drop(old)
        return self._create(template=template)

    def _templates(self) -> list[str]:
        """Return the databases that are kept to be copied, the newest first."""
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC"
        return [name for (name,) in self._admin_connection().execute(query, (_TEMPLATE,)).fetchall()]

    def _create(self, *, name: str = "", template: str = "template0") -> str:
        name = name or f"{_OWN}{secrets.token_hex(6)}"
        admin = self._admin_connection()
        strategy = " STRATEGY file_copy" if admin.info.server_version >= 150000 else ""  # noqa: PLR2004 - came with 15
        if name != _LOADING:
            self._made.append(name)  # before it is: what cuts this off must not leave it to nobody
        try:
            admin.execute(f"CREATE DATABASE {names.ident(name)} TEMPLATE {names.ident(template)}{strategy}".encode())
        except errors.InsufficientPrivilege as error:
            raise ScratchError(
                "the role of the scratch server may not create databases",
                hint="grant it CREATEDB, or use the embedded server: pip install 'mizzle[scratch]'",
            ) from error
        except psycopg.Error as error:
            message = error.diag.message_primary or str(error)
            hint = datadir.hint(message) if self._private else "look at that server's log"
            raise ScratchError(f"cannot make a database on the scratch server: {message}", hint=hint) from error
        return name

    def _drop(self, name: str) -> None:
        self._admin_connection().execute(f"DROP DATABASE IF EXISTS {names.ident(name)} WITH (FORCE)".encode())
        if name in self._made:
            self._made.remove(name)

    def _leave(self, name: str) -> None:
        """Give up a database: dropped now, or, on a server of our own, with others when the next is begun with.

        PostgreSQL looks for the sessions in a database once in 100 ms, and one that was just closed may still be there.
        """
        if not self._private:
            self._drop(name)
            return
        if name in self._made:
            self._made.remove(name)
        self._left += 1
        if self._left > _KEPT_LEFT:
            self._sweep()

    def _sweep(self) -> None:
        """Drop the databases that were left, by this run or an earlier one, however that ended."""
        for name in self._leftover():
            self._admin_connection().execute(f"DROP DATABASE {names.ident(name)} WITH (FORCE)".encode())
        self._left = 0

    def _leftover(self) -> list[str]:
        found = self._admin_connection().execute("SELECT datname FROM pg_database WHERE datname ~ %s", (_LEFT,))
        return [name for (name,) in found.fetchall() if name not in self._made]

    def _until_closed(self, connection: Connection) -> None:
        """Close a connection, and return when the server has ended its session."""
        pid = connection.info.backend_pid
        connection.close()
        admin = self._admin_connection()
        for _ in range(_POLLS):
            if admin.execute("SELECT FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone() is None:
                return
            time.sleep(0.001)

    def _admin_connection(self) -> Connection:
        if self._closed:
            raise ScratchError("the scratch server was left", hint="use it inside of its `with`")
        with self._lock:
            if self._admin is None or self._admin.closed:
                self._admin = self._open("postgres")
                if self._private and len(self._leftover()) > _KEPT_LEFT:
                    self._sweep()
            return self._admin

    def _open(self, database: str) -> Connection:
        with self._lock:
            if self._ready is not None:
                self._ready()
                self._ready = None
        conninfo = make_conninfo(self._conninfo, dbname=database, client_encoding="UTF8")
        try:
            return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
        except psycopg.Error as error:
            hint = "it may have been ended meanwhile: run this again"
            raise DatabaseError(f"cannot connect to the scratch server: {str(error).strip()}", hint=hint) from error
