"""The plot: one panel for each query, milliseconds against rows, with its index and without."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

mpl.use("Agg")  # before pyplot looks for a screen

from matplotlib import pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from bench.growth.results import Pair, Size, Timing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _PALE, _GRID = "#1f2937", "#6b7280", "#e5e7eb"
_WITH, _WITHOUT = "#0d7a5f", "#c2570c"
_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "svg.fonttype": "path",
    "svg.hashsalt": "growth",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": "#9ca3af",
    "text.color": _INK,
}
_COLUMNS = 4
_GROUPS = (
    ("eight", "Queries that the portal's eight indexes are for", 0.908),
    ("dashboard", "The dashboard, with an index on report_week_id that the portal does not have", 0.478),
    ("largest", "The tenant that owns 15 % of all rows, with the portal's indexes", 0.0),
)
_TIMES = {0.1: "0.1 ms", 1: "1 ms", 10: "10 ms", 100: "100 ms", 1000: "1 s", 10000: "10 s"}


def draw(sizes: Sequence[Size], folder: Path) -> None:
    """Write growth.svg, and growth.png to look at, into the folder."""
    folder.mkdir(exist_ok=True)
    with mpl.rc_context(_STYLE):
        figure, rows = plt.subplots(
            4, _COLUMNS, figsize=(9.4, 9.6), sharex=True, sharey=True, gridspec_kw={"hspace": 0.46, "wspace": 0.2}
        )
        figure.subplots_adjust(left=0.065, right=0.965, top=0.875, bottom=0.05)
        panels = list(rows.flat)
        pairs = [[size.pairs[key] for size in sizes] for key in sizes[-1].pairs]
        shown = sorted(pairs, key=lambda each: [name for name, *_ in _GROUPS].index(each[0].group))
        for panel, each in zip(panels, shown, strict=False):
            _panel(panel, sizes, each)
        for panel in panels[len(shown) :]:
            panel.set_axis_off()
        _legend(figure)
        figure.savefig(folder / "growth.svg", metadata={"Date": None})
        figure.savefig(folder / "growth.png", dpi=150)
        plt.close(figure)


def _panel(panel: Axes, sizes: Sequence[Size], pairs: Sequence[Pair]) -> None:
    """Draw one query: milliseconds against rows, both logarithmic."""
    rows = [size.rows for size in sizes]
    indexed = [pair.indexed for pair in pairs if pair.indexed is not None]
    _line(panel, rows, [pair.without for pair in pairs], _WITHOUT)
    _line(panel, rows, indexed, _WITH)
    panel.set_title(pairs[0].title, loc="left", fontsize=8.5, fontweight="bold", pad=14)
    returned = sorted({indexed[0].rows, indexed[-1].rows})
    panel.text(
        0, 1.035, f"{' to '.join(f'{each:,}' for each in returned)} rows", transform=panel.transAxes, color=_PALE
    )
    _axes(panel, rows)


def _line(panel: Axes, rows: Sequence[int], timings: Sequence[Timing], colour: str) -> None:
    """Draw a state of the schema: warm as a line, cold as a thin one, the last value in words."""
    warm, cold = [timing.warm for timing in timings], [timing.cold for timing in timings]
    panel.plot(rows, cold, color=colour, linewidth=0.9, linestyle=(0, (3, 2)), alpha=0.6)
    panel.plot(rows, warm, color=colour, linewidth=1.8, marker="o", markersize=3.6, markeredgecolor="white")


def _axes(panel: Axes, rows: Sequence[int]) -> None:
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_ylim(0.03, 40000)
    panel.xaxis.set_major_locator(FixedLocator([float(each) for each in rows]))
    panel.xaxis.set_major_formatter(FixedFormatter([_count(each) for each in rows]))
    panel.yaxis.set_major_locator(FixedLocator(list(_TIMES)))
    panel.yaxis.set_major_formatter(FixedFormatter(list(_TIMES.values())))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_minor_locator(NullLocator())
    panel.grid(axis="y", color=_GRID, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(length=0, colors=_PALE, labelsize=7.5, labelbottom=True)


def _legend(figure: Figure) -> None:
    figure.text(0.012, 0.972, "Time of a query as the portal's tables grow", fontsize=13, fontweight="bold")
    figure.text(
        0.012, 0.950, "rows in each of the largest tables across, milliseconds upwards", color=_PALE, fontsize=9
    )
    dashes = (0, (3, 2))
    lines = [
        Line2D([], [], color=_WITHOUT, linewidth=1.8, marker="o", markersize=3.6, label="without the index"),
        Line2D([], [], color=_WITH, linewidth=1.8, marker="o", markersize=3.6, label="with it"),
        Line2D([], [], color=_PALE, linewidth=0.9, linestyle=dashes, label="after a cold start"),
    ]
    figure.legend(handles=lines, loc="upper right", ncols=3, frameon=False, bbox_to_anchor=(0.975, 0.985), fontsize=9)


def _count(rows: int) -> str:
    return f"{rows // 1_000_000} M" if rows >= 1_000_000 else f"{rows // 1000} k"
