"""What happens during a run as records of the logger `mizzle`: a sentence each, and fields (docs/log.md)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from mizzle.errors import DatabaseError, MizzleError
from mizzle.runner.activity import Holder, Progress
from mizzle.runner.events import (
    Applied,
    Blocked,
    Event,
    Foreseen,
    Progressed,
    Repaired,
    Retrying,
    Reverted,
    Started,
    StepDone,
    StepSkipped,
    StepStarted,
    Waiting,
)
from mizzle.runner.redaction import without_passwords

LOGGER = logging.getLogger("mizzle")

Fields = dict[str, Any]


class Log:
    """Logs one run. `context` are the fields of each of its records; `at` is the migration and the step it is at.

    `done` are the migrations that it has applied or reverted, and the seconds of each.
    """

    def __init__(self, context: Mapping[str, object]) -> None:
        self.at: Fields = {}
        self.done: tuple[tuple[str, float], ...] = ()
        self._context = context

    def hear(self, event: Event) -> None:
        """Log an event."""
        match event:
            case Started(migration, _, steps, _):
                self.at = {"migration": migration, "of": steps}
            case StepStarted(_, number, _, _):
                self.at = {**self.at, "step": number}
            case StepDone():
                self.at = {name: value for name, value in self.at.items() if name != "step"}
            case Applied(migration, seconds) | Reverted(migration, seconds):
                self.at = {}
                self.done = (*self.done, (migration, seconds))
            case _:
                pass
        level = _level(event)
        if LOGGER.isEnabledFor(level):
            self._write(level, name(event), sentence(event), fields(event))

    def failed(self, error: BaseException) -> Fields:
        """Log that the run ended with an error; return where it did."""
        where = {**self._context, **self.at}
        self._write(logging.ERROR, "failed", reason(error), {**self.at, **failure(error)})
        return where

    def finished(self, seconds: float) -> None:
        """Log that the run has come to its end, and with how many migrations."""
        number = len(self.done)
        done = f"{number} migration{'s'[: number != 1]}" if number else "nothing run"
        more = {"migrations": number, "seconds": round(seconds, 3)}
        self._write(logging.INFO, "finished", f"{done} in {seconds:.2f} s", more)

    def _write(self, level: int, event: str, message: str, more: Fields) -> None:
        LOGGER.log(level, "%s", without_passwords(message), extra={"event": event, **self._context, **more})


def name(event: Event) -> str:
    """Return the word for a kind of event: `step_done`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in type(event).__name__)[1:]


def sentence(event: Event) -> str:
    """Return an event as people are told of it."""
    match event:
        case Waiting(None, _):
            return "waiting for another migrator"
        case Waiting(holder, progress):
            return f"waiting for another migrator: {holder}" + (f" ({progress})" if progress else "")
        case Started(migration, _, steps, resumed):
            return f"{'resuming' if resumed else 'running'} {migration}, {steps} step{'s'[: steps != 1]}"
        case StepStarted(migration, number, of, _):
            return f"{migration}: step {number} of {of}"
        case StepSkipped(migration, number, of):
            return f"{migration}: step {number} of {of} was done before"
        case Blocked(migration, number, holders):
            return f"{migration}: step {number} waits for {_all(holders)}"
        case Foreseen(migration, number, holder, reason):
            return f"{migration}: step {number} will wait for {holder}: {reason}"
        case Progressed(migration, number, progress):
            return f"{migration}: step {number}: {progress}"
        case Retrying(migration, number, tried, of, pause, holders):
            who = f", held by {_all(holders)}" if holders else ""
            return f"{migration}: step {number} got no lock{who}; try {tried} of {of}, again in {pause:.1f} s"
        case Repaired(migration, number, done):
            return f"{migration}: step {number}: {done}"
        case StepDone(migration, number, of, seconds):
            return f"{migration}: step {number} of {of} done in {seconds:.2f} s"
        case Applied(migration, seconds):
            return f"applied {migration} in {seconds:.2f} s"
        case Reverted(migration, seconds):
            return f"reverted {migration} in {seconds:.2f} s"


def fields(event: Event) -> Fields:
    """Return what an event says as fields, whose names last."""
    match event:
        case Waiting(holder, progress):
            how_far = _how_far(progress) if progress else {}
            return {"holders": _holders([holder] if holder else []), **how_far}
        case Started(migration, direction, steps, resumed):
            return {"migration": migration, "of": steps, "direction": direction, "resumed": resumed}
        case StepStarted(migration, number, of, step):
            how = {"transaction": step.transaction} | ({"backfill": True} if step.backfill else {})
            return {"migration": migration, "step": number, "of": of, **how}
        case StepSkipped(migration, number, of):
            return {"migration": migration, "step": number, "of": of}
        case Blocked(migration, number, holders):
            return {"migration": migration, "step": number, "holders": _holders(holders)}
        case Foreseen(migration, number, holder, reason):
            return {"migration": migration, "step": number, "holders": _holders([holder]), "reason": reason}
        case Progressed(migration, number, progress):
            return {"migration": migration, "step": number, **_how_far(progress)}
        case Retrying(migration, number, tried, tries, pause, holders):
            again = {"tried": tried, "tries": tries, "pause": round(pause, 3)}
            return {"migration": migration, "step": number, **again, "holders": _holders(holders)}
        case Repaired(migration, number, done):
            return {"migration": migration, "step": number, "repair": done}
        case StepDone(migration, number, of, seconds):
            return {"migration": migration, "step": number, "of": of, "seconds": round(seconds, 3)}
        case Applied(migration, seconds) | Reverted(migration, seconds):
            return {"migration": migration, "seconds": round(seconds, 3)}


def reason(error: BaseException) -> str:
    """Return what an error says in one sentence."""
    return error.message if isinstance(error, MizzleError) else str(error) or type(error).__name__


def failure(error: BaseException) -> Fields:
    """Return what an error says besides as fields, without a password."""
    said: Fields = {"kind": type(error).__name__}
    if isinstance(error, MizzleError):
        said["hint"] = without_passwords(error.hint)
    if isinstance(error, DatabaseError):
        said["sqlstate"] = error.sqlstate
    return said


def _level(event: Event) -> int:
    match event:
        case Blocked() | Foreseen() | Retrying() | Repaired():
            return logging.WARNING
        case _:
            return logging.INFO


def _how_far(progress: Progress) -> Fields:
    of_rows = {"rows": progress.rows, "about": progress.about} if progress.rows is not None else {}
    return {"phase": progress.phase, "done": progress.done, **of_rows}


def _holders(holders: Iterable[Holder]) -> list[Fields]:
    return [
        {
            "pid": each.pid,
            "application": each.application,
            "role": each.role,
            "client": each.client,
            "state": each.state,
            "since": each.since.isoformat().replace("+00:00", "Z") if each.since else None,
            "seconds": round(each.seconds, 3),
            "query": without_passwords(" ".join(each.query.split())),
        }
        for each in holders
    ]


def _all(holders: Iterable[Holder]) -> str:
    return "; ".join(map(str, holders))
