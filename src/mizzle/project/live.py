"""Live databases, read as far as the project manages them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing

import psycopg

from mizzle.catalog import read as reader
from mizzle.catalog.catalog import Catalog
from mizzle.errors import DatabaseError, LockedError
from mizzle.names import dotted
from mizzle.project.config import Config
from mizzle.runner.connection import Connection, connect
from mizzle.runner.scope import Scope

LOCK_TIMEOUT = "10s"
"""How long to wait for a table that another session has locked: PostgreSQL opens tables to print their expressions."""

BEGIN = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'".encode()
"""Begins the transaction that a database is read in."""

_LOCK_NOT_AVAILABLE = "55P03"
_NOT_ALLOWED = "42501"


def read(
    url: str,
    *,
    schemas: Sequence[str] | None = None,
    history: str = "mizzle",
    also: Collection[str] = (),
    role: str = "",
) -> Catalog:
    """Read the database at `url`: all schemas but PostgreSQL's own and the history's, or just `schemas`.

    `also` names what is read besides objects: "grants", "owners", "default privileges"; `role` is taken by SET ROLE.

    Texts are as that server prints them: `server.rehome()` brings them home before a comparison. Raises DatabaseError,
    LockedError where another session holds a table for itself.
    """
    with closing(connect(url, scope=Scope(role=role))) as connection:
        try:
            connection.execute(BEGIN)
            migrator = _migrator(connection, history) if also else ""
            return reader.read(connection, schemas=schemas, exclude=(history,), also=also, migrator=migrator)
        except psycopg.Error as error:
            raise explained(error) from error


def managed(url: str, config: Config, *, tenant: str = "") -> Catalog:
    """Read what a project manages in the database at `url`, and what it ignores there; raises as read() does.

    Of a project with one schema per tenant that is the one of `tenant`.
    """
    schemas = (tenant,) if tenant else config.schemas
    return read(url, schemas=schemas, history=config.history, also=config.manage, role=config.role)


def _migrator(connection: Connection, history: str) -> str:
    """Return the role that has migrated the database: whoever looks may be another one. '' where nobody has."""
    query = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass(%s)"
    row = connection.execute(query, (dotted(history, "history"),)).fetchone()
    return str(row[0]) if row else ""


def explained(error: psycopg.Error) -> DatabaseError:
    """Return what kept a database from being read, in words."""
    message = f"cannot read the database: {error.diag.message_primary or str(error).partition(chr(10))[0]}"
    sqlstate = error.sqlstate or ""
    if sqlstate == _LOCK_NOT_AVAILABLE:
        hint = "another session holds a table for itself: end its transaction (see pg_stat_activity), and try again"
        return LockedError(message, hint=hint, sqlstate=sqlstate)
    hint = "grant the role USAGE on its schemas" if sqlstate == _NOT_ALLOWED else "see the server's log, and try again"
    return DatabaseError(message, hint=hint, sqlstate=sqlstate)
