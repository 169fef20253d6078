"""What was measured, as data that is written to JSON and read again."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

import msgspec

NAIVE, OURS, DRIZZLE, ALEMBIC = "naive", "mizzle", "drizzle-kit", "Alembic"
TOOLS = (NAIVE, OURS, DRIZZLE, ALEMBIC)


class Spell(msgspec.Struct, frozen=True):
    """What clients waited for in a stretch of time: milliseconds, the worst and the 99.9th of a thousand.

    `slowest` is the statement that waited longest; `at` when it was sent, in seconds
    from the beginning; `failed` counts those that ended in an error, such as `error`.
    """

    worst: float
    p999: float
    statements: int
    slowest: str = ""
    failed: int = 0
    error: str = ""
    at: float = 0


class Run(msgspec.Struct, frozen=True):
    """One run: the seconds that the migration took, the clients during it and in as long a spell before it.

    `autovacuums` says how often autovacuum came to a table meanwhile.
    """

    seconds: float
    idle: Spell
    during: Spell
    autovacuums: int = 0


class Outcome(msgspec.Struct, frozen=True):
    """One change made by one tool: its runs, or why there are none.

    `without` says why the tool does not take part; `failed` what went wrong, in a run or in the schema it led to;
    `wrong` in which way the schema that it led to is not the one that was asked for. `sql` is what it ran, where that
    is a text.
    """

    tool: str
    runs: tuple[Run, ...] = ()
    without: str = ""
    failed: str = ""
    wrong: str = ""
    sql: str = ""

    @property
    def worst(self) -> float:
        """The median over the runs of the worst wait, in milliseconds."""
        return statistics.median(run.during.worst for run in self.runs)

    @property
    def most(self) -> float:
        """The worst wait of all runs, in milliseconds."""
        return max(run.during.worst for run in self.runs)

    @property
    def idle(self) -> float:
        """The median over the runs of the worst wait while nothing else ran, in milliseconds."""
        return statistics.median(run.idle.worst for run in self.runs)

    @property
    def seconds(self) -> float:
        """The median of the seconds."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def clients_failed(self) -> int:
        """The number of client statements that failed during the migrations."""
        return sum(run.during.failed for run in self.runs)


class Measured(msgspec.Struct, frozen=True):
    """One change made by each tool."""

    name: str
    title: str
    outcomes: tuple[Outcome, ...]

    def of(self, tool: str) -> Outcome:
        """Return what came of a tool."""
        found = (outcome for outcome in self.outcomes if outcome.tool == tool)
        return next(found, Outcome(tool, without="not measured"))


class Conditions(msgspec.Struct, frozen=True):
    """What the figures depend on: day, machine, server, number of rows, file system under the data."""

    when: str
    machine: str
    postgres: str
    rows: int
    storage: str


class Results(msgspec.Struct, frozen=True):
    """All that is kept."""

    conditions: Conditions
    changes: tuple[Measured, ...]

    def adding(self, more: Sequence[Measured], order: Sequence[str]) -> tuple[Measured, ...]:
        """Return the changes with `more` in the place of those of the same name, in `order`."""
        found = {each.name: each for each in (*self.changes, *more)}
        return tuple(found[name] for name in order if name in found)


def save(path: Path, results: Results) -> None:
    """Write what is known so far."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def read(path: Path) -> Results:
    """Return what was saved."""
    return msgspec.json.decode(path.read_bytes(), type=Results)
