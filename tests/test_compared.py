"""docs/compare.md says what was tried, and nothing else: the page, the verdicts and the record agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.compare import judged, page, record
from bench.compare.judged import Cell, Row, Theme
from bench.compare.record import Said, Tried

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_says_what_the_record_shows() -> None:
    themes, tried = judged.read(), record.read(DOCS / "compare" / "tried.json")
    assert list(judged.wrong(themes, tried)) == []
    text = (DOCS / "compare.md").read_text(encoding="utf-8")
    assert page.filled(text, themes, tried) == text


def test_a_verdict_that_the_record_does_not_bear_out_is_named() -> None:
    tools = (*judged.TRIED, *judged.READ)
    fine = {tool: Cell("yes", "", link="https://example.org") for tool in tools}
    row = Row("rename", "a column gets another name", "It was done.", fine)
    tried = Tried("2026-01-20", {}, {"rename": {"mizzle": (Said("mizzle generate", 3, "was it renamed?"),)}})

    def told(cell: Cell) -> list[str]:
        changed = replace(row, cells={**fine, "mizzle": cell})
        return list(judged.wrong([Theme("Planning", (changed,))], tried))

    assert told(Cell("yes", "asks", shows=("renamed?", "[exit 3]"), lacks=("DROP",))) == []
    assert told(Cell("yes", "asks", shows=("RENAME",))) == ["rename, mizzle: the record lacks 'RENAME'"]
    assert told(Cell("yes", "asks", lacks=("renamed",))) == ["rename, mizzle: the record shows 'renamed'"]
    assert told(Cell("maybe", "", link="https://example.org")) == ["rename, mizzle: 'maybe' is no verdict"]
    assert told(Cell("yes", "")) == ["rename, mizzle: either it was tried, and shows something, or it has a link"]
