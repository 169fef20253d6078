"""A backfill: batch after batch through a table by its key, so that nobody waits long, from where it got to before."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from mizzle.planning import batches as shapes
from mizzle.planning.steps import Backfill
from mizzle.runner import keys
from mizzle.runner.activity import Holder, Progress
from mizzle.runner.batch import Batch, Batches, Position
from mizzle.runner.connection import Connection
from mizzle.runner.events import Listener, Progressed, Retrying
from mizzle.runner.execute import recover
from mizzle.runner.locate import Place
from mizzle.runner.pace import Pace
from mizzle.runner.patience import patiently
from mizzle.runner.scope import WHOLE, Scope
from mizzle.runner.watch import Watch

_TOLD_EVERY = 0.5  # seconds
_AT_ONCE = 10_000


class Filling(msgspec.Struct, frozen=True):
    """Runs the backfill of one step of migration `id`.

    `rungs` are the lock timeouts to try a batch with, one after another, `statement_timeout` that of each, in
    milliseconds; `record` writes, in the transaction of a batch, how far it got.
    """

    conn: Connection
    id: str
    place: Place
    scope: Scope
    rungs: tuple[int, ...]
    statement_timeout: int
    record: Callable[[Position], None]
    watch: Callable[[], Watch]
    on_event: Listener

    def run(self, recorded: str | None) -> None:
        """Go through the table, from where `recorded` says that an earlier attempt got to.

        Raises DatabaseError where there is no such key, before anything is run, and where a batch is refused;
        LockedError where a lock is not to be had; HistoryError where the earlier attempt went by another key. What is
        committed then stays, with how far that is.
        """
        backfill, batches = _prepared(self.conn, self.place)
        after = None if recorded is None else Position.read(recorded, self.place, batches.key.columns)
        try:
            self._go(batches, Pace.of(backfill), after)
        finally:
            recover(self.conn, self.scope)

    def _go(self, batches: Batches, pace: Pace, after: Position | None) -> None:
        told = float("-inf") if after else time.monotonic()
        while True:
            if after and time.monotonic() - told >= _TOLD_EVERY:
                self._tell(batches, after)
                told = time.monotonic()
            batch, pace, seconds = self._batch(batches, pace, after)
            after = batch.position if batch else after
            if batch is None or not batch.full:
                break
            time.sleep(pace.rest(seconds))
        if after:
            self._tell(batches, after)

    def _batch(self, batches: Batches, pace: Pace, after: Position | None) -> tuple[Batch | None, Pace, float]:
        """Run the next batch, smaller with each try; return it, the pace of the next, and the seconds it took."""
        paces = [pace]

        def run(rung: int) -> tuple[Batch | None, Pace, float]:
            pace = paces.pop()
            paces.append(pace.smaller())
            began = time.monotonic()
            limits = {"lock_timeout": rung, "statement_timeout": self.statement_timeout}
            batch = batches.run(after, pace.rows, **limits, record=self.record)
            return batch, pace.after(batch.seconds) if batch else pace, time.monotonic() - began

        return patiently(self.place, self.rungs, run, watch=self.watch, on_retry=self._retry)

    def _retry(self, tried: int, of: int, pause: float, holders: tuple[Holder, ...]) -> None:
        self.on_event(Retrying(self.id, self.place.number, tried, of, pause, holders))

    def _tell(self, batches: Batches, position: Position) -> None:
        about = batches.key.rows
        done = None if about is None else min(1.0, position.rows / about)
        self.on_event(Progressed(self.id, self.place.number, Progress("backfill", done, position.rows, about)))


def run_through(conn: Connection, place: Place, scope: Scope = WHOLE) -> None:
    """Run a step's backfill where nobody else is at work: in large batches without pauses, and without a record."""
    _, batches = _prepared(conn, place)
    try:
        after: Position | None = None
        limits = {"lock_timeout": 0, "statement_timeout": 0}
        while batch := batches.run(after, _AT_ONCE, **limits, record=lambda _: None):
            after = batch.position
    finally:
        recover(conn, scope)


def _prepared(conn: Connection, place: Place) -> tuple[Backfill, Batches]:
    """Return what a step's header says, and what runs its batches; the server has understood its statement."""
    backfill = place.step.backfill
    assert backfill is not None
    batches = Batches(conn, place, shapes.read(place.step.sql, backfill), keys.find(conn, place, backfill))
    batches.check()
    return backfill, batches
