"""One statement at a time, exactly as it was written, by the protocol that takes no second one.

The simple query protocol runs whatever follows a semicolon, COMMIT among it; the extended one refuses it in the parser
(PostgreSQL's documentation, chapter "Extended Query").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from psycopg import errors, generators
from psycopg.pq import ExecStatus, TransactionStatus

from mizzle import sqltext
from mizzle.studio.refused import Refused, of_database

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

    from mizzle.studio.database import Connection

_FAILED = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE})
_COPYING = frozenset({ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH})
_TRANSACTION = frozenset({"abort", "begin", "commit", "end", "prepare", "release", "rollback", "savepoint", "start"})


def single(text: str) -> str:
    """Return the one statement in `text`, without its semicolon. Raises Refused for none, or for more than one."""
    match sqltext.split(sqltext.normalize(text)):
        case ():
            raise Refused(400, "there is no statement to run", code="sql")
        case (only,):
            return only.sql
        case more:
            hint = "select the one to run, or put the cursor into it"
            raise Refused(400, f"these are {len(more)} statements, and one runs at a time", hint=hint, code="sql")


def first_word(sql: str) -> str:
    """Return what a statement begins with, in lower case: `select`, `(`, `with`."""
    return next((each.text.lower() for each in sqltext.tokens(sql) if each.significant), "")


def refuse_transactions(sql: str) -> None:
    """Raise Refused for a statement that begins or ends a transaction: that is for studio's own buttons."""
    word = first_word(sql)
    if word in _TRANSACTION:
        hint = "a change is tried first, and committed by the button below its result"
        raise Refused(400, f"{word.upper()} is not for the console", hint=hint, code="sql")


async def run(connection: Connection, sql: str, *, ahead: str = "") -> PGresult:
    """Run `ahead` and `sql` as one statement; its values are text. Raises Refused, which counts in `sql` alone."""
    async with connection.lock:
        connection.pgconn.send_query_params((ahead + sql).encode(), None)
        results: Sequence[PGresult] = await connection.wait(generators.execute(connection.pgconn))
    result = results[-1]
    if result.status in _FAILED:
        refused = of_database(errors.error_from_result(result, encoding="utf-8"))
        refused.position = max(0, refused.position - len(ahead))
        raise refused
    if result.status in _COPYING:
        await connection.close()  # nothing else ends the copy
        raise Refused(400, "COPY to or from the client is not for the console", hint="export a table", code="sql")
    if connection.info.transaction_status == TransactionStatus.IDLE:
        raise Refused(400, "the statement ended the transaction that it was run in", code="sql")
    return result
