"""The plot: for each change a bar of each tool, as long as the worst wait, on a logarithmic scale."""

# pyright: reportMissingImports=false
# Matplotlib is there after `make bench-stalls`, and the types are checked without it too.

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from bench import style
from bench.stalls.aims import LIMIT
from bench.stalls.results import ALEMBIC, DRIZZLE, NAIVE, OURS, Measured, Outcome
from bench.style import BAD, GOOD, GRID, INK, PALE
from bench.words import duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BARS = {
    NAIVE: (BAD, "naive SQL"),
    DRIZZLE: ("#d8b4a0", "drizzle-kit"),
    ALEMBIC: ("#b9b2c9", "Alembic"),
    OURS: (GOOD, "Mizzle"),
}
_IDLE = "#9ca3af"
_HEIGHT = 0.2
"""Of a bar, where a change has a height of 1."""

_LEAST, _MOST = 1.0, 60_000.0
_TIMES = {1: "1 ms", 10: "10 ms", 100: "100 ms", 1000: "1 s", 10_000: "10 s"}


def draw(changes: Sequence[Measured], folder: Path) -> None:
    """Write stalls.svg, and stalls.png to look at, into the folder."""
    style.write(folder, "stalls", lambda: _figure(changes))


def _figure(changes: Sequence[Measured]) -> Figure:
    height = 1.1 + 0.46 * len(changes)
    figure = plt.figure(figsize=(9.4, height))
    panel = figure.add_axes((0.335, 0.3 / height, 0.645, (height - 1.1) / height))
    _axes(panel, len(changes))
    for place, each in enumerate(changes):
        for number, (tool, (colour, _)) in enumerate(_BARS.items()):
            _bar(panel, place + (number - 1.5) * _HEIGHT, each.of(tool), colour)
        panel.text(-0.012, place, each.title, transform=panel.get_yaxis_transform(), ha="right", va="center", color=INK)
    panel.axvline(LIMIT, color=GOOD, linewidth=1, linestyle=(0, (3, 2)), zorder=1.5)
    _legend(figure, height)
    return figure


def _bar(panel: Axes, place: float, outcome: Outcome, colour: str) -> None:
    """Draw the median of the worst waits, with its words; a tick where the worst wait was while nothing else ran."""
    if not outcome.runs:
        words = "failed" if outcome.failed else "cannot"
        panel.text(_LEAST * 1.08, place, words, color=PALE, va="center", fontsize=6)
        return
    panel.barh(place, outcome.worst - _LEAST, left=_LEAST, height=_HEIGHT * 0.88, color=colour)
    panel.plot([outcome.idle], [place], marker="|", color=_IDLE, markersize=4.5, markeredgewidth=1.1)
    ours = outcome.tool == OURS
    weight = "bold" if ours else "normal"
    end = outcome.worst if outcome.worst > outcome.idle else outcome.idle * 1.04
    colour = colour if ours else PALE
    text = panel.text(
        end * 1.06, place, duration(outcome.worst), color=colour, va="center", fontsize=6, fontweight=weight
    )
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.3})


def _axes(panel: Axes, changes: int) -> None:
    panel.set_xscale("log")
    panel.set_xlim(_LEAST, _MOST)
    panel.set_ylim(changes - 0.4, -0.6)
    panel.xaxis.set_major_locator(FixedLocator(list(_TIMES)))
    panel.xaxis.set_major_formatter(FixedFormatter(list(_TIMES.values())))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_major_locator(NullLocator())
    panel.grid(axis="x", color=GRID, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(length=0, colors=PALE, labelsize=7.5)
    for place in range(1, changes):
        panel.axhline(place - 0.5, color=GRID, linewidth=0.5)


def _legend(figure: Figure, height: float) -> None:
    figure.text(0.012, 1 - 0.3 / height, "The worst wait of a client during a change", fontsize=14, fontweight="bold")
    words = f"median of the runs; dashed: {LIMIT:.0f} ms, grey ticks: the worst wait while nothing else ran"
    figure.text(0.012, 1 - 0.52 / height, words, color=PALE, fontsize=9.5)
    patches = [Rectangle((0, 0), 1, 1, color=colour, label=name) for colour, name in _BARS.values()]
    place = (0.995, 1 - 0.5 / height)
    figure.legend(handles=patches, loc="lower right", ncols=4, frameon=False, bbox_to_anchor=place, fontsize=8.5)
