"""Blocks of a page that are written anew: what stands between two comments; all else is written by hand."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

Maker = Callable[[], Iterable[str]]
"""Returns the lines of a block."""

_BLOCK = re.compile(r"<!-- from the code: (?P<name>[^\n]+?) -->\n.*?<!-- end -->\n", re.DOTALL)
_PAGE = re.compile(r"(?<![\w/\[-])(?<!\]\()[\w-]+\.md(?:#[\w-]+)?(?![\w\]])")


def renewed(text: str, makers: Mapping[str, Maker]) -> str:
    """Return a page with its blocks as the code says them now. Raises ValueError unless it has each of them, once."""
    names = [match["name"] for match in _BLOCK.finditer(text)]
    if sorted(names) != sorted(makers):
        raise ValueError(f"blocks that are there: {sorted(names)}; that are made: {sorted(makers)}")
    return _BLOCK.sub(lambda match: block(match["name"], makers[match["name"]]), text)


def block(name: str, maker: Maker) -> str:
    """Return a block, with the comments around it."""
    body = "\n".join(maker()).strip("\n")
    return f"<!-- from the code: {name} -->\n\n{body}\n\n<!-- end -->\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    return [_row(head), "|" + "---|" * len(head), *map(_row, rows)]


def linked(text: str) -> str:
    """Return a sentence of the code in which `hazards.md` leads to that page."""
    return _PAGE.sub(lambda match: f"[{match[0].partition('#')[0]}]({match[0]})", text)


def documentation(thing: object) -> list[str]:
    """Return a docstring's lines, with the links that it means."""
    return linked(inspect.getdoc(thing) or "").splitlines()


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
