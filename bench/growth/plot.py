"""The plot: one panel for each query, milliseconds against rows, with its index and without."""

# pyright: reportMissingImports=false
# Matplotlib is there after `make bench-growth`, and the types are checked without it too.

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib import pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from bench import style
from bench.growth.results import Pair, Size, Timing
from bench.style import BAD, GOOD, GRID, PALE
from bench.words import count, duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DASHES = (0, (3, 2))
_COLUMNS = 4
_GROUPS = {
    "eight": (0, "What the portal's eight indexes are for, asked about a typical tenant"),
    "dashboard": (8, "The dashboard, with an index on report_week_id, which the portal does not have"),
    "largest": (14, "The largest tenant, with 15 % of all rows"),
}
"""By group: the place of its first panel, and what stands above that."""

_APART = 30
"""How many times longer a query takes without its index where there is room for a figure between the lines."""

_TIMES = {0.1: "0.1 ms", 1: "1 ms", 10: "10 ms", 100: "100 ms", 1000: "1 s", 10000: "10 s"}


def draw(sizes: Sequence[Size], folder: Path) -> None:
    """Write growth.svg, and growth.png to look at, into the folder."""
    style.write(folder, "growth", lambda: _figure(sizes))


def _figure(sizes: Sequence[Size]) -> Figure:
    figure = plt.figure(figsize=(9.4, 10.6))
    panels = [figure.add_axes(box) for box in _boxes()]
    drawn = dict(_places(sizes))
    for place, panel in enumerate(panels):
        if place in drawn:
            _panel(panel, sizes, drawn[place], named=place % _COLUMNS == 0 or place - 1 not in drawn)
        else:
            panel.set_axis_off()
    for first, heading in _GROUPS.values():
        box = panels[first].get_position()
        figure.text(box.x0, box.y1 + 0.047, heading, fontsize=9.5, color=PALE)
    _legend(figure)
    return figure


def _boxes() -> Iterator[tuple[float, float, float, float]]:
    """Yield where the panels are, row by row: left, bottom, width, height, as shares of the figure."""
    for bottom in (0.742, 0.54, 0.287, 0.035):
        yield from ((0.068 + 0.234 * column, bottom, 0.212, 0.132) for column in range(_COLUMNS))


def _places(sizes: Sequence[Size]) -> Iterator[tuple[int, list[Pair]]]:
    """Yield each query, at all sizes, and the place of its panel."""
    for group, (first, _) in _GROUPS.items():
        keys = [key for key, pair in sizes[-1].pairs.items() if pair.group == group]
        yield from ((first + n, [size.pairs[key] for size in sizes]) for n, key in enumerate(keys))


def _panel(panel: Axes, sizes: Sequence[Size], pairs: Sequence[Pair], *, named: bool) -> None:
    """Draw one query: milliseconds against rows, both logarithmic."""
    rows = [size.rows for size in sizes]
    indexed = [pair.indexed for pair in pairs if pair.indexed is not None]
    without = [pair.without for pair in pairs]
    _axes(panel, rows, named=named)
    slower = without[-1].warm / indexed[-1].warm
    _line(panel, rows, without, BAD, above=slower > 1)
    _line(panel, rows, indexed, GOOD, above=slower < 1 or slower > _APART)
    returned = " to ".join(f"{each:,}" for each in sorted({indexed[0].rows, indexed[-1].rows}))
    title = pairs[0].title.removesuffix(", largest tenant")  # which stands above
    panel.text(0, 1.155, title, transform=panel.transAxes, fontsize=8.6, fontweight="bold")
    panel.text(0, 1.045, f"{returned} rows", transform=panel.transAxes, color=PALE)


def _line(panel: Axes, rows: Sequence[int], timings: Sequence[Timing], colour: str, *, above: bool) -> None:
    """Draw a state of the schema: warm as a line, the last value in words, cold as thin dashes."""
    warm, cold = [timing.warm for timing in timings], [timing.cold for timing in timings]
    panel.plot(rows, cold, color=colour, linewidth=0.9, linestyle=_DASHES, alpha=0.55)
    panel.plot(rows, warm, color=colour, linewidth=1.9, marker="o", markersize=4, markeredgecolor="white")
    panel.annotate(
        duration(warm[-1]),
        (rows[-1], warm[-1]),
        xytext=(3, 5 if above else -6),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        color=colour,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
    )


def _axes(panel: Axes, rows: Sequence[int], *, named: bool) -> None:
    """Set the axes, the same for all panels; `named` writes the times beside them."""
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlim(rows[0] * 0.7, rows[-1] * 1.4)
    panel.set_ylim(0.012, 150000)
    panel.xaxis.set_major_locator(FixedLocator([float(each) for each in rows]))
    panel.xaxis.set_major_formatter(FixedFormatter([count(each) for each in rows]))
    panel.yaxis.set_major_locator(FixedLocator(list(_TIMES)))
    panel.yaxis.set_major_formatter(FixedFormatter(list(_TIMES.values() if named else [""] * len(_TIMES))))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_minor_locator(NullLocator())
    panel.grid(axis="y", color=GRID, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(length=0, colors=PALE, labelsize=7.5)


def _legend(figure: Figure) -> None:
    figure.text(0.012, 0.974, "Time of a query as the portal's tables grow", fontsize=14, fontweight="bold")
    figure.text(0.012, 0.953, "against the rows in each of the largest tables", color=PALE, fontsize=9.5)
    lines = [
        Line2D([], [], color=BAD, linewidth=1.9, marker="o", markersize=4, label="without the index"),
        Line2D([], [], color=GOOD, linewidth=1.9, marker="o", markersize=4, label="with it"),
        Line2D([], [], color=PALE, linewidth=0.9, linestyle=_DASHES, label="cold"),
    ]
    figure.legend(handles=lines, loc="upper right", ncols=3, frameon=False, bbox_to_anchor=(0.995, 0.992), fontsize=9.5)
