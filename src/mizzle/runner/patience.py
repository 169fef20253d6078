"""What waits for locks is tried again, with more patience each time, and in the end says who was in the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from mizzle.errors import DatabaseError, LockedError
from mizzle.runner.activity import Holder
from mizzle.runner.locate import Place
from mizzle.runner.timeouts import pause_after
from mizzle.runner.watch import Watch

_LOCK_NOT_AVAILABLE, _DEADLOCK = "55P03", "40P01"
TRIED_AGAIN = frozenset({_LOCK_NOT_AVAILABLE, _DEADLOCK})
"""SQLSTATEs of what would go well at another time."""

_SOON = 0.2
"""Seconds; what lasts longer than this is no lock of a short statement."""

_T = TypeVar("_T")


def patiently(
    place: Place,
    rungs: Sequence[int],
    run: Callable[[int], _T],
    *,
    watch: Callable[[], Watch],
    on_retry: Callable[[int, int, float, tuple[Holder, ...]], None],
    quick: Sequence[int] = (),
) -> _T:
    """Return what `run` returns, which is given the lock timeout of `rungs`, in milliseconds, whose turn it is.

    It has to leave nothing behind where it fails. After a lock timeout or a deadlock it is called again after a pause,
    of which `on_retry` is told: the try, of how many, the seconds, and who is in the way. Those of `quick` come first,
    and nobody is told of them. Raises LockedError when all was in vain.
    """
    if (done := _quickly(quick, run, watch)) is not None:
        return done[0]
    for tried, rung in enumerate(rungs, 1):
        watching = watch()
        try:
            with watching:
                return run(rung)
        except DatabaseError as error:
            if error.sqlstate not in TRIED_AGAIN or watching.is_lost:
                raise
            if tried == len(rungs):
                raise no_lock(place, error, watching.seen, tried) from error
            pause = pause_after(rung)
            on_retry(tried, len(rungs), pause, watching.seen)
            time.sleep(pause)
    raise AssertionError(rungs)


def _quickly(rungs: Sequence[int], run: Callable[[int], _T], watch: Callable[[], Watch]) -> tuple[_T] | None:
    """Return what `run` returns, or None where no lock was to be had, or what holds it lasts."""
    for rung in rungs:
        watching, began = watch(), time.monotonic()
        try:
            with watching:
                return (run(rung),)
        except DatabaseError as error:
            if error.sqlstate not in TRIED_AGAIN or watching.is_lost:
                raise
        if time.monotonic() - began > _SOON:
            break
        time.sleep(pause_after(rung))
    return None


def no_lock(place: Place, error: DatabaseError, seen: tuple[Holder, ...], tried: int) -> LockedError:
    """Return the error of a step that got no lock in time, or ran into a deadlock: who holds it, and what to do."""
    why = "deadlock with others" if error.sqlstate == _DEADLOCK else "no lock in time"
    times = f", tried {tried} times" if tried > 1 else ""
    held = "\nheld by " + "\nand by ".join(map(str, seen)) if seen else ""
    return LockedError(
        f"{place}: {why}{times}{held}\n{error.message}",
        hint="run this again when the others are done, or with a longer --lock-timeout: it goes on with this step",
        sqlstate=error.sqlstate,
    )
