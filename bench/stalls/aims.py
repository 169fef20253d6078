"""What was aimed at: a tenth of the naive form's worst wait where that is long, and less than can be noticed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench.stalls.results import NAIVE, OURS, Measured, Outcome
from bench.words import figure

Told = Callable[[Outcome], str]

LIMIT = 60.0
"""Milliseconds that no client of ours waits."""

LONG, SHARE = 300.0, 0.1
"""Milliseconds of the naive form from which on ours may take that share of it."""


def missed(each: Measured) -> list[str]:
    """Return in which ways the median of the worst waits misses an aim; none if it reaches them."""
    naive, ours = each.of(NAIVE), each.of(OURS)
    if ours.failed or ours.wrong or not ours.runs:
        return ["failed"]
    found = [f"{figure(ours.worst)} ms"] if ours.worst >= LIMIT else []
    if naive.runs and naive.worst >= LONG and ours.worst > SHARE * naive.worst:
        found.append(f"{ours.worst / naive.worst:.0%} of the naive form")
    if ours.clients_failed:
        found.append("clients got errors")
    return found


def verdict(each: Measured) -> str:
    """Return the cell of a table."""
    return f"**missed**: {', '.join(found)}" if (found := missed(each)) else "reached"


def summary(changes: Sequence[Measured]) -> str:
    """Return how many changes reach the aims, and name those that do not."""
    wrong = [each for each in changes if missed(each)]
    listed = "".join(f"- **missed**, {each.title}: {', '.join(missed(each))}.\n" for each in wrong)
    return f"{len(changes) - len(wrong)} of {len(changes)} changes reach both aims.\n{listed}"
