"""One batch of a backfill: its rows by the key, its statement, and how far that got, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, Self

import msgspec
import psycopg

from mizzle.errors import DatabaseError, HistoryError
from mizzle.names import ident, idents
from mizzle.planning.batches import Batched
from mizzle.runner import locate, wire
from mizzle.runner.connection import Connection
from mizzle.runner.keys import Key
from mizzle.runner.locate import Place

_BEGIN = (
    "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_catalog.set_config('lock_timeout', '{lock}', true), "
    "pg_catalog.set_config('statement_timeout', '{statement}', true)"
)
# The first and the last key of the next rows, as text, and how many rows that are.
_NEXT = """
WITH batch AS MATERIALIZED (SELECT {columns} FROM {table}{where} ORDER BY {order} LIMIT {rows})
SELECT (SELECT pg_catalog.count(*) FROM batch), {ends}
FROM (SELECT * FROM batch ORDER BY {first} LIMIT 1) AS f, (SELECT * FROM batch ORDER BY {last} LIMIT 1) AS l
"""


class Position(msgspec.Struct, frozen=True):
    """How far a backfill is: the key of its last row, the values as text, and how many rows it went through."""

    key: dict[str, str]
    rows: int

    @classmethod
    def read(cls, text: str, place: Place, columns: Sequence[str]) -> Self:
        """Read what the history says. Raises HistoryError where it is about another key."""
        found: Self | None = None
        with suppress(msgspec.DecodeError):
            found = msgspec.json.decode(text, type=cls)
        if found is None or tuple(found.key) != tuple(columns):
            raise HistoryError(
                f"{place}: an earlier attempt went by another key, and got to {text}",
                hint="restore the step's header: what has begun goes on by the same key",
            )
        return found

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()


class Batch(NamedTuple):
    """A batch that is committed: where it got to, whether it had as many rows as it might, and how long it worked.

    `seconds` are those of its statement alone, without the way to the server and back.
    """

    position: Position
    full: bool
    seconds: float


class Batches(msgspec.Struct, frozen=True):
    """Runs the batches of one backfill; `key` is what the catalog says of its key."""

    conn: Connection
    place: Place
    batched: Batched
    key: Key

    def check(self) -> None:
        """Let the server read the statement. Raises DatabaseError for what it does not understand."""
        condition = self._within(">=")
        refusal = wire.check_single(self.conn, self.batched.within(condition))
        if refusal is not None:
            raise self._refused(refusal, condition)

    def run(
        self,
        after: Position | None,
        rows: int,
        *,
        lock_timeout: int,
        statement_timeout: int,
        record: Callable[[Position], None],
    ) -> Batch | None:
        """Run the statement for the next `rows` rows behind `after`; None where there are none any more.

        `record` writes in the same transaction where it got to. Timeouts in milliseconds. Raises DatabaseError, with
        nothing of the batch left.
        """
        began = time.monotonic()
        self.conn.execute(_BEGIN.format(lock=lock_timeout, statement=statement_timeout).encode())
        there_and_back = time.monotonic() - began
        try:
            found = self._next(after, rows)
            if found is None:
                return None
            count, first, last = found
            began = time.monotonic()
            self._statement(after, first, last)
            seconds = max(0.0, time.monotonic() - began - there_and_back)
            position = Position(dict(zip(self.key.columns, last, strict=True)), count + (after.rows if after else 0))
            record(position)
            self._commit()
            return Batch(position, count == rows, seconds)
        finally:
            if not self.conn.closed:
                self.conn.rollback()

    def _next(self, after: Position | None, rows: int) -> tuple[int, tuple[str, ...], tuple[str, ...]] | None:
        """Return how many rows come next, and the first and the last key of them."""
        size = len(self.key.columns)
        names = [ident(column) for column in self.key.columns]
        short = [f"k{number}" for number in range(size)]
        sql = _NEXT.format(
            columns=", ".join(f"{name} AS {each}" for name, each in zip(names, short, strict=True)),
            table=("ONLY " if self.batched.only else "") + self.key.table,
            where=f" WHERE {self._compare('', '>', 1)}" if after else "",
            order=", ".join(names),
            rows=rows,
            ends=", ".join(f"{end}.{each}::text" for end in "fl" for each in short),
            first=", ".join(short),
            last=", ".join(f"{each} DESC" for each in short),
        )
        refusal, found = wire.ask(self.conn, sql, tuple(after.key.values()) if after else ())
        if refusal is not None:
            raise self._unread(refusal.error)
        return (int(found[0]), tuple(found[1 : size + 1]), tuple(found[size + 1 :])) if found else None

    def _statement(self, after: Position | None, first: Sequence[str], last: Sequence[str]) -> None:
        begin, values = (">", tuple(after.key.values())) if after else (">=", first)
        condition = self._within(begin)
        refusal = wire.run_with(self.conn, self.batched.within(condition), (*values, *last))
        if refusal is not None:
            raise self._refused(refusal, condition)

    def _within(self, begin: str) -> str:
        """Return the condition on the rows of a batch: from a first key on, or behind it, to a last one."""
        name, size = f"{ident(self.batched.name)}.", len(self.key.columns)
        return f"{self._compare(name, begin, 1)} AND {self._compare(name, '<=', size + 1)}"

    def _refused(self, refusal: wire.Refusal, condition: str) -> DatabaseError:
        return locate.refused(self.place, refusal, at=lambda found: self.batched.offset(found, condition))

    def _compare(self, name: str, operator: str, number: int) -> str:
        """Return the comparison of the key with parameters from `number` on; the names of columns follow `name`."""
        columns = ", ".join(f"{name}{ident(column)}" for column in self.key.columns)
        values = ", ".join(f"${number + place}::{kind}" for place, kind in enumerate(self.key.types))
        return f"({columns}) {operator} ({values})"

    def _commit(self) -> None:
        try:
            self.conn.commit()
        except psycopg.Error as error:
            raise locate.at_the_end(self.place, error) from error

    def _unread(self, error: psycopg.Error) -> DatabaseError:
        reason = error.diag.message_primary or str(error)
        return DatabaseError(
            f"{self.place}: cannot read {self.key.table} by {idents(self.key.columns)}: {reason}",
            hint="the role that migrates has to be able to read these columns; run this again when it is",
            sqlstate=error.sqlstate or "",
        )
