"""The figures as JSON, and as Markdown between two marks of a page."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import ours, peers
from bench.measure import Result

_MARKS = "<!-- {}: written by `make bench` -->\n", "<!-- end -->"


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured at one number of tables: Mizzle's commands, and Alembic's comparison if it was asked for."""

    tables: int
    commands: tuple[Result, ...]
    alembic: Result | None = None

    def of(self, name: str) -> Result:
        """Return the result of one of Mizzle's commands."""
        return next(result for result in self.commands if result.case.name == name)


@dataclass(frozen=True, slots=True)
class Report:
    """All of a run; `steps` are the peers' steps, each with Mizzle's result first."""

    rounds: int
    sizes: tuple[Size, ...]
    steps: tuple[tuple[Result, ...], ...]

    def json(self) -> str:
        """Return everything that was measured, with the machine it was measured on."""
        told = {
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "sizes": [{"tables": size.tables, "commands": _plain(_all(size))} for size in self.sizes],
            "peers": [_plain(step) for step in self.steps],
        }
        return json.dumps(told, indent=1) + "\n"

    def tables(self) -> dict[str, str]:
        """Return the tables of the page by their mark."""
        found = {"machine": f"{_machine_line()} {self.rounds} runs of each at 15 tables.\n"}
        if self.sizes:
            found |= {
                "commands": commands(self.sizes),
                "beyond": beyond(self.sizes),
                "resources": resources(self.sizes),
            }
        if self.steps:
            found["peers"] = against_peers(self.steps)
        if any(size.alembic for size in self.sizes):
            found["alembic"] = against_alembic(self.sizes)
        return found


def fill(page: str, tables: Mapping[str, str]) -> str:
    """Return `page` with each table between its marks; a page without one of them is an error."""
    for name, table in tables.items():
        start, end = _MARKS[0].format(name), _MARKS[1]
        pattern = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
        page, times = pattern.subn(lambda _, start=start, table=table, end=end: f"{start}\n{table}\n{end}", page)
        if times != 1:
            raise ValueError(f"the page holds {times} times: {start}")
    return page


def commands(sizes: Sequence[Size]) -> str:
    """Seconds on the clock: median, least and most."""
    rows = [[name, *(_spread(_find(size, name)) for size in sizes)] for name in _names(sizes)]
    return _table(["seconds: median (least to most)", *(f"{size.tables} tables" for size in sizes)], rows)


def resources(sizes: Sequence[Size]) -> str:
    """Seconds of processor, and peak memory."""
    head = [f"{size.tables} tables: {what}" for size in sizes for what in ("processor s", "MiB")]
    rows = [[name, *(cell for size in sizes for cell in _cost(_find(size, name)))] for name in _names(sizes)]
    return _table(["", *head], rows)


def beyond(sizes: Sequence[Size]) -> str:
    """What a command takes beyond importing the models, in the same round."""
    rows = [
        [f"{name}, beyond the import", *(f"{size.of(name).beyond(size.of(ours.IMPORT)):.3f}" for size in sizes)]
        for name in (ours.NO_CHANGE, ours.INITIAL)
    ]
    return _table(["seconds", *(f"{size.tables} tables" for size in sizes)], rows)


def against_peers(steps: Sequence[Sequence[Result]]) -> str:
    """Each step with each tool, and Mizzle's time as a share of the peers'."""
    tools = [result.case.tool for result in steps[0]]
    head = ["15 tables, seconds", *tools, *(f"of {tool}'s time" for tool in tools[1:])]
    rows = [
        [name, *map(_spread, step), *(f"{step[0].ratio(theirs):.0%}" for theirs in step[1:])]
        for name, step in zip(peers.STEPS, steps, strict=True)
    ]
    return _table(head, rows)


def against_alembic(sizes: Sequence[Size]) -> str:
    """Finding no change, as the schema grows."""
    measured = [size for size in sizes if size.alembic]
    rows = [
        ["import the models alone", *(_spread(size.of(ours.IMPORT)) for size in measured)],
        ["`mizzle generate`", *(_spread(size.of(ours.NO_CHANGE)) for size in measured)],
        ["`alembic check`", *(_spread(size.alembic) for size in measured)],
    ]
    return _table(["find no change, seconds", *(f"{size.tables} tables" for size in measured)], rows)


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {
        "processor": found[1] if found else platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def _machine_line() -> str:
    about = machine()
    day = datetime.now(UTC).date().isoformat()
    return f"Measured on {day}: {about['processor']}, {about['cores']} cores, Python {about['python']}."


def _all(size: Size) -> tuple[Result, ...]:
    return (*size.commands, *([size.alembic] if size.alembic else []))


def _names(sizes: Iterable[Size]) -> list[str]:
    return list(dict.fromkeys(result.case.name for size in sizes for result in size.commands))


def _find(size: Size, name: str) -> Result | None:
    return next((result for result in size.commands if result.case.name == name), None)


def _spread(result: Result | None) -> str:
    if result is None:
        return ""
    return f"**{result.wall:.2f}** ({min(result.walls):.2f} to {max(result.walls):.2f})"


def _cost(result: Result | None) -> tuple[str, str]:
    return ("", "") if result is None else (f"{result.cpu:.2f}", f"{result.memory:.0f}")


def _plain(results: Iterable[Result]) -> list[dict[str, Any]]:
    return [
        {
            "name": result.case.name,
            "tool": result.case.tool,
            "median": round(result.wall, 4),
            "processor": round(result.cpu, 4),
            "mebibytes": round(result.memory, 1),
            "runs": [[round(value, 4) for value in sample] for sample in result.samples],
        }
        for result in results
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
