"""Databases for tests: a template that the migrations make once, and a copy of it for each test.

Their names say whose they are: `mizzle_template_KEY`, where the key is a hash of all that made it, and
`mizzle_test_TOKEN_NUMBER`, where the token is that of a process, which is connected as long as it lives. What a process
left that was killed is dropped by the next one. No other database is touched.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import secrets
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Self

import msgspec
import psycopg
from psycopg import errors

from mizzle.errors import DatabaseError
from mizzle.names import ident
from mizzle.project.database import up_units
from mizzle.project.project import Project, stamps
from mizzle.runner import migrate as runner
from mizzle.runner.connection import connect
from mizzle.runner.scope import Scope
from mizzle.runner.units import Unit
from mizzle.runner.url import parameters
from mizzle.testing import urls

_TEMPLATE, _COPY, _SESSION = "mizzle_template_", "mizzle_test_", "mizzle test "
_FORMAT = 1
_KEPT = 4  # templates
_LOCK = 0x6D697A7A6C65  # "mizzle"; held while the template is looked for and made
_POLLS, _MOMENT = 50, 0.001  # how often, and after how many seconds, it is asked whether a session has ended
_HAS_STRATEGIES = 150000  # PostgreSQL 15: until then a database was always copied file by file

_DEAD = f"""
SELECT d.datname FROM pg_catalog.pg_database AS d
WHERE starts_with(d.datname, '{_COPY}') AND pg_catalog.pg_has_role(d.datdba, 'MEMBER') AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_stat_activity AS a
    WHERE a.application_name = '{_SESSION}' || split_part(d.datname, '_', 3)
)
"""
_OLD = f"""
SELECT datname FROM pg_catalog.pg_database
WHERE starts_with(datname, '{_TEMPLATE}') AND pg_catalog.pg_has_role(datdba, 'MEMBER')
ORDER BY oid DESC OFFSET {_KEPT}
"""
# Ends what a test left open; sessions of others are left to DROP DATABASE ... WITH (FORCE).
_END = """
SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity
WHERE datname = %s AND usename = session_user
"""


class Recipe(msgspec.Struct, frozen=True):
    """What a database for tests is made of: a project's migrations, and SQL that is run behind them.

    `schema` is that of the history; `role` owns the databases and runs the migrations, `tenants` are the schemas that
    they run in, where the project keeps one for each.
    """

    units: tuple[Unit, ...]
    key: str
    schema: str
    role: str = ""
    tenants: tuple[str, ...] = ()
    seed: str = ""

    @classmethod
    def of(cls, project: Project, *, tenants: Sequence[str] = (), seed: str = "") -> Self:
        """Return the recipe of a project's databases. Raises HistoryError where its folder is not whole and linear."""
        config, chain = project.config, project.chain_so_far()
        tenants = tuple(tenants) if config.per_schema else ()
        said = [_FORMAT, stamps(chain), config.history, config.role, tenants, seed]
        key = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]
        return cls(up_units(chain), key, config.history, config.role, tenants, seed)


class Databases:
    """Makes databases by `recipe` on the server at `url`, for one process; use it as a context manager.

    `roles`: those that the migrations name and the server lacks are made, without login. Raises DatabaseError where the
    server cannot be reached or refuses something.
    """

    def __init__(self, url: str, recipe: Recipe, *, roles: bool = False) -> None:
        self._recipe = recipe
        self._roles = roles
        self._token = secrets.token_hex(6)
        self._numbers = itertools.count(1)
        self._ready = False
        self._server = parameters(url)
        self._admin = connect(url)
        self._admin.execute("SELECT pg_catalog.set_config('application_name', %s, false)", (_SESSION + self._token,))
        self._template = f"{_TEMPLATE}{recipe.key}"
        self._strategy = " STRATEGY file_copy" if self._copies_files() else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._admin.close()

    @contextmanager
    def fresh(self) -> Generator[str]:
        """Give the URL of a new, migrated database; it is dropped after the block, whoever is connected to it."""
        name = f"{_COPY}{self._token}_{next(self._numbers)}"
        self._copy(name)
        try:
            yield urls.url(self._server, name)
        finally:
            self._drop(name)

    def _copies_files(self) -> bool:
        """Say whether files are to be copied: where nothing is synced that is faster than to write them to WAL."""
        found = self._admin.execute("SELECT pg_catalog.current_setting('fsync')").fetchall()
        return self._admin.info.server_version >= _HAS_STRATEGIES and found == [("off",)]

    def _copy(self, name: str) -> None:
        while True:
            self._prepare()
            try:
                return self._create(name, template=self._template, more=self._strategy)
            except errors.InvalidCatalogName:  # others have made so many templates that ours was dropped
                self._ready = False

    def _prepare(self) -> None:
        """Make the template, unless it is there. Of many processes one makes it, the others wait."""
        if self._ready:
            return
        self._admin.execute("SELECT pg_catalog.pg_advisory_lock(%s)", (_LOCK,))
        try:
            found = self._admin.execute("SELECT FROM pg_catalog.pg_database WHERE datname = %s", (self._template,))
            if not found.rowcount:
                self._make_template()
            self._sweep()
        finally:
            self._admin.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", (_LOCK,))
        self._ready = True

    def _sweep(self) -> None:
        """Drop what dead processes left, and the oldest templates."""
        for (name,) in self._admin.execute(_DEAD.encode()).fetchall() + self._admin.execute(_OLD.encode()).fetchall():
            self._drop(name)

    def _make_template(self) -> None:
        """Make it under a name of this process, and give it its own when it is whole."""
        unfinished = f"{_COPY}{self._token}_0"
        if self._roles and self._recipe.role:
            self._make_role(self._recipe.role)
        self._create(unfinished, template="template0", more=self._strategy)
        try:
            self._fill(urls.url(self._server, unfinished))
            self._until_left(unfinished)
            self._run(f"ALTER DATABASE {ident(unfinished)} ALLOW_CONNECTIONS false")
            self._run(f"ALTER DATABASE {ident(unfinished)} RENAME TO {ident(self._template)}")
        except BaseException:
            self._drop(unfinished)
            raise

    def _fill(self, url: str) -> None:
        recipe = self._recipe
        for tenant in recipe.tenants:
            _run_sql(url, f"CREATE SCHEMA {ident(tenant)}", doing=f"the schema of tenant {tenant}", role=recipe.role)
        for scope in [Scope(tenant, recipe.role) for tenant in recipe.tenants or ("",)]:
            while True:
                try:
                    runner.migrate(url, recipe.units, schema=recipe.schema, scope=scope, contract=True)
                except DatabaseError as error:
                    if not self._mended(error.__cause__):
                        raise
                else:
                    break
        if recipe.seed:
            _run_sql(url, recipe.seed, doing="the fixture mizzle_seed")

    def _mended(self, error: BaseException | None) -> bool:
        """Make the role that a migration lacks, on a server of our own; say whether it is worth another try."""
        message = (error.diag.message_primary or "") if isinstance(error, errors.UndefinedObject) else ""
        if not self._roles or not message.startswith('role "'):
            return False
        self._make_role(message.split('"')[1])
        return True

    def _make_role(self, name: str) -> None:
        if not self._admin.execute("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", (name,)).rowcount:
            self._run(f"CREATE ROLE {ident(name)} NOLOGIN")

    def _create(self, name: str, *, template: str, more: str) -> None:
        owner = f" OWNER {ident(self._recipe.role)}" if self._recipe.role else ""
        try:
            self._admin.execute(f"CREATE DATABASE {ident(name)} TEMPLATE {ident(template)}{owner}{more}".encode())
        except errors.InsufficientPrivilege as error:
            raise DatabaseError(
                f"the role of the server for tests may not make databases: {error.diag.message_primary}",
                hint="grant it CREATEDB, and the role of the `role` setting; or take MIZZLE_TEST_URL out",
                sqlstate="42501",
            ) from error

    def _drop(self, name: str) -> None:
        self._until_left(name)
        self._run(f"DROP DATABASE IF EXISTS {ident(name)} WITH (FORCE)")

    def _until_left(self, name: str) -> None:
        """End the sessions in a database, and wait a moment for that: PostgreSQL itself looks once in 100 ms only."""
        for _ in range(_POLLS):
            if self._admin.execute(_END, (name,)).fetchall() == [(0,)]:
                return
            time.sleep(_MOMENT)

    def _run(self, sql: str) -> None:
        self._admin.execute(sql.encode())


def _run_sql(url: str, sql: str, *, doing: str, role: str = "") -> None:
    try:
        with psycopg.connect(url) as connection:
            if role:
                connection.execute(f"SET ROLE {ident(role)}".encode())
            connection.execute(sql.encode())
    except psycopg.Error as error:
        message = error.diag.message_primary or str(error).strip()
        raise DatabaseError(f"{doing}: {message}", hint="correct it", sqlstate=error.sqlstate or "") from error
