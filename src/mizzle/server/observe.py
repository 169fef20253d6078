"""A step, run on a real server and watched: what the server tells that each statement did to others."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
from psycopg import errors

from mizzle.planning.steps import Step
from mizzle.server import session
from mizzle.server.holding import held_up
from mizzle.server.observed import BLOCKS, Moment, Observed, Relations, by_oid, relations, told, verb_of
from mizzle.sqltext import Fragment, split

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic

    from mizzle.server.session import Connection

__all__ = ["Observed", "Relations", "observe", "observe_each", "relations"]

_HELD = """
SELECT l.relation, l.mode FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid()
"""


def observe(connection: Connection, step: Step, *, before: Relations | None = None) -> Observed:
    """Run a step and return what the server says that it did; `connection` is idle and in autocommit mode.

    Only relations in `before` count, by default those that are there before the step. Raises psycopg.Error.
    """
    seen = Observed()
    for _, each in observe_each(connection, step, before=before):
        seen = seen.also(each)
    return seen


def observe_each(
    connection: Connection, step: Step, *, before: Relations | None = None
) -> Iterator[tuple[Fragment, Observed]]:
    """Run a step as observe() does, and yield what each statement did, before the next runs, in its transaction.

    `locks` are those held by then. Of an INSERT that others follow nothing is told: there may be thousands.

    A step outside a transaction is run in one all the same, where its statement allows that: its locks can be read
    then. Otherwise sessions of our own stand in its way, one after the other, and see what it takes: not what it takes
    of an index that it drops, and perhaps nothing where it waits for nobody, as VACUUM.
    """
    counted = relations(connection) if before is None else before
    with _talking(connection) as said:
        if step.transaction:
            yield from _inside(connection, step.sql, counted, said)
            return
        try:
            seen = tuple(map(_in_portions, _inside(connection, step.sql, counted, said)))
        except (errors.ActiveSqlTransaction, errors.InvalidTransactionTermination):
            said.clear()
            seen = (_outside(connection, step.sql, counted, said),)
        yield from seen


@contextmanager
def _talking(connection: Connection) -> Generator[list[str]]:
    """Let the session say what it does, and count what it reads; give what it says, as it comes."""
    said: list[str] = []

    def hear(notice: Diagnostic) -> None:
        said.append(notice.message_primary or "")  # now: what a notice is read from does not last

    names = ["client_min_messages", "track_counts"]
    before = connection.execute("SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY (%s)", (names,))
    settings = before.fetchall()
    connection.add_notice_handler(hear)
    connection.execute("SET client_min_messages TO debug1")
    if ("track_counts", "off") in settings:
        connection.execute("SET track_counts TO on")
    try:
        yield said
    finally:
        connection.remove_notice_handler(hear)
        for name, value in () if connection.closed else settings:
            if name == "client_min_messages" or value == "off":
                connection.execute("SELECT pg_catalog.set_config(%s, %s, false)", (name, value))


def _inside(
    connection: Connection, sql: str, counted: Relations, said: list[str]
) -> Iterator[tuple[Fragment, Observed]]:
    connection.execute("BEGIN")
    try:
        yield from _one_by_one(connection, sql, counted, said)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _one_by_one(
    connection: Connection, sql: str, counted: Relations, said: list[str]
) -> Iterator[tuple[Fragment, Observed]]:
    then = relations(connection)
    fragments = split(sql)
    for number, fragment in enumerate(fragments, 1):
        said.clear()
        session.run(connection, fragment.sql)
        if number < len(fragments) and verb_of(fragment.sql) == "INSERT":
            yield fragment, Observed()
            continue
        messages = tuple(said)
        now = relations(connection)
        held = connection.execute(_HELD.encode()).fetchall()
        yield fragment, told(connection, fragment.sql, Moment(then, now, counted, by_oid(held)), messages)
        then = now


def _outside(connection: Connection, sql: str, counted: Relations, said: list[str]) -> tuple[Fragment, Observed]:
    (fragment,) = split(sql)
    then = relations(connection)
    held = by_oid(held_up(connection, fragment.sql))
    messages = tuple(said)
    now = relations(connection)
    # The last lock on an index that is dropped is not seen for sure: a dead index is opened by nobody else.
    lasting = {oid: lock for oid, lock in held.items() if oid in now or (oid in then and then[oid].kind != "i")}
    return fragment, told(connection, fragment.sql, Moment(then, now, counted, lasting), messages)


def _in_portions(one: tuple[Fragment, Observed]) -> tuple[Fragment, Observed]:
    """Return what a statement did that may commit as it goes: a block outside a transaction, where rows are there."""
    fragment, seen = one
    return fragment, msgspec.structs.replace(seen, swept=frozenset()) if verb_of(fragment.sql) in BLOCKS else seen
