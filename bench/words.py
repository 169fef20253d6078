"""Figures in words."""

from __future__ import annotations

from math import floor, log10

_MILLION, _SECOND = 1_000_000, 1000


def count(rows: int) -> str:
    """Return a round number in short: 10 k, 1 M."""
    return f"{rows // _MILLION} M" if rows >= _MILLION else f"{rows // 1000} k"


def figure(value: float) -> str:
    """Return a number with the two digits that count: 0.052, 1.3, 240, 12,000."""
    if value == 0:
        return "0"
    places = 1 - floor(log10(abs(value)))
    return f"{round(value, places):,.{max(places, 0)}f}"


def duration(milliseconds: float) -> str:
    """Return a time in the unit that suits it: 0.052 ms, 1.3 s."""
    return f"{figure(milliseconds / _SECOND)} s" if milliseconds >= _SECOND else f"{figure(milliseconds)} ms"
