"""Load, measure and report: `make bench-growth`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "portal")]

from bench.growth import report, results  # noqa: E402
from bench.growth.measure import measure, say  # noqa: E402

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


def main() -> None:
    """Measure the sizes that are asked for, keeping each when it is done, and write the page from all that is kept."""
    arguments = _arguments()
    kept = {size.rows: size for size in results.read(arguments.report or arguments.json)}
    for rows in () if arguments.report else arguments.sizes:
        say(f"{rows:,} rows")
        kept[rows] = measure(rows, arguments.seed, arguments.folder, kept=kept.get(rows) if arguments.warm else None)
        results.save(arguments.json, [kept[each] for each in sorted(kept)])
    sizes = [kept[each] for each in sorted(kept)]
    sys.stdout.write(report.text(sizes) + "\n")
    if arguments.page is not None:
        report.write(arguments.page, sizes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="rows in each of the largest tables, by commas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=Path("growth.json"), help="where results are kept, size by size")
    parser.add_argument("--report", type=Path, help="measure nothing; report what this file has kept")
    parser.add_argument("--page", type=Path, help="the page to write the tables into, and the plot beside it")
    parser.add_argument("--warm", action="store_true", help="warm times only; what was kept of all else stays")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/growth"), help="for the data; a short path")  # noqa: S108
    return parser.parse_args()


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(int(part.replace("_", "")) for part in text.split(","))
    if any(size <= 0 or size % 10_000 for size in sizes):
        raise argparse.ArgumentTypeError("sizes are multiples of 10,000")
    return sizes


if __name__ == "__main__":
    main()
