"""Runs the steps of a push, one after another and without a record: comparing again says how far it got."""

from __future__ import annotations

import msgspec

from mizzle.errors import DatabaseError, LockedError
from mizzle.planning import script
from mizzle.planning.steps import Step
from mizzle.runner import conditions
from mizzle.runner.activity import Holder, Progress
from mizzle.runner.backfill import Filling
from mizzle.runner.connection import Connection
from mizzle.runner.events import Blocked, Listener, Progressed
from mizzle.runner.execute import run_inside, run_outside, without_effect
from mizzle.runner.locate import Place
from mizzle.runner.patience import TRIED_AGAIN
from mizzle.runner.scope import Scope
from mizzle.runner.timeouts import Limits, ladder, milliseconds
from mizzle.runner.watch import Watch

_LOCK_TIMEOUT = 10_000  # milliseconds
_NAME = "the plan"
_HELD = "end the transaction that holds it (select * from pg_stat_activity), and push again"


class Stepwise(msgspec.Struct, frozen=True):
    """Runs steps through `connection`, as `scope` says; `on_event` hears who is in the way, and how far it is."""

    connection: Connection
    scope: Scope
    on_event: Listener

    def run(self, sql: str) -> None:
        """Run a script. Raises DatabaseError where PostgreSQL refuses, LockedError where somebody holds a table.

        What the steps before that one made stays.
        """
        steps = script.parse(sql, name=_NAME).steps
        for number, step in enumerate(steps, 1):
            try:
                self._step(Place(_NAME, number, len(steps), step))
            except DatabaseError as error:
                raise _explained(error, number) from error

    def _step(self, place: Place) -> None:
        if place.step.backfill is not None:
            self._in_batches(place)
        elif place.step.transaction:
            run_inside(self.connection, place, record=lambda: None, limits=Limits(_LOCK_TIMEOUT), scope=self.scope)
        else:
            self._outside(place)

    def _outside(self, place: Place) -> None:
        limits = Limits(_lock_timeout(place.step))
        with self._watch(place):
            run_outside(self.connection, place, begun=lambda: None, limits=limits, scope=self.scope)
        condition = place.step.done_when
        if condition is not None and not conditions.holds(self.connection, condition):
            raise without_effect(place)

    def _in_batches(self, place: Place) -> None:
        Filling(
            self.connection,
            _NAME,
            place,
            self.scope,
            ladder(_LOCK_TIMEOUT),
            statement_timeout=0,
            record=lambda _: None,
            watch=lambda: self._watch(place),
            on_event=self.on_event,
        ).run(None)

    def _watch(self, place: Place) -> Watch:
        def blocked(holders: tuple[Holder, ...]) -> None:
            self.on_event(Blocked(_NAME, place.number, holders))

        def progressed(progress: Progress) -> None:
            self.on_event(Progressed(_NAME, place.number, progress))

        return Watch(self.connection, self.connection.info.backend_pid, blocked, progressed)


def _lock_timeout(step: Step) -> int:
    return _LOCK_TIMEOUT if step.lock_timeout is None else milliseconds(step.lock_timeout)


def _explained(error: DatabaseError, number: int) -> DatabaseError:
    """Return the error of step `number` with what to do, and what has become of the steps before it."""
    locked = error.sqlstate in TRIED_AGAIN
    hint = _HELD if locked else error.hint
    if number > 1:
        hint = f"{hint}; the steps before it stay, and the next push goes on from there"
    kind = LockedError if locked else DatabaseError
    return kind(error.message, hint=hint, sqlstate=error.sqlstate)
