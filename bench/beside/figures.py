"""What was measured, by row, tool, number of tables and length of the history; kept as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple, TypeAlias

from bench.measure import Case, Result, Sample
from bench.report import measured_on


class Key(NamedTuple):
    """Which figure it is."""

    row: str
    tool: str
    tables: int
    length: int


Figures: TypeAlias = dict[Key, Result]


def read(path: Path) -> Figures:
    """Return what was kept, nothing where there is no such file."""
    if not path.exists():
        return {}
    kept = json.loads(path.read_text())["figures"]
    return {
        (key := Key(*each["key"])): Result(
            Case(key.row, key.tool, (), path.parent, {}), tuple(Sample(*run) for run in each["runs"])
        )
        for each in kept
    }


def write(path: Path, figures: Figures) -> None:
    """Keep all of them, with the day and the machine that they were measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = [{"key": list(key), "runs": [list(each) for each in result.samples]} for key, result in figures.items()]
    path.write_text(json.dumps({"measured": measured_on(), "figures": told}))


def measured(path: Path) -> str:
    """Return when and on which machine the figures were measured."""
    return json.loads(path.read_text())["measured"] if path.exists() else ""
