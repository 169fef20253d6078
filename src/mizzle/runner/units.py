"""What the runner is given, and what it hands back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from mizzle.planning.steps import Step
    from mizzle.runner.forecast import Forecast


Direction = Literal["up", "down"]
State = Literal["applied", "pending", "running", "failed", "edited", "missing", "unknown"]


class Replaced(Protocol):
    """A migration that another replaces: its id, the checksum of its up.sql, what it replaces itself."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def up(self) -> str: ...  # noqa: D102
    @property
    def replaces(self) -> tuple[Replaced, ...]: ...  # noqa: D102


class Unit(msgspec.Struct, frozen=True):
    """One migration in one direction: its id, the checksum of its file, its steps.

    `name` is the file as errors show it, such as `migrations/20260120143000_initial/up.sql`. `over` are the ids of
    migrations below it in the folder that may also be applied after it: those that `rebase` put it on top of.
    `replaces` are the migrations that `squash` put together in it: a database that has them has it. `contracts` is the
    id of the expand migration whose contract it is, empty for any other.
    """

    id: str
    checksum: str
    steps: Sequence[Step]
    name: str
    over: tuple[str, ...] = ()
    replaces: tuple[Replaced, ...] = ()
    contracts: str = ""

    def replaced(self) -> frozenset[str]:
        """The ids of all that it replaces, however often they were put together; its own may be among them."""
        return frozenset(_ids(self.replaces))


class Held(msgspec.Struct, frozen=True):
    """A migration that waits until no old code runs any more: the contract of `contracts`, or what comes behind one.

    `behind` is the contract that it waits for, its own id where it is that.
    """

    id: str
    contracts: str
    behind: str

    def __str__(self) -> str:
        if self.behind == self.id:
            return f"contract of {self.contracts}: run mizzle migrate --contract when no old code runs any more"
        return f"behind the contract {self.behind}"


class Report(msgspec.Struct, frozen=True):
    """What a run did: ids and seconds, in order; and of a dry run, the ids that would run, and what they would do.

    `held` are the migrations that are pending and wait for somebody to say that no old code runs any more.
    """

    applied: tuple[tuple[str, float], ...] = ()
    reverted: tuple[tuple[str, float], ...] = ()
    pending: tuple[str, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    held: tuple[Held, ...] = ()


class UnitStatus(msgspec.Struct, frozen=True):
    """Where one migration stands in one database.

    `applied` and `pending` are as they should be; `running`: somebody, whom `error` names, is at it now; `failed`: an
    attempt ended half-way, `direction` says which, `error` why; `edited`: applied, and its file is not the one that was
    applied; `missing`: applied, and the folder has lost it; `unknown`: applied, and newer than all in the folder.
    `contracts` is the id of the expand migration whose contract it is, empty for any other.
    `when` the latest attempt ended (or began, where it has not ended), and its `role`, `host`, `version` and `seconds`.
    """

    id: str
    state: State
    direction: Direction = "up"
    when: datetime | None = None
    seconds: float | None = None
    role: str = ""
    host: str = ""
    version: str = ""
    error: str = ""
    hint: str = ""
    contracts: str = ""


def _ids(replaces: Sequence[Replaced]) -> Iterator[str]:
    for each in replaces:
        yield each.id
        yield from _ids(each.replaces)
