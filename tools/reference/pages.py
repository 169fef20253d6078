"""Which page has which blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tools.reference import errors_page, formats, history, json_page, settings
from tools.reference.blocks import Maker, renewed

DOCS = Path(__file__).parents[2] / "docs"
PAGES: Mapping[str, Callable[[], Mapping[str, Maker]]] = {
    "commands.md": lambda: {"exit codes": errors_page.exit_codes},
    "configuration.md": settings.makers,
    "errors.md": errors_page.makers,
    "format.md": formats.snapshots,
    "hazards.md": formats.hazards,
    "history.md": history.makers,
    "json.md": json_page.makers,
}


FILES: Mapping[str, Callable[[], str]] = {
    "schema.json": json_page.document,
}
"""Those that are written as a whole."""


def now(name: str) -> tuple[str, str]:
    """Return what a page or a file says, and what it would say now."""
    path = DOCS / name
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text, FILES[name]() if name in FILES else renewed(text, PAGES[name]())
