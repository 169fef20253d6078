"""How the plots of the pages look, and how they are written."""

# pyright: reportMissingImports=false
# Matplotlib is there after `make bench-growth` or `make bench-stalls`, and the types are checked without it too.

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import matplotlib as mpl

mpl.use("Agg")  # before pyplot looks for a screen

from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, PALE, GRID = "#1f2937", "#6b7280", "#e5e7eb"
GOOD, BAD = "#0b7a5e", "#c2570c"
_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "svg.fonttype": "path",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": "#9ca3af",
    "text.color": INK,
}


def write(folder: Path, name: str, draw: Callable[[], Figure]) -> None:
    """Write NAME.svg, the same bytes for the same figures, and NAME.png to look at, into the folder."""
    folder.mkdir(exist_ok=True)
    with mpl.rc_context(cast("Any", {**_STYLE, "svg.hashsalt": name})):
        figure = draw()
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        figure.savefig(folder / f"{name}.png", dpi=150)
        plt.close(figure)
