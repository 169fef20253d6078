"""Connections whose settings are pinned, and errors that say what to do when there is none."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import TypeAlias

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow, tuple_row

from mizzle.errors import ConfigError, DatabaseError, Unsupported
from mizzle.planning.session import pin_sql
from mizzle.runner.pooler import refuse_transaction_pooling
from mizzle.runner.scope import WHOLE, Scope
from mizzle.runner.url import describe, parameters, redact

__all__ = ["Connection", "connect", "forget", "lost", "redact", "regain_sql", "session", "twin"]

Connection: TypeAlias = "psycopg.Connection[TupleRow]"

_OLDEST = 140000
_HAS_TRANSACTION_TIMEOUT = 170000
_DEFAULTS = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "4"}
# No limit of a role or a database may end a migration half-way; the runner sets those of each step.
_PATIENT = (
    ("statement_timeout", "0"),
    ("lock_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("idle_session_timeout", "0"),
)
_REGAIN = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL"
# DISCARD ALL without what would give up the advisory lock.
_FORGET = f"CLOSE ALL; {_REGAIN}; DEALLOCATE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES"
_REFUSED = {
    "25006": "this session may only read: give the URL of the primary, and a role that may write",
    "42501": "to read, GRANT USAGE on the history's schema and SELECT on its tables; to migrate, be its owner",
}
_NO_SOCKET = "is PostgreSQL running there? check the folder of its socket and the port"
_NO_DEV = "the URL is that of `mizzle dev`, and it is not running: start it, or use --embedded"
# What libpq's and the server's messages hold, the SQLSTATE where the server gave one, what to do.
_CAUSES = (
    ("password authentication failed", "28P01", "check role and password in the URL, PGPASSWORD and ~/.pgpass"),
    ("no password supplied", "28P01", "put the password into the URL, PGPASSWORD or ~/.pgpass"),
    (
        "no pg_hba.conf entry",
        "28000",
        "the server's pg_hba.conf does not let this role in from here; perhaps it wants sslmode=require",
    ),
    ("permission denied to set role", "42501", "GRANT it to the role of the URL, or correct the `role` setting"),
    ("permission denied for database", "42501", "grant the role CONNECT on that database"),
    ("too many clients", "53300", "wait until other sessions have ended, or raise max_connections"),
    ("remaining connection slots", "53300", "wait until other sessions have ended, or raise max_connections"),
    ("starting up", "57P03", "wait until the server has started"),
    ("shutting down", "57P03", "wait until the server is back"),
    ("onnection refused", "", "is PostgreSQL running there? check host and port"),
    ("o such file or directory", "", _NO_SOCKET),
    ("resolve host", "", "check the host's name in the URL"),
    ("translate host name", "", "check the host's name in the URL"),
    ("timeout expired", "", "the host does not answer: check host, port and firewall, or set connect_timeout"),
    ("sslmode", "", "check sslmode and the certificates that it needs"),
    ("SSL", "", "check sslmode and the certificates that it needs"),
    ("certificate", "", "check sslmode and the certificates that it needs"),
)


def connect(url: str, *, application: str = "mizzle", scope: Scope = WHOLE) -> Connection:
    """Open a connection in autocommit mode with its settings pinned (planning/session.py) and no timeouts.

    `url` may carry a SQLAlchemy driver or be a `host=...` string; `application` is the name under which the session is
    seen, unless the URL or PGAPPNAME gives another. Raises ConfigError for a URL that cannot be read, DatabaseError
    where no connection is to be had (also behind a pooler in transaction mode, which keeps no session), and Unsupported
    for a PostgreSQL before 14.
    """
    found = parameters(url)
    conn = _open(found, application)
    try:
        _begin(conn, scope)
    except psycopg.Error as error:
        conn.close()
        raise _unreachable(error, found) from None
    except BaseException:
        conn.close()
        raise
    return conn


@contextmanager
def session(target: str | Connection, scope: Scope = WHOLE) -> Generator[Connection]:
    """Give a pinned connection: one of its own for a URL, or the caller's.

    The caller's must be idle; it goes back with its modes as they were and its session settings reset to their
    defaults. Raises ConfigError where it is in a transaction.
    """
    if isinstance(target, str):
        with closing(connect(target, scope=scope)) as conn:
            yield conn
        return
    if target.closed or target.info.transaction_status != TransactionStatus.IDLE:
        raise ConfigError("the connection is closed or in a transaction", hint="give an idle connection, or a URL")
    modes = target.autocommit, target.prepare_threshold, target.row_factory
    target.autocommit, target.prepare_threshold, target.row_factory = True, None, tuple_row
    try:
        try:
            _begin(target, scope)
        except psycopg.Error as error:
            raise _unreachable(error, target.info.get_parameters()) from error
        yield target
    finally:
        if not target.closed:
            target.rollback()
            target.execute(_FORGET.encode())
            target.autocommit, target.prepare_threshold, target.row_factory = modes


def regain_sql(conn: Connection, scope: Scope = WHOLE) -> bytes:
    """Return SQL that makes role and settings of the session what they were at its start, and pinned."""
    return f"{_REGAIN}; {_pins(conn, scope)}".encode()


def forget(conn: Connection, scope: Scope = WHOLE) -> None:
    """Undo what a step left in the session, except for advisory locks: role, settings, temporary tables, cursors."""
    conn.execute(f"{_FORGET}; {_pins(conn, scope)}".encode())


def twin(conn: Connection) -> Connection:
    """Open a second connection to the same place, as the same role; it is not pinned. Raises psycopg.Error."""
    return _psycopg({**conn.info.get_parameters(), "password": conn.info.password})


def lost(conn: Connection, error: psycopg.Error, *, doing: str) -> DatabaseError:
    """Return what a driver's error outside of a step's SQL means: the connection is gone, or the role may not do it."""
    reason = (error.diag.message_primary or str(error)).strip().partition("\n")[0]
    hint = _REFUSED.get(
        error.sqlstate or "", "look at the server's log, then run this again: it goes on where it stopped"
    )
    if conn.closed:
        reason, hint = f"the connection was lost: {reason}", "run this again: it goes on where it stopped"
    return DatabaseError(f"{doing}: {reason}", hint=hint, sqlstate=error.sqlstate or "")


def _pins(conn: Connection, scope: Scope) -> str:
    more = _PATIENT
    if conn.info.server_version >= _HAS_TRANSACTION_TIMEOUT:
        more = (*more, ("transaction_timeout", "0"))
    if scope.role:
        more = (*more, ("role", scope.role))
    return pin_sql(scope.tenant, more=more)


def _open(found: dict[str, str], application: str) -> Connection:
    timeout = {} if "PGCONNECT_TIMEOUT" in os.environ else {"connect_timeout": "10"}
    try:
        return _psycopg({"fallback_application_name": application, **timeout, **_DEFAULTS, **found})
    except psycopg.Error as error:
        raise _unreachable(error, found) from None


def _psycopg(found: dict[str, str]) -> Connection:
    # Prepared statements would be forgotten with the rest of the session; client_encoding is sent at the start so that
    # RESET ALL comes back to it.
    conninfo = make_conninfo("", **{**found, "client_encoding": "UTF8"})
    return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)


def _begin(conn: Connection, scope: Scope) -> None:
    """Pin the session, unless it is none: a pooler gives clients a backend number that is not the backend's own."""
    version = conn.info.server_version
    if version < _OLDEST:
        raise Unsupported(f"the server is PostgreSQL {version // 10000}", hint="use PostgreSQL 14 or newer")
    direct = f" WHERE pg_catalog.pg_backend_pid() = {conn.info.backend_pid}"
    if conn.execute((_pins(conn, scope) + direct).encode()).rowcount == 0:
        with closing(twin(conn)) as other:
            refuse_transaction_pooling(conn, other, describe(conn.info.get_parameters()))
        conn.execute(_pins(conn, scope).encode())


def _unreachable(error: psycopg.Error, found: dict[str, str]) -> DatabaseError:
    text = _reason(str(error), found)
    sqlstate, hint = error.sqlstate or "", "check the database URL and that the server can be reached from here"
    for needle, state, advice in _CAUSES:
        if needle in text:
            sqlstate, hint = sqlstate or state, advice
            break
    else:
        if "does not exist" in text:
            sqlstate = "3D000" if "database" in text else "28000"
            hint = "create it (createdb, createuser), or correct the URL"
    if hint == _NO_SOCKET and found.get("host", "").endswith("/.mizzle/socket"):
        hint = _NO_DEV
    return DatabaseError(f"cannot connect to {describe(found)}: {text}", hint=hint, sqlstate=sqlstate)


def _reason(text: str, found: dict[str, str]) -> str:
    """Return the driver's reason on one line, without its preamble, and without the password whatever it says."""
    line = text.strip().partition("\n")[0].removeprefix("connection is bad: ")
    reason = line.rpartition("failed: ")[2].removeprefix("FATAL:").strip()
    for secret in (found.get("password"), found.get("sslpassword")):
        reason = reason.replace(secret, "***") if secret else reason
    return reason[:1].lower() + reason[1:] if reason[1:2].islower() else reason
