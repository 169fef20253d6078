"""How values are read for a page: as PostgreSQL's own text, and no more of it than the page can show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from mizzle.studio.relations import Column
from mizzle.studio.sql import name

LONGEST = 300
"""Characters of a value that a grid of few columns shows."""
_SHORTEST = 40
_PER_ROW = 12_000
"""Characters that a row of many columns is to have at most."""
UNREAD: Final = 200_000
"""Bytes, as stored, from which on a value is not turned into text for a grid: that alone would take too long."""
WHOLE: Final = 4_000_000
"""Bytes of one value that a page takes whole; what is longer is downloaded."""

Cell = str | None | dict[str, object]


def cut_at(columns: Sequence[Column]) -> int:
    """Return how many characters of a value a grid of these columns shows."""
    return max(_SHORTEST, min(LONGEST, _PER_ROW // max(1, len(columns))))


def selected(column: Column, alias: str, cut: int) -> str:
    """Return what selects one value as text, and its size in bytes where it may be too long for a cell."""
    of = f"{name(alias)}.{name(column.name)}"
    if column.fixed:
        return f"{of}::pg_catalog.text"
    if column.kind == "bytea":
        shown = cut // 2
        head = f"pg_catalog.substring({of}::pg_catalog.bytea, 1, {shown})"
        return f"'\\x' || pg_catalog.encode({head}, 'hex'), pg_catalog.octet_length({of}::pg_catalog.bytea)"
    if column.kind == "text":
        text = f"{of}::pg_catalog.text"
        return f'pg_catalog."left"({text}, {cut}), pg_catalog.octet_length({text})'
    size = f"pg_catalog.pg_column_size({of})"
    head = f'pg_catalog."left"({of}::pg_catalog.text, {cut + 1})'
    return f"CASE WHEN {size} < {UNREAD} THEN {head} WHEN {size} >= {UNREAD} THEN '' END, {size}"


def answered(columns: Sequence[Column], row: Sequence[Any], cut: int) -> list[Cell]:
    """Return a row's cells from what selected() selects for each of its columns."""
    found: list[Cell] = []
    at = 0
    for column in columns:
        text = row[at]
        at += 1
        if column.fixed:
            found.append(text)
            continue
        size = row[at]
        at += 1
        found.append(_cell(column, text, size, cut))
    return found


def _cell(column: Column, text: str | None, size: int | None, cut: int) -> Cell:
    if text is None or size is None:
        return None
    if column.kind == "bytea":
        is_cut = size > cut // 2
    elif column.kind == "text":
        is_cut = size > len(text.encode())
    else:
        is_cut = len(text) > cut or size >= UNREAD
    return {"text": text[:cut], "cut": size} if is_cut else text
