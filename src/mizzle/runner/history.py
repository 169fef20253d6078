"""The history in the database: what was attempted, how far it got, and by whom (docs/history.md)."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
from psycopg.rows import class_row

from mizzle.names import ident
from mizzle.runner import tables
from mizzle.runner.connection import Connection
from mizzle.runner.scope import WHOLE, Scope
from mizzle.runner.squashed import as_read_by
from mizzle.runner.units import Direction, Unit

if TYPE_CHECKING:
    from mizzle.planning.steps import Step

ABANDONED = "interrupted: the migrator went away before it could say how it ended"
"""The error of an attempt whose migrator was killed, or lost its connection."""

# The attempts since a migration was last wholly applied or reverted belong together: they are one series, which the
# next run continues.
_LATEST = """
SELECT DISTINCT ON (h.id)
    h.attempt, h.id, h.direction, h.checksum, h.state, h.started, h.finished, h.role, h.host, h.version,
    coalesce(h.error, '') AS error,
    h.state IN ('running', 'failed') AND EXISTS (
        SELECT FROM {schema}.history AS o JOIN {schema}.steps AS s ON s.attempt = o.attempt
        WHERE o.scope = %(scope)s AND o.id = h.id AND o.attempt > coalesce((
            SELECT max(w.attempt) FROM {schema}.history AS w
            WHERE w.scope = %(scope)s AND w.id = h.id AND w.state IN ('applied', 'reverted')), 0)
    ) AS touched
FROM {schema}.history AS h
WHERE h.scope = %(scope)s
ORDER BY h.id, h.attempt DESC
"""
_PROGRESS = """
SELECT DISTINCT ON (s.step) s.step, s.state, s.checksum, s.position
FROM {schema}.history AS h JOIN {schema}.steps AS s ON s.attempt = h.attempt
WHERE h.scope = %(scope)s AND h.id = %(id)s AND h.attempt > coalesce((
    SELECT max(w.attempt) FROM {schema}.history AS w
    WHERE w.scope = %(scope)s AND w.id = %(id)s AND w.state IN ('applied', 'reverted')), 0)
ORDER BY s.step, s.state, s.attempt DESC
"""  # 'done' sorts before 'started'
_ABANDON = """
UPDATE {schema}.history SET state = 'failed', finished = pg_catalog.clock_timestamp(), error = %s
WHERE scope = %s AND state = 'running'
"""
_BEGIN = """
INSERT INTO {schema}.history (scope, id, direction, checksum, replaces, state, host, version)
VALUES (%s, %s, %s, %s, %s, 'running', %s, %s) RETURNING attempt
"""
_TELL = """
INSERT INTO {schema}.history (scope, id, direction, checksum, state, finished, origin, reason, host, version)
VALUES (%s, %s, %s, %s, %s, pg_catalog.clock_timestamp(), %s, %s, %s, %s)
"""
_REVERT_REPLACED = """
INSERT INTO {schema}.history (scope, id, direction, checksum, state, finished, origin, reason, host, version)
SELECT %(scope)s, id, 'down', checksum, 'reverted', pg_catalog.clock_timestamp(), 'squash', %(reason)s, %(host)s,
    %(version)s
FROM (
    SELECT DISTINCT ON (id) id, checksum, state FROM {schema}.history
    WHERE scope = %(scope)s AND id = ANY (%(ids)s) ORDER BY id, attempt DESC
) AS latest
WHERE state = 'applied'
ORDER BY id DESC
"""
_END = """
UPDATE {schema}.history SET state = %s, finished = pg_catalog.clock_timestamp(), error = %s
WHERE attempt = %s AND state = 'running'
"""
_ADOPTED = """
SELECT id, finished FROM {schema}.history
WHERE scope = %s AND origin = 'adopt' AND state = 'applied' ORDER BY attempt DESC LIMIT 1
"""
_FOUND_THERE = """
SELECT id FROM (
    SELECT DISTINCT ON (id) id, origin, state FROM {schema}.history WHERE scope = %s ORDER BY id, attempt DESC
) AS latest
WHERE origin = 'baseline' AND state = 'applied'
"""
_STEP_STARTED = """
INSERT INTO {schema}.steps (attempt, step, checksum, state, started)
VALUES (%s, %s, %s, 'started', pg_catalog.clock_timestamp())
ON CONFLICT (attempt, step) DO NOTHING
"""
_STEP_DONE = """
INSERT INTO {schema}.steps (attempt, step, checksum, state, started, finished)
VALUES (%s, %s, %s, 'done', pg_catalog.transaction_timestamp(), pg_catalog.clock_timestamp())
ON CONFLICT (attempt, step) DO UPDATE SET state = 'done', finished = excluded.finished
"""
_STEP_GOT_TO = """
INSERT INTO {schema}.steps (attempt, step, checksum, state, started, position)
VALUES (%s, %s, %s, 'started', pg_catalog.transaction_timestamp(), %s)
ON CONFLICT (attempt, step) DO UPDATE SET position = excluded.position
"""


Origin = Literal["run", "resolve", "baseline", "squash", "adopt"]
"""How a row of the history came to be."""


class Attempt(msgspec.Struct, frozen=True):
    """The latest attempt at a migration, as its row says.

    `touched`: it is not ended well, and steps of it have run or begun, so that the database may hold half of it.
    """

    attempt: int
    id: str
    direction: Direction
    checksum: str
    state: Literal["running", "applied", "failed", "reverted"]
    started: datetime
    finished: datetime | None
    role: str
    host: str
    version: str
    error: str
    touched: bool


class StepRecord(NamedTuple):
    """What is recorded of one step in the series of attempts that is going on; `position` of a backfill."""

    state: Literal["started", "done"]
    checksum: str
    position: str | None = None


class Ledger(msgspec.Struct, frozen=True):
    """The history in one schema, through one connection; it commits as the connection does."""

    conn: Connection
    schema: str
    scope: Scope = WHOLE

    def read(self, units: Sequence[Unit]) -> Mapping[str, Attempt]:
        """Return the latest attempt at each migration, by id, as `units` read it; empty where there is no history.

        Changes nothing. Raises ConfigError where the schema is somebody else's, HistoryError where it is too new.
        """
        if not self.is_made():
            return {}
        tables.check_format(self.conn, self.schema)
        return self._latest(units)

    def adopted(self) -> tuple[str, datetime] | None:
        """Return the migration with which the database was taken over from another tool, and when; None where not."""
        if not self.is_made():
            return None
        tables.check_format(self.conn, self.schema)
        row = self.conn.execute(self._sql(_ADOPTED), (self.scope.tenant,)).fetchone()
        return None if row is None else (str(row[0]), row[1])

    def found_there(self) -> frozenset[str]:
        """Return the migrations that `baseline` has recorded: what they make was there before, they never ran."""
        if not self.is_made():
            return frozenset()
        tables.check_format(self.conn, self.schema)
        return frozenset(str(row[0]) for row in self.conn.execute(self._sql(_FOUND_THERE), (self.scope.tenant,)))

    def _latest(self, units: Sequence[Unit]) -> Mapping[str, Attempt]:
        with self.conn.cursor(row_factory=class_row(Attempt)) as cursor:
            rows = cursor.execute(self._sql(_LATEST), {"scope": self.scope.tenant}).fetchall()
        return as_read_by(units, {row.id: row for row in rows})

    def is_made(self) -> bool:
        """Return whether the tables are there. Raises ConfigError where the schema is somebody else's."""
        return tables.look(self.conn, self.schema) is tables.Found.TABLES

    def is_current(self) -> bool:
        """Return whether the tables are there, in the newest format. Raises as read() does."""
        return self.is_made() and tables.check_format(self.conn, self.schema) == tables.FORMAT

    def open(self, units: Sequence[Unit] = ()) -> Mapping[str, Attempt]:
        """Make the tables where there are none, or upgrade them, and end attempts that nobody is at any more.

        Returns what read() does. Only for who holds the lock. Raises as read() does, and DatabaseError where the role
        may not create or change them.
        """
        found = tables.look(self.conn, self.schema)
        if found is not tables.Found.TABLES:
            tables.create(self.conn, self.schema, mizzle_version(), found)
            return {}
        written = tables.check_format(self.conn, self.schema)
        if written < tables.FORMAT:
            tables.upgrade(self.conn, self.schema, mizzle_version(), written)
        self.conn.execute(self._sql(_ABANDON), (ABANDONED, self.scope.tenant))
        return self._latest(units)

    def progress(self, migration: str) -> Mapping[int, StepRecord]:
        """Return the recorded steps of the attempts since the migration was last applied or reverted, by number."""
        rows = self.conn.execute(self._sql(_PROGRESS), {"scope": self.scope.tenant, "id": migration}).fetchall()
        return {step: StepRecord(*recorded) for step, *recorded in rows}

    def begin(self, unit: Unit, direction: Direction) -> int:
        """Record that an attempt is running; return its number."""
        replaced = sorted(unit.replaced())
        values = (
            self.scope.tenant,
            unit.id,
            direction,
            unit.checksum,
            replaced,
            socket.gethostname(),
            mizzle_version(),
        )
        row = self.conn.execute(self._sql(_BEGIN), values).fetchone()
        assert row is not None
        return int(row[0])

    def tell(self, migration: str, direction: Direction, checksum: str, *, origin: Origin, reason: str | None) -> None:
        """Record that a migration stands where it does, though nothing was run here, and why."""
        state = "applied" if direction == "up" else "reverted"
        told = (migration, direction, checksum, state, origin, reason)
        values = (self.scope.tenant, *told, socket.gethostname(), mizzle_version())
        self.conn.execute(self._sql(_TELL), values)

    def step_started(self, attempt: int, number: int, step: Step) -> None:
        """Record that a step outside a transaction is about to run."""
        self.conn.execute(self._sql(_STEP_STARTED), (attempt, number, step_checksum(step)))

    def step_got_to(self, attempt: int, number: int, step: Step, position: str) -> None:
        """Record how far a backfill is, in the transaction of its batch."""
        self.conn.execute(self._sql(_STEP_GOT_TO), (attempt, number, step_checksum(step), position))

    def step_done(self, attempt: int, number: int, step: Step) -> None:
        """Record that a step is done: in its own transaction, where it has one."""
        self.conn.execute(self._sql(_STEP_DONE), (attempt, number, step_checksum(step)))

    def finish(self, attempt: int, unit: Unit, direction: Direction) -> None:
        """Record that the attempt has reached its end: with what is reverted, all that it replaces is."""
        replaced = sorted(unit.replaced() - {unit.id})
        if replaced and direction == "down":
            values = {"scope": self.scope.tenant, "ids": replaced, "reason": f"reverted with {unit.id}"}
            here = {"host": socket.gethostname(), "version": mizzle_version()}
            self.conn.execute(self._sql(_REVERT_REPLACED), {**values, **here})
        self.conn.execute(self._sql(_END), ("applied" if direction == "up" else "reverted", None, attempt))

    def fail(self, attempt: int, error: str) -> None:
        """Record why the attempt ended, unless it has reached its end."""
        self.conn.execute(self._sql(_END), ("failed", error, attempt))

    def _sql(self, text: str) -> bytes:
        return text.format(schema=ident(self.schema).replace("%", "%%")).encode()


def step_checksum(step: Step) -> str:
    """Return what tells two texts of a step apart: SHA-256 in hex."""
    return sha256(step.sql.encode()).hexdigest()


@cache
def mizzle_version() -> str:
    """Return the version of this mizzle."""
    try:
        return version("mizzle")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "unknown"
