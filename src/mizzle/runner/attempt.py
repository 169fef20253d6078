"""One attempt at one migration: step after step, from where the last attempt got to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

import msgspec
import psycopg

from mizzle.errors import DatabaseError, MizzleError
from mizzle.planning.steps import Step
from mizzle.runner import ahead, conditions, execute, notes, repair, resume, rows
from mizzle.runner.activity import Holder, Progress
from mizzle.runner.backfill import Filling
from mizzle.runner.connection import Connection, lost
from mizzle.runner.events import (
    Blocked,
    Listener,
    Progressed,
    Repaired,
    Retrying,
    Started,
    StepDone,
    StepSkipped,
    StepStarted,
)
from mizzle.runner.history import Attempt, Ledger, StepRecord
from mizzle.runner.locate import Place
from mizzle.runner.patience import TRIED_AGAIN, no_lock, patiently
from mizzle.runner.timeouts import Limits, ladder, milliseconds, quick
from mizzle.runner.units import Direction, Unit
from mizzle.runner.watch import Watch

_DUPLICATE = "42P07"
BRIEF = 60_000
"""Milliseconds for a statement that only changes the catalog, under a lock that others wait for."""


class Attempts(msgspec.Struct, frozen=True):
    """Makes attempts through one connection that holds the lock.

    `pid` is the backend of `conn`, `history` what stood there when the lock was taken; the timeouts, in milliseconds,
    are for steps in a transaction that state none; without `statement_timeout` such a step has BRIEF if it only changes
    the catalog, under a lock, and no limit if not.
    """

    conn: Connection
    pid: int
    ledger: Ledger
    history: Mapping[str, Attempt]
    lock_timeout: int
    statement_timeout: int | None
    on_event: Listener

    def run(self, unit: Unit, direction: Direction) -> float:
        """Bring one migration to its end and return the seconds it took.

        Raises DatabaseError where PostgreSQL refuses, LockedError where a lock was not to be had, HistoryError where
        nobody can tell how far an earlier attempt got; the history then says `failed`, and what was done stays done.
        """
        progress: Mapping[int, StepRecord] = {}
        if unit.id in self.history:
            progress = self.ledger.progress(unit.id)
        resume.check(unit, progress)
        began = time.monotonic()
        number = self.ledger.begin(unit, direction)
        try:
            self.on_event(Started(unit.id, direction, len(unit.steps), resumed=bool(progress)))
            if not progress:
                rows.expect(self.conn, unit.steps, name=unit.name)
            for place in resume.places(unit):
                self._advance(_Current(number, unit, direction, place), progress.get(place.number))
            last = progress.get(len(unit.steps))
            if not unit.steps or (last is not None and last.state == "done"):  # or else its record says so already
                self.ledger.finish(number, unit, direction)
        except psycopg.Error as error:
            raise self._failed(number, lost(self.conn, error, doing=unit.name)) from error
        except BaseException as error:
            self._failed(number, error)
            raise
        return time.monotonic() - began

    def _advance(self, current: _Current, record: StepRecord | None) -> None:
        place = current.place
        if record is not None and record.state == "done":
            self.on_event(StepSkipped(current.id, place.number, place.of))
            return
        began = time.monotonic()
        self.on_event(StepStarted(current.id, place.number, place.of, place.step))
        if place.step.backfill is not None:
            self._in_batches(current, record.position if record else None)
        elif place.step.transaction:
            self._inside(current)
        else:
            self._outside(current, begun=record is not None)
        self.on_event(StepDone(current.id, place.number, place.of, time.monotonic() - began))

    def _inside(self, current: _Current) -> None:
        """Run a step in a transaction; where its locks are not to be had, again with more patience each time."""
        place, rungs = current.place, self._rungs(current.place.step)
        stopped = ahead.stopped(place.step, self.ledger.scope.tenant)

        def run(rung: int) -> None:
            execute.run_inside(
                self.conn,
                place,
                before=lambda: ahead.wait(self.conn, place, stopped, lock_timeout=max(rungs), then=rung),
                record=lambda: self._record(current),
                limits=Limits(rung, self._statement_timeout(place.step)),
                scope=self.ledger.scope,
            )

        def tell(tried: int, of: int, pause: float, holders: tuple[Holder, ...]) -> None:
            self.on_event(Retrying(current.id, place.number, tried, of, pause, holders))

        watch = partial(self._watch, current)
        patiently(place, rungs, run, quick=quick(max(rungs)), watch=watch, on_retry=tell)

    def _rungs(self, step: Step) -> tuple[int, ...]:
        return ladder(_limit(step.lock_timeout, self.lock_timeout))

    def _in_batches(self, current: _Current, recorded: str | None) -> None:
        """Run a backfill, from where an earlier attempt got to; each batch records itself."""
        place = current.place
        Filling(
            self.conn,
            current.id,
            place,
            self.ledger.scope,
            self._rungs(place.step),
            _limit(place.step.statement_timeout, 0),
            record=lambda at: self.ledger.step_got_to(current.attempt, place.number, place.step, str(at)),
            watch=lambda: self._watch(current),
            on_event=self.on_event,
        ).run(recorded)
        if not self._has_effect(place):
            raise execute.without_effect(place)
        with self.conn.transaction():
            self._record(current)

    def _statement_timeout(self, step: Step) -> int:
        if step.statement_timeout is not None:
            return milliseconds(step.statement_timeout)
        if self.statement_timeout is not None:
            return self.statement_timeout
        waits = _limit(step.lock_timeout, self.lock_timeout)  # it counts as the statement's time
        return BRIEF + waits if waits and notes.is_brief(step) else 0

    def _outside(self, current: _Current, *, begun: bool) -> None:
        """Run a step outside a transaction; where it was begun before, only if its effect is not there."""
        condition = current.place.step.done_when
        there = condition is not None and conditions.holds(self.conn, condition)
        if not (begun and there):
            # What is there before it is run for the first time would later say that this step had made it.
            self._run_outside(current, begun=begun, tell=not there)
        with self.conn.transaction():
            self._record(current)

    def _run_outside(self, current: _Current, *, begun: bool, tell: bool) -> None:
        if not (begun and self._mended(current, repair.finish_detaching)):
            self._run_or_mend(current, begun=begun, tell=tell)
        if not self._has_effect(current.place):
            raise execute.without_effect(current.place)

    def _run_or_mend(self, current: _Current, *, begun: bool, tell: bool) -> None:
        """Run the step; once more, where what its earlier run has left was in the way or kept it from its effect."""
        try:
            self._run_once(current, tell=tell)
        except DatabaseError as error:
            if error.sqlstate != _DUPLICATE or not begun or not self._mended(current, repair.drop_invalid):
                raise
            self._run_once(current, tell=tell)
        if begun and not self._has_effect(current.place) and self._mended(current, repair.drop_invalid):
            self._run_once(current, tell=tell)

    def _run_once(self, current: _Current, *, tell: bool) -> None:
        place = current.place
        watch = self._watch(current)
        try:
            with watch:
                execute.run_outside(
                    self.conn,
                    place,
                    begun=lambda: self._tell_started(current) if tell else None,
                    limits=Limits(_limit(place.step.lock_timeout, 0), _limit(place.step.statement_timeout, 0)),
                    scope=self.ledger.scope,
                )
        except DatabaseError as error:
            if error.sqlstate in TRIED_AGAIN:
                raise no_lock(place, error, watch.seen, 1) from error
            raise

    def _mended(self, current: _Current, mend: Callable[[Connection, Place], str | None]) -> bool:
        """Mend what the step's earlier run has left; return whether there was anything."""
        done = mend(self.conn, current.place)
        if done is not None:
            self.on_event(Repaired(current.id, current.place.number, done))
        return done is not None

    def _has_effect(self, place: Place) -> bool:
        return place.step.done_when is None or conditions.holds(self.conn, place.step.done_when)

    def _tell_started(self, current: _Current) -> None:
        self.ledger.step_started(current.attempt, current.place.number, current.place.step)

    def _record(self, current: _Current) -> None:
        """Record the step, and with the last one that the migration has reached its end."""
        self.ledger.step_done(current.attempt, current.place.number, current.place.step)
        if current.place.number == current.place.of:
            self.ledger.finish(current.attempt, current.unit, current.direction)

    def _watch(self, current: _Current) -> Watch:
        def tell(holders: tuple[Holder, ...]) -> None:
            self.on_event(Blocked(current.id, current.place.number, holders))

        def tell_progress(progress: Progress) -> None:
            self.on_event(Progressed(current.id, current.place.number, progress))

        return Watch(self.conn, self.pid, tell, tell_progress)

    def _failed(self, number: int, error: BaseException) -> BaseException:
        """Record why the attempt ended, as far as the connection still serves; the next run records it otherwise."""
        text = error.message if isinstance(error, MizzleError) else f"interrupted: {type(error).__name__}"
        with suppress(psycopg.Error):
            if not self.conn.closed:
                self.conn.rollback()
                self.ledger.fail(number, text)
        return error


class _Current(msgspec.Struct, frozen=True):
    """The step that an attempt is at."""

    attempt: int
    unit: Unit
    direction: Direction
    place: Place

    @property
    def id(self) -> str:
        """The migration's id."""
        return self.unit.id


def _limit(stated: str | None, otherwise: int) -> int:
    return otherwise if stated is None else milliseconds(stated)
