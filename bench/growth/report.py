"""The figures as tables, put between the marks of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from bench.growth.plot import draw
from bench.growth.queries import EIGHT, EXTRA
from bench.growth.results import Index, Pair, Size, Timing
from bench.report import fill
from bench.words import count, figure

_GROUPS = ("eight", "dashboard", "largest")


def parts(sizes: Sequence[Size]) -> dict[str, str]:
    """Return each part of the page by its mark."""
    return {
        "machine": f"PostgreSQL {sizes[-1].version}, {sizes[-1].machine}.",
        "rows": _rows(sizes),
        "growth": _times(sizes, "eight", lambda timing: timing.warm),
        "cold": _times(sizes, "eight", lambda timing: timing.cold),
        "ratios": _ratios(sizes),
        "plans": _plans(sizes),
        "dashboard": _times(sizes, "dashboard", lambda timing: timing.warm),
        "largest": _times(sizes, "largest", lambda timing: timing.warm),
        "ordered": _times(sizes, "ordered", lambda timing: timing.warm, without="`tenant_id`"),
        "built": _built(sizes),
        "written": _written(sizes),
        "deletion": _deletion(sizes),
        "unindexed": ", ".join(f"`{key}`" for key in sizes[-1].unindexed) + ".",
    }


def text(sizes: Sequence[Size]) -> str:
    """Return all tables, each under its mark."""
    return "\n\n".join(f"{name}\n\n{part}" for name, part in parts(sizes).items())


def write(page: Path, sizes: Sequence[Size]) -> None:
    """Write the tables into the page, and the plots into a folder of the page's name beside it."""
    found = {name: f"\n{part}\n\n" for name, part in parts(sizes).items()}
    page.write_text(fill(page.read_text(encoding="utf-8"), found, by="bench-growth"), encoding="utf-8")
    draw(sizes, page.with_suffix(""))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, numbers to the right."""
    marks = ["---", *("---:" if column[:1].isdigit() or column.startswith(">") else "---" for column in head[1:])]
    lines = [[column.removeprefix(">") for column in head], marks, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _columns(sizes: Sequence[Size]) -> list[str]:
    return [count(size.rows) for size in sizes]


def _rows(sizes: Sequence[Size]) -> str:
    tables = sorted(sizes[-1].tables, key=lambda name: (-sizes[-1].tables[name], name))
    lines = [[f"`{name}`", *(f"{size.tables[name]:,}" for size in sizes)] for name in tables]
    lines.append(["on disk, GB, no index but keys", *(figure(size.bytes / 1e9) for size in sizes)])
    lines.append(["seconds to load", *(f"{size.load:.0f}" for size in sizes)])
    return _table(["rows", *_columns(sizes)], lines)


def _of(sizes: Sequence[Size], group: str) -> list[tuple[str, list[Pair]]]:
    """The queries of a group, each at every size."""
    keys = [key for key, pair in sizes[-1].pairs.items() if pair.group == group]
    return [(key, [size.pairs[key] for size in sizes]) for key in keys]


def _indexed(pair: Pair) -> Timing:
    assert pair.indexed is not None, "a size is kept when it is done"
    return pair.indexed


def _times(sizes: Sequence[Size], group: str, value: Callable[[Timing], float], *, without: str = "none") -> str:
    lines: list[list[str]] = []
    for _, pairs in _of(sizes, group):
        title, index = pairs[0].title, pairs[0].index
        lines.append([f"{title}", without, *(figure(value(pair.without)) for pair in pairs)])
        lines.append(["", f"`{index}`", *(f"**{figure(value(_indexed(pair)))}**" for pair in pairs)])
    return _table(["milliseconds", "index", *_columns(sizes)], lines)


def _ratios(sizes: Sequence[Size]) -> str:
    """Return how much each of the eight queries grows from the first size to the last."""
    pairs = [(pairs[0], pairs[-1]) for _, pairs in _of(sizes, "eight")]
    head = [
        f"{count(sizes[0].rows)} → {count(sizes[-1].rows)} rows",
        ">rows of the result",
        ">grow by",
        ">with the index, time grows by",
        ">pages by",
        ">without it, time grows by",
        ">pages by",
        ">the index saves",
    ]
    return _table(head, (_ratio(first, last) for first, last in pairs))


def _ratio(first: Pair, last: Pair) -> list[str]:
    few, many = _indexed(first), _indexed(last)
    return [
        first.title,
        f"{few.rows:,}" if few.rows == many.rows else f"{few.rows:,} → {many.rows:,}",
        f"{figure(many.rows / few.rows)} x",
        f"**{figure(many.warm / few.warm)} x**",
        f"{figure(many.pages / few.pages)} x",
        f"**{figure(last.without.warm / first.without.warm)} x**",
        f"{figure(last.without.pages / first.without.pages)} x",
        f"{figure(last.without.warm / many.warm)} x",
    ]


def _plans(sizes: Sequence[Size]) -> str:
    lines: list[list[str]] = []
    for group in _GROUPS:
        for _, pairs in _of(sizes, group):
            pair = pairs[-1]
            lines.append([pair.title, _plan(pair.without), f"{pair.without.pages:,}", *_with(pair)])
    head = [f"at {count(sizes[-1].rows)}", "plan without", ">pages", "plan with", ">pages", ">rows"]
    return _table(head, lines)


def _with(pair: Pair) -> list[str]:
    found = _indexed(pair)
    return [_plan(found), f"{found.pages:,}", f"{found.rows:,}"]


def _plan(timing: Timing) -> str:
    """Return a plan with its tables and indexes in code style."""
    scans = (scan.rpartition(" ") for scan in timing.plan.split(", "))
    return ", ".join(f"{kind} `{name}`" for kind, _, name in scans)


def _costs(sizes: Sequence[Size], told: Callable[[Index], str]) -> Iterator[list[str]]:
    for name in (*EIGHT, *EXTRA):
        yield [f"`{name}`", *(told(size.indexes[name]) for size in sizes)]


def _built(sizes: Sequence[Size]) -> str:
    rows = _costs(sizes, lambda index: f"{figure(index.size / 1e6)} MB, {figure(index.build)} s")
    return _table(["size, time to build", *_columns(sizes)], rows)


def _written(sizes: Sequence[Size]) -> str:
    def told(index: Index) -> str:
        time, wal = index.seconds[1] / index.seconds[0], index.wal[1] / index.wal[0]
        return f"{time:.2f} x, {wal:.2f} x"

    return _table(["time, WAL", *_columns(sizes)], _costs(sizes, told))


def _deletion(sizes: Sequence[Size]) -> str:
    def told(size: Size, state: str) -> str:
        spent = size.deletions[state].seconds
        return "more than 1,800" if spent is None else figure(spent)

    return _table(
        ["seconds", *_columns(sizes)],
        [
            ["with the portal's eight indexes", *(told(size, "eight") for size in sizes)],
            ["with an index on every foreign key", *(f"**{told(size, 'all')}**" for size in sizes)],
        ],
    )
