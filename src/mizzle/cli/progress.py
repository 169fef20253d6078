"""A run of the migrations, told as it happens."""

from __future__ import annotations

from mizzle.cli.output import Output
from mizzle.runner.activity import Holder
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


def tell(output: Output, event: Event) -> None:
    """Print an event: what was applied to stdout, and everything else to stderr."""
    match event:
        case Waiting(None, _):
            output.note("waiting for another migrator")
        case Waiting(holder, progress):
            how_far = f" ({progress})" if progress else ""
            output.note(f"waiting for another migrator: {holder}{how_far}")
        case Started(migration, _, steps, resumed):
            output.progress(f"{'resuming' if resumed else 'running'} {migration}, {steps} step{'s'[: steps != 1]}")
        case StepStarted(migration, number, of, _):
            output.progress(f"{migration}: step {number} of {of}")
        case StepSkipped(migration, number, of):
            output.note(f"{migration}: step {number} of {of} was done before")
        case Blocked(migration, number, holders):
            output.note(f"{migration}: step {number} waits for {_all(holders)}")
        case Foreseen(migration, number, holder, reason):
            output.note(f"{migration}: step {number} will wait for {holder}: {reason}")
        case Progressed(migration, number, progress):
            output.progress(f"{migration}: step {number}: {progress}")
        case Retrying(migration, number, tried, of, pause, holders):
            who = f", held by {_all(holders)}" if holders else ""
            output.note(f"{migration}: step {number} got no lock{who}; try {tried} of {of}, again in {pause:.1f} s")
        case Repaired(migration, number, done):
            output.note(f"{migration}: step {number}: {done}")
        case StepDone(migration, number, of, seconds):
            tell = output.note if of > 1 else output.detail
            tell(f"{migration}: step {number} of {of} done in {seconds:.2f} s")
        case Applied(migration, seconds):
            output.data(f"{output.style('applied', fg='green')}  {migration}  {seconds:.2f} s")
        case Reverted(migration, seconds):
            output.data(f"{output.style('reverted', fg='yellow')}  {migration}  {seconds:.2f} s")


def _all(holders: tuple[Holder, ...]) -> str:
    return "; ".join(map(str, holders))
