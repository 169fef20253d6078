"""Sessions on the scratch server: pinned, in autocommit mode, with errors that name the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import errors, generators
from psycopg.pq import ExecStatus, TransactionStatus

from mizzle import sqltext
from mizzle.errors import ConfigError, DatabaseError, ScratchError, Unsupported
from mizzle.planning.session import pin_sql

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]

_COPYING = frozenset({ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH})
_VERBS = frozenset({"CREATE", "ALTER", "DROP"})
_BEYOND = frozenset({"DATABASE", "SYSTEM", "TABLESPACE", "ROLE", "USER", "GROUP", "SUBSCRIPTION"})
_NO_DATA = "leave the data out: a schema is all that is read (pg_dump --schema-only)"
_HEAD = 200  # characters that hold the first words of a statement


LOADING = "SET search_path TO public; SET check_function_bodies TO on"
"""What a script finds that is loaded, as it does in a session of its own."""

UNCHECKED = "SET check_function_bodies TO off"
"""What a plan begins with that is loaded: a function may call another that comes behind it."""


class Refused(Exception):
    """A statement that the server refused, and where in its script it stands.

    `offset` is where what was sent begins, in characters from 0; `number` which statement of that it is, from 0.
    """

    def __init__(self, error: psycopg.Error, offset: int, number: int = 0) -> None:
        super().__init__(str(error))
        self.error = error
        self.offset = offset
        self.number = number


def pin(connection: Connection) -> None:
    """Pin what PostgreSQL's printed texts depend on."""
    connection.execute(pin_sql().encode())


def begin(connection: Connection) -> str:
    """Open a transaction in which a script can be run, and return its id: names without a schema go to public."""
    connection.execute(f"BEGIN; {LOADING}".encode())
    return str(connection.execute("SELECT pg_current_xact_id()::text").fetchall()[0][0])


def still_open(connection: Connection, transaction: str) -> bool:
    """Say whether the transaction of begin() is open: the script has not ended it."""
    if connection.info.transaction_status != TransactionStatus.INTRANS:
        return False
    row = connection.execute("SELECT pg_current_xact_id_if_assigned()::text").fetchone()
    return row is not None and row[0] == transaction


def left_nothing(connection: Connection, transaction: str) -> bool:
    """Roll back, and say whether that took all that a script did: nothing was committed on the way."""
    if connection.closed:
        return False
    inside = connection.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}
    try:
        connection.rollback()
    except psycopg.Error:  # Ctrl-C while a statement runs; the server rolls back what a closed session did
        connection.close()
        return False
    row = connection.execute("SELECT pg_xact_status(%s::xid8)", (transaction,)).fetchone()
    return inside and row is not None and row[0] == "aborted"


def run(connection: Connection, sql: str) -> None:
    """Run any number of statements by the simple query protocol. Raises psycopg.Error as the server reports it."""
    try:
        run_all(connection, sql)
    except Refused as refused:
        raise refused.error from None


def run_all(connection: Connection, sql: str) -> None:
    """Run any number of statements, as run() does. Raises Refused, with the number of the statement."""
    if "\0" in sql:
        raise ConfigError("the SQL holds a zero byte", hint="take it out: PostgreSQL cannot read it")
    with connection.lock:
        connection.pgconn.send_query(sql.encode())
        results = connection.wait(generators.execute(connection.pgconn))
    for number, result in enumerate(results):
        if result.status == ExecStatus.FATAL_ERROR:
            raise Refused(errors.error_from_result(result, encoding="utf-8"), 0, number)
        if result.status in _COPYING:
            connection.close()
            raise Unsupported(
                "the SQL copies data from or to the client (COPY ... FROM stdin)",
                hint=_NO_DATA,
            )


def run_one_by_one(connection: Connection, sql: str) -> None:
    """Run statements each in a transaction of its own, or outside of one where it needs that.

    Raises Refused, and Unsupported for what would reach beyond the database, which is all that is thrown away.
    """
    for fragment in sqltext.split(sql):
        words = [token.text.upper() for token in sqltext.tokens(fragment.sql[:_HEAD]) if token.significant]
        if words[0] in _VERBS and words[1:2] and words[1] in _BEYOND and words[2:3] != ["MAPPING"]:
            raise Unsupported(
                f"line {fragment.line} of the SQL: {words[0]} {words[1]} reaches beyond the database",
                hint="leave it out: a schema is all that is read",
            )
        try:
            run(connection, fragment.sql)
        except psycopg.Error as error:
            raise Refused(error, fragment.offset) from error


_ANOTHER = 'point scratch = "postgresql://…" (or MIZZLE_SCRATCH_URL) to a server that has it'
_OF_THE_SERVER = ("ICU is not supported in this build", "could not create locale")
"""Of messages about what another server may have: it was built otherwise, or its system has that locale."""


def explained(refused: Refused, sql: str, *, name: str) -> DatabaseError | ScratchError:
    """Return an error that says which line of `name`, whose text is `sql`, the server refused, and why."""
    error = refused.error
    message = error.diag.message_primary or str(error)
    if isinstance(error, errors.FeatureNotSupported | errors.UndefinedFile) and "extension" in message:
        return ScratchError(
            f"{name}: {message}, on the scratch server",
            hint=_ANOTHER,
        )
    place, near, before = name, "", ""
    offset = _offset(refused, sql)
    if offset is not None:
        before = sql[:offset]
        line = before.count("\n") + 1
        near = sql.split("\n")[line - 1].strip()
        place = f"{name}, line {line}"
    shown = f"\n  {near}" if near else ""
    if any(text in message for text in _OF_THE_SERVER):
        return ScratchError(f"{place}: {message}{shown}", hint=_ANOTHER)
    hint = error.diag.message_hint or _hint(near, before)
    detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
    return DatabaseError(f"{place}: {message}{detail}{shown}", hint=hint, sqlstate=error.sqlstate or "")


def _offset(refused: Refused, sql: str) -> int | None:
    """Return where in `sql` the server found fault: where it says so, or the beginning of the statement."""
    position = refused.error.diag.statement_position
    if position:
        return refused.offset + int(position) - 1
    if refused.offset:
        return refused.offset
    fragments = sqltext.split(sql)
    return fragments[refused.number].offset if refused.number < len(fragments) else None


def _hint(near: str, before: str) -> str:
    if any(_copies(fragment.sql) for fragment in sqltext.split(before)[-2:]):
        return _NO_DATA
    if near.startswith("\\"):
        return "a line that begins with a backslash is a command of psql, not SQL: take it out"
    return "correct it there"


def _copies(statement: str) -> bool:
    words = [token.text.upper() for token in sqltext.tokens(statement) if token.kind == "name"]
    return words[:1] == ["COPY"] and "STDIN" in words
