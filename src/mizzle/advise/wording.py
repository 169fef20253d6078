"""Numbers as people say them."""

from __future__ import annotations

from mizzle.advise.facts import Table
from mizzle.runner.forecast import size

__all__ = ["count", "extent", "listed", "share", "size", "span"]

_HOURS, _DAYS = 2 * 3600, 2 * 86_400


def count(number: float) -> str:
    """Return a number of rows: `812`, `12,000`, `3.4 million`, `2.1 billion`."""
    for limit, word in ((1e9, "billion"), (1e6, "million")):
        if number >= limit:
            return f"{number / limit:.1f} {word}"
    return f"{number:,.0f}"


def share(part: float) -> str:
    """Return a share as a percentage."""
    return f"{part * 100:.0f} %"


def span(seconds: float) -> str:
    """Return a time: `40 minutes`, `5 hours`, `21 days`."""
    if seconds >= _DAYS:
        return f"{seconds / 86_400:.0f} days"
    return f"{seconds / 3600:.0f} hours" if seconds >= _HOURS else f"{seconds / 60:.0f} minutes"


def extent(table: Table) -> str:
    """Return how large a table is: `10.0 million rows, 2.1 GB`; rows that nobody has counted are not told."""
    if not table.bytes:
        return "no rows yet"
    rows = f"about {count(table.rows)} rows, " if table.rows >= 0 else ""
    return f"{rows}{size(table.bytes)}"


def listed(names: tuple[str, ...]) -> str:
    """Return names in a sentence: `a`, `a and b`, `a, b and c`."""
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"
