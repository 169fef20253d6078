"""What happens during a run, told as it happens, for whoever prints or logs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mizzle.planning.steps import Step
from mizzle.runner.activity import Holder
from mizzle.runner.units import Direction


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another migrator holds the lock; None where it has just gone. Told again when the holder changes."""

    holder: Holder | None


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt at a migration begins; `resumed` where an earlier one had got somewhere."""

    id: str
    direction: Direction
    steps: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class StepStarted:
    """Step `number` of `of` begins."""

    id: str
    number: int
    of: int
    step: Step


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """An earlier attempt has done this step."""

    id: str
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """A running step waits for the locks or transactions of others. Told from a thread of its own."""

    id: str
    number: int
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Retrying:
    """A step got a lock too late or ran into a deadlock; it was rolled back and runs again after `pause` seconds."""

    id: str
    number: int
    tried: int
    of: int
    pause: float
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Repaired:
    """An invalid index that an earlier attempt left behind was dropped; its step runs again."""

    id: str
    number: int
    index: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step is done and recorded."""

    id: str
    number: int
    of: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Applied:
    """A migration is applied."""

    id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Reverted:
    """A migration is reverted."""

    id: str
    seconds: float


Event: TypeAlias = (
    "Waiting | Started | StepStarted | StepSkipped | Blocked | Retrying | Repaired | StepDone | Applied | Reverted"
)
Listener: TypeAlias = Callable[[Event], None]


def ignore(_: Event) -> None:
    """Listen to nothing."""
