"""What was measured, and on which machine."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import Result


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured at one number of tables: Mizzle's commands, and Alembic's comparison if it was asked for."""

    tables: int
    commands: tuple[Result, ...]
    alembic: Result | None = None

    def find(self, name: str) -> Result | None:
        """Return the result of one of Mizzle's commands, if it was measured at this size."""
        return next((result for result in self.commands if result.case.name == name), None)

    def of(self, name: str) -> Result:
        """Return the result of one of Mizzle's commands that is measured at each size."""
        found = self.find(name)
        assert found is not None
        return found

    def all(self) -> tuple[Result, ...]:
        """Return every result."""
        return self.commands if self.alembic is None else (*self.commands, self.alembic)


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {
        "processor": found[1] if found else platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def plain(result: Result) -> dict[str, Any]:
    """Return a result for JSON; a run is its seconds on the clock, its seconds of processor, and MiB."""
    return {
        "name": result.case.name,
        "tool": result.case.tool,
        "median": round(result.wall, 4),
        "processor": round(result.cpu, 4),
        "mebibytes": round(result.memory, 1),
        "runs": [[round(value, 4) for value in sample] for sample in result.samples],
    }
