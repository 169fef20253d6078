"""The figures as JSON, and as Markdown between the marks of a page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bench import tables
from bench.measure import Result
from bench.results import Size, machine, plain

_START, _END = "<!-- {}: written by make {} -->\n", "<!-- end -->"


@dataclass(frozen=True, slots=True)
class Report:
    """All of a run; `steps` are the peers' steps, each with Mizzle's result first."""

    sizes: tuple[Size, ...]
    steps: tuple[tuple[Result, ...], ...]

    def json(self) -> str:
        """Return everything that was measured, with the machine it was measured on."""
        told = {
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "sizes": [{"tables": size.tables, "commands": list(map(plain, size.all()))} for size in self.sizes],
            "peers": [list(map(plain, step)) for step in self.steps],
        }
        return json.dumps(told, indent=1) + "\n"

    def tables(self) -> dict[str, str]:
        """Return the parts of the page by their mark."""
        found = {
            "machine": _machine(self.sizes, self.steps),
            "commands": tables.commands(self.sizes),
            "beyond": tables.beyond(self.sizes),
            "resources": tables.resources(self.sizes),
        }
        if self.steps:
            found |= {
                "aims": tables.aims(self.sizes, self.steps),
                "peers": tables.against_peers(self.steps),
                "peers-resources": tables.peers_resources(self.steps),
                "alembic": tables.against_alembic(self.sizes),
            }
        return found


def fill(page: str, parts: Mapping[str, str], *, by: str = "bench") -> str:
    """Return `page` with each part of target `by` between its marks.

    Raises ValueError where a mark is not there exactly once.
    """
    for name, part in parts.items():
        start = _START.format(name, by)
        pattern = re.compile(re.escape(start) + ".*?" + re.escape(_END), re.DOTALL)
        pieces = pattern.split(page)
        if len(pieces) != 2:  # noqa: PLR2004 - what is before it and what is behind it
            raise ValueError(f"the page holds {len(pieces) - 1} times: {start}")
        page = f"{start}\n{part}\n{_END}".join(pieces)
    return page


def measured_on() -> str:
    """Return day and machine as a page tells them."""
    about = machine()
    day = datetime.now(UTC).date().isoformat()
    return f"Measured on {day}: {about['processor']}, {about['cores']} cores, Python {about['python']}.\n"


def _machine(sizes: tuple[Size, ...], steps: tuple[tuple[Result, ...], ...]) -> str:
    runs = ", ".join(f"{len(size.commands[0].samples)} at {size.tables:,} tables" for size in sizes)
    beside = f", {len(steps[0][0].samples)} beside the others" if steps else ""
    return f"{measured_on()}Runs of each command, after one to warm up: {runs}{beside}.\n"
