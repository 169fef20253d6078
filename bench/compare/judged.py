"""What is said of the tools on docs/compare.md, a file of rows per theme, and whether the record bears it out.

A cell that was tried names what the tool said: each of `shows` stands in the record of its trial, none of `lacks` does.
A cell that was not has a link to the documentation that it is from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.compare.record import Tried

ROWS = Path(__file__).parent / "rows"
TRIED = {
    "mizzle": "Mizzle",
    "drizzle": "drizzle-kit 0.31",
    "drizzle-next": "drizzle-kit 1.0 rc",
    "alembic": "Alembic",
    "django": "Django",
}
READ = {"atlas": "Atlas", "pg-schema-diff": "pg-schema-diff", "pgroll": "pgroll"}
"""The tools that were tried, and those whose documentation was read, by their titles on the page."""

VERDICTS = {"yes": "**yes**", "partly": "**partly**", "no": "**no**", "n/a": "does not apply", "unsaid": "*not said*"}
"""What a cell may say, and how the page writes it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one tool does: a verdict, a few words, and where that is from."""

    verdict: str
    words: str
    shows: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: the trial of that name, what was done in it, and a cell for each tool."""

    trial: str
    title: str
    did: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Theme:
    """A table."""

    title: str
    rows: tuple[Row, ...]


def read() -> tuple[Theme, ...]:
    """Return the themes in the order of their files."""
    return tuple(_theme(path) for path in sorted(ROWS.glob("*.toml")))


def wrong(themes: Sequence[Theme], tried: Tried) -> Iterator[str]:
    """Yield a sentence for each cell that is missing, or that the record does not bear out."""
    for theme in themes:
        for row in theme.rows:
            for tool in (*TRIED, *READ):
                where = f"{row.trial}, {tool}"
                if tool not in row.cells:
                    yield f"{where}: no cell"
                else:
                    yield from (f"{where}: {what}" for what in _wrong(row, tool, tried))


def _wrong(row: Row, tool: str, tried: Tried) -> Iterator[str]:
    cell, text = row.cells[tool], tried.text(row.trial, tool)
    if cell.verdict not in VERDICTS:
        yield f"{cell.verdict!r} is no verdict"
    if bool(cell.link) == bool(cell.shows or cell.lacks):
        yield "either it was tried, and shows something, or it has a link"
    if not cell.link and not text:
        yield "it was not tried"
    yield from (f"the record lacks {each!r}" for each in cell.shows if each not in text)
    yield from (f"the record shows {each!r}" for each in cell.lacks if each in text)


def _theme(path: Path) -> Theme:
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return Theme(found.pop("title"), tuple(_row(trial, table) for trial, table in found.items()))


def _row(trial: str, table: dict[str, Any]) -> Row:
    title, did = table.pop("title"), table.pop("did")
    return Row(trial, title, did, {tool: _cell(**cell) for tool, cell in table.items()})


def _cell(*, words: str, shows: Sequence[str] = (), lacks: Sequence[str] = (), link: str = "", **verdict: str) -> Cell:
    return Cell(verdict["is"], words, tuple(shows), tuple(lacks), link)
