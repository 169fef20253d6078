"""The figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench import ours, peers
from bench.measure import Result
from bench.results import Size

Steps = Sequence[Sequence[Result]]

_HALF = 0.5
_BEYOND = {15: 0.15, 1000: 1.0}
"""By tables: the seconds that finding nothing to do may take beyond importing the models."""


def commands(sizes: Sequence[Size]) -> str:
    """Seconds on the clock: median, least and most."""
    rows = [[name, *(spread(size.find(name)) for size in sizes)] for name in _names(sizes)]
    return table(["seconds: median (least to most)", *_columns(sizes)], rows)


def beyond(sizes: Sequence[Size]) -> str:
    """What `generate` takes beyond importing the models, in the same round."""
    names = (ours.SAVED, ours.INITIAL)
    rows = [[f"{name}, beyond the import", *(f"{_beyond(size, name):.2f}" for size in sizes)] for name in names]
    return table(["seconds", *_columns(sizes)], rows)


def resources(sizes: Sequence[Size]) -> str:
    """Seconds of processor, and peak memory."""
    head = [f"{column}: {what}" for column in _columns(sizes) for what in ("processor s", "MiB")]
    rows = [[name, *(cell for size in sizes for cell in _cost(size.find(name)))] for name in _names(sizes)]
    return table(["", *head], rows)


def against_peers(steps: Steps) -> str:
    """Each step with each tool, and Mizzle's time as a share of the peers'."""
    tools = [result.case.tool for result in steps[0]]
    head = ["15 tables, seconds", *tools, *(f"share of {tool}'s time" for tool in tools[1:])]
    rows = [
        [name, *map(spread, step), *(f"{step[0].ratio(theirs):.0%}" for theirs in step[1:])]
        for name, step in zip(peers.STEPS, steps, strict=True)
    ]
    return table(head, rows)


def peers_resources(steps: Steps) -> str:
    """Seconds of processor and peak memory of each step with each tool."""
    head = [f"{result.case.tool}: {what}" for result in steps[0] for what in ("processor s", "MiB")]
    rows = [
        [name, *(cell for result in step for cell in _cost(result))]
        for name, step in zip(peers.STEPS, steps, strict=True)
    ]
    return table(["15 tables", *head], rows)


def against_alembic(sizes: Sequence[Size]) -> str:
    """Finding no change, as the schema grows."""
    measured = [size for size in sizes if size.alembic]
    rows = [
        ["import the models alone", *(spread(size.of(ours.IMPORT)) for size in measured)],
        ["`mizzle generate`", *(spread(size.of(ours.NO_CHANGE)) for size in measured)],
        ["`mizzle generate`, a module of the models saved again", *(spread(size.of(ours.SAVED)) for size in measured)],
        ["`alembic check`", *(spread(size.alembic) for size in measured)],
    ]
    return table(["find no change, seconds", *_columns(measured)], rows)


def aims(sizes: Sequence[Size], steps: Steps) -> str:
    """What was aimed at, and what came of it."""
    rows = [
        aim(f"{name}: less time than {theirs.case.tool}", step[0].ratio(theirs), 1, "{:.0%}")
        for name, step in zip(peers.STEPS, steps, strict=True)
        for theirs in step[1:]
    ]
    nothing = steps[peers.STEPS.index(peers.NOTHING)]
    rows.append(aim(f"{peers.NOTHING}: half of {peers.DRIZZLE}'s time", nothing[0].ratio(nothing[1]), _HALF, "{:.0%}"))
    for size in sizes:
        if limit := _BEYOND.get(size.tables):
            what = f"{ours.SAVED}, {size.tables} tables: {limit:g} s beyond the import"
            rows.append(aim(what, _beyond(size, ours.SAVED), limit, "{:.2f} s"))
    return table(["aim", "measured", ""], rows)


def aim(what: str, measured: float, limit: float, form: str) -> list[str]:
    """Return the row of an aim."""
    return [what, form.format(measured), "reached" if measured < limit else "**missed**"]


def _beyond(size: Size, name: str) -> float:
    return size.of(name).beyond(size.of(ours.IMPORT))


def _columns(sizes: Iterable[Size]) -> list[str]:
    return [f"{size.tables:,} tables" for size in sizes]


def _names(sizes: Iterable[Size]) -> list[str]:
    return list(dict.fromkeys(result.case.name for size in sizes for result in size.commands))


def spread(result: Result | None) -> str:
    """Return the median in seconds, the least and the most."""
    if result is None:
        return ""
    return f"**{result.wall:.2f}** ({min(result.walls):.2f} to {max(result.walls):.2f})"


def _cost(result: Result | None) -> tuple[str, str]:
    return ("", "") if result is None else (f"{result.cpu:.2f}", f"{result.memory:.0f}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
