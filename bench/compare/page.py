"""The tables of docs/compare.md, and what came in each trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

from bench import report
from bench.compare.judged import READ, TRIED, VERDICTS, Cell, Row, Theme
from bench.compare.record import Tried

_LONGEST = 110
_WIDTH = 125


def filled(page: str, themes: Sequence[Theme], tried: Tried) -> str:
    """Return the page with its tables as rows and record have them."""
    parts = {"versions": _versions(tried), "tables": _tables(themes), "trials": "\n".join(_trials(themes, tried))}
    return report.fill(page, parts, by="compare")


def _versions(tried: Tried) -> str:
    tools = ", ".join(f"{title.split()[0]} {tried.versions[tool]}" for tool, title in TRIED.items())
    return f"Tried on {tried.when}, on PostgreSQL 18, with {tools}.\n"


def _tables(themes: Sequence[Theme]) -> str:
    return "\n".join(line for theme in themes for line in (f"## {theme.title}", "", *_both(theme)))


def _both(theme: Theme) -> Iterator[str]:
    yield "Tried:"
    yield ""
    yield from _table(theme.rows, TRIED)
    yield ""
    yield "From their documentation:"
    yield ""
    yield from _table(theme.rows, READ)
    yield ""


def _table(rows: Sequence[Row], tools: Mapping[str, str]) -> Iterator[str]:
    yield f"| | {' | '.join(tools.values())} |"
    yield f"|---|{'---|' * len(tools)}"
    for row in rows:
        yield f"| {row.title} | {' | '.join(_cell(row.cells[tool]) for tool in tools)} |"


def _cell(cell: Cell) -> str:
    words = ": ".join(filter(None, (VERDICTS[cell.verdict], cell.words)))
    source = "looked at" if cell.verdict == "unsaid" else "documented"
    return f"{words} ([{source}]({cell.link}))" if cell.link else words


def _trials(themes: Sequence[Theme], tried: Tried) -> Iterator[str]:
    for theme in themes:
        for row in theme.rows:
            told = [line for tool in TRIED for line in _told(row, tool, tried)]
            if told:
                title = row.title.replace("`", "")
                yield from (f"### {title[0].upper()}{title[1:]}", "", fill(row.did, _WIDTH), "")
                yield from ("```text", *told, "```", "")


def _told(row: Row, tool: str, tried: Tried) -> Iterator[str]:
    """Yield the first line of the record for each text that a cell rests on, the tool's name before the first."""
    lines = tried.text(row.trial, tool).splitlines()
    found: dict[int, str] = {}
    for part in row.cells[tool].shows:
        number, line = next((each for each in enumerate(lines) if part in each[1]), (0, part))
        found.setdefault(number, _short(line, part))
    name = f"{tool:<14}"
    for _, line in sorted(found.items()):
        yield f"{name}{line}"
        name = " " * len(name)


def _short(line: str, part: str) -> str:
    """Return a line, cut to a piece that has `part` in it."""
    line, part = " ".join(line.split()), " ".join(part.split())
    if len(line) <= _LONGEST:
        return line
    if line.index(part) + len(part) <= _LONGEST:
        return f"{line[:_LONGEST].rsplit(' ', 1)[0]} ..."
    piece = line[max(0, line.index(part) + len(part) - _LONGEST) :]
    return f"... {piece.split(' ', 1)[1]}" if len(piece) <= _LONGEST else f"... {piece[:_LONGEST]} ..."
