"""What happens during a run, told as it happens, for whoever prints or logs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from mizzle.planning.steps import Step
from mizzle.runner.activity import Holder, Progress
from mizzle.runner.units import Direction


class Waiting(msgspec.Struct, frozen=True):
    """Another migrator holds the lock; None where it has just gone. Told again when the holder changes.

    `progress` is how far the holder's statement is, where the server can say; told again when its phase changes.
    """

    holder: Holder | None
    progress: Progress | None = None


class Started(msgspec.Struct, frozen=True):
    """An attempt at a migration begins; `resumed` where an earlier one had got somewhere."""

    id: str
    direction: Direction
    steps: int
    resumed: bool


class StepStarted(msgspec.Struct, frozen=True):
    """Step `number` of `of` begins."""

    id: str
    number: int
    of: int
    step: Step


class StepSkipped(msgspec.Struct, frozen=True):
    """An earlier attempt has done this step."""

    id: str
    number: int
    of: int


class Blocked(msgspec.Struct, frozen=True):
    """A running step waits for the locks or transactions of others. Told from a thread of its own."""

    id: str
    number: int
    holders: tuple[Holder, ...]


class Foreseen(msgspec.Struct, frozen=True):
    """Before anything runs: a session that a step will wait for, unless it is done by then, and why."""

    id: str
    number: int
    holder: Holder
    reason: str


class Progressed(msgspec.Struct, frozen=True):
    """How far a running step is. Told from a thread of its own, when the phase changes or some more is done."""

    id: str
    number: int
    progress: Progress


class Retrying(msgspec.Struct, frozen=True):
    """A step got a lock too late or ran into a deadlock; it was rolled back and runs again after `pause` seconds."""

    id: str
    number: int
    tried: int
    of: int
    pause: float
    holders: tuple[Holder, ...]


class Repaired(msgspec.Struct, frozen=True):
    """What an earlier attempt left behind was mended: `done` says how. Its step goes on."""

    id: str
    number: int
    done: str


class StepDone(msgspec.Struct, frozen=True):
    """A step is done and recorded."""

    id: str
    number: int
    of: int
    seconds: float


class Applied(msgspec.Struct, frozen=True):
    """A migration is applied."""

    id: str
    seconds: float


class Reverted(msgspec.Struct, frozen=True):
    """A migration is reverted."""

    id: str
    seconds: float


Event: TypeAlias = (
    Waiting
    | Foreseen
    | Started
    | StepStarted
    | StepSkipped
    | Blocked
    | Progressed
    | Retrying
    | Repaired
    | StepDone
    | Applied
    | Reverted
)
Listener: TypeAlias = Callable[[Event], None]


def ignore(_: Event) -> None:
    """Listen to nothing."""
