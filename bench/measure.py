"""Whole processes measured in turns, A B A B, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_LAUNCH = Path(__file__).with_name("launch.py")
_TIMEOUT = 600


class Failed(RuntimeError):
    """A command did not do what it is measured for."""


class Sample(NamedTuple):
    """One run: seconds on the clock, seconds of processor, and MiB of its largest process."""

    wall: float
    cpu: float
    memory: float


def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """A command to measure: what must be so before each run, and what it must print (and answer) to count.

    `name` is the row of the report, `tool` whose command it is.
    """

    name: str
    tool: str
    command: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str]
    prints: str = ""
    code: int = 0
    prepare: Callable[[], None] = _nothing

    def run(self) -> Sample:
        """Prepare, then measure one run. Raises Failed with what it printed when that is not what is expected."""
        self.prepare()
        output = self.folder.parent / "output"
        answer = subprocess.run(
            [sys.executable, "-S", "-E", str(_LAUNCH), str(output), *map(str, self.command)],
            cwd=self.folder,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            text=True,
            timeout=_TIMEOUT,
            check=True,
        ).stdout.split()
        printed = output.read_text(errors="replace")
        if int(answer[0]) != self.code or self.prints not in printed:
            raise Failed(f"{self.tool}, {self.name}: exit code {answer[0]}, it printed:\n{printed}")
        return Sample(float(answer[1]), float(answer[2]), int(answer[3]) / 1024)


@dataclass(frozen=True, slots=True)
class Result:
    """All runs of a case, in the order of the rounds."""

    case: Case
    samples: tuple[Sample, ...]

    @property
    def walls(self) -> list[float]:
        """The seconds on the clock, in the order of the rounds."""
        return [sample.wall for sample in self.samples]

    @property
    def wall(self) -> float:
        """Their median."""
        return statistics.median(self.walls)

    @property
    def cpu(self) -> float:
        """The median of the seconds of processor."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def memory(self) -> float:
        """The largest peak, in MiB."""
        return max(sample.memory for sample in self.samples)

    def beyond(self, other: Result) -> float:
        """The median, over the rounds, of how many seconds it takes longer than `other` in the same round."""
        return statistics.median(mine - theirs for mine, theirs in zip(self.walls, other.walls, strict=True))

    def ratio(self, other: Result) -> float:
        """The median, over the rounds, of its seconds as a share of those of `other` in the same round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.walls, other.walls, strict=True))


def in_turns(cases: Sequence[Case], rounds: int, *, progress: Callable[[str], None]) -> tuple[Result, ...]:
    """Run all cases once to warm up and then `rounds` times, in turns; return their results in the same order."""
    samples: list[list[Sample]] = [[] for _ in cases]
    for number in range(rounds + 1):
        for case, found in zip(cases, samples, strict=True):
            progress(f"round {number} of {rounds}: {case.tool}, {case.name}")
            sample = case.run()
            if number:
                found.append(sample)
    return tuple(Result(case, tuple(found)) for case, found in zip(cases, samples, strict=True))
