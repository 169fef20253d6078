"""The figures as tables, put between the marks of a page."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.report import fill
from bench.stalls import aims
from bench.stalls.database import SETTINGS
from bench.stalls.results import ALEMBIC, DRIZZLE, NAIVE, OURS, TOOLS, Measured, Outcome, Results, Run
from bench.words import figure

_NAMES = {NAIVE: "naive SQL", OURS: "Mizzle", DRIZZLE: "drizzle-kit", ALEMBIC: "Alembic"}
_MARKS = {"without": "-", "failed": "failed", "wrong": "wrong"}


def parts(kept: Results) -> dict[str, str]:
    """Return each part of the page by its mark."""
    return {
        "machine": _machine(kept),
        "aims": aims.summary(kept.changes),
        "waits": _waits(kept.changes),
        "ratios": _ratios(kept.changes),
        "seconds": _seconds(kept.changes),
        "thousandth": _thousandth(kept.changes),
        "notes": _notes(kept.changes),
    }


def text(kept: Results) -> str:
    """Return all tables, each under its mark."""
    return "".join(f"{name}\n\n{part}\n" for name, part in parts(kept).items())


def filled(page: str, kept: Results) -> str:
    """Return the page with the tables between its marks."""
    return fill(page, parts(kept), by="bench-stalls")


def write(page: Path, kept: Results) -> None:
    """Write the tables into the page, and the plot into a folder of the page's name beside it."""
    from bench.stalls.plot import draw  # noqa: PLC0415 - matplotlib, which a report in text does not need

    page.write_text(filled(page.read_text(encoding="utf-8"), kept), encoding="utf-8")
    draw(kept.changes, page.with_suffix(""))


def _machine(kept: Results) -> str:
    about = kept.conditions
    runs = {len(outcome.runs) for each in kept.changes for outcome in each.outcomes if outcome.runs}
    told = " or ".join(map(str, sorted(runs)))
    settings = ", ".join(f"`{name} = {value}`" for name, value in SETTINGS.items())
    silent = [tool for tool in TOOLS if not any(each.of(tool).runs for each in kept.changes)]
    without = f" Not measured: {', '.join(_NAMES[tool] for tool in silent)}." if silent else ""
    return (
        f"Measured on {about.when}: PostgreSQL {about.postgres}, {about.machine}; {about.rows:,} rows,"
        f" on {about.storage}. {len(kept.changes)} changes.{without}\n"
        f"Runs of each, after one to rehearse: {told}. Settings: {settings}; all else is PostgreSQL's default.\n"
    )


def _waits(changes: Sequence[Measured]) -> str:
    """The worst wait of any client: the median of the runs, and the worst of them."""
    head = ["worst wait, milliseconds", *(f">{_NAMES[tool]}" for tool in TOOLS), ">share of naive", ">idle", "aim"]
    return _table(head, (_waited(each) for each in changes))


def _waited(each: Measured) -> list[str]:
    cells = [
        _cell(each.of(tool), lambda outcome: f"{figure(outcome.worst)} ({figure(outcome.most)})") for tool in TOOLS
    ]
    naive, ours = each.of(NAIVE), each.of(OURS)
    share = f"{ours.worst / naive.worst:.1%}" if naive.runs and ours.runs else ""
    idle = [outcome.idle for outcome in each.outcomes if outcome.runs]
    return [each.title, *cells, share, figure(statistics.median(idle)) if idle else "", aims.verdict(each)]


def _ratios(changes: Sequence[Measured]) -> str:
    """The worst wait as a multiple of that in an idle spell of equal length just before it."""

    def ratio(run: Run) -> float:
        return run.during.worst / run.idle.worst

    def told(outcome: Outcome) -> str:
        return f"{figure(statistics.median(map(ratio, outcome.runs)))} x"

    return _each("times the worst idle wait", changes, told)


def _seconds(changes: Sequence[Measured]) -> str:
    """How long the change took, from the start of the program to its end."""
    return _each("seconds", changes, lambda outcome: figure(outcome.seconds))


def _thousandth(changes: Sequence[Measured]) -> str:
    """What one of a thousand statements waited for at least, and how many there were."""

    def told(outcome: Outcome) -> str:
        waits = statistics.median(run.during.p999 for run in outcome.runs)
        return f"{figure(waits)} of {sum(run.during.statements for run in outcome.runs):,}"

    return _each("milliseconds, of so many statements", changes, told)


def _each(what: str, changes: Sequence[Measured], told: aims.Told) -> str:
    rows = ([each.title, *(_cell(each.of(tool), told) for tool in TOOLS)] for each in changes)
    return _table([what, *(f">{_NAMES[tool]}" for tool in TOOLS)], rows)


def _cell(outcome: Outcome, told: aims.Told) -> str:
    """Return a figure, with a mark where a note says more; or the mark alone."""
    trouble = next((mark for name, mark in _MARKS.items() if getattr(outcome, name)), "")
    if not outcome.runs:
        return trouble or "-"
    marked = trouble or ("errors" if outcome.clients_failed else "")
    return f"{told(outcome)}{f' **{marked}**' if marked else ''}"


def _notes(changes: Sequence[Measured]) -> str:
    """What there was besides figures: who took no part, who failed, whose clients got errors."""
    lines = [f"- {each.title}, {_NAMES[outcome.tool]}: {note}.\n" for each, outcome, note in _noted(changes)]
    return "".join(lines) or "Nothing.\n"


def _noted(changes: Sequence[Measured]) -> Iterator[tuple[Measured, Outcome, str]]:
    for each in changes:
        for outcome in each.outcomes:
            if outcome.without:
                yield each, outcome, outcome.without
            if outcome.failed:
                yield each, outcome, f"failed: {_code(outcome.failed)}"
            if outcome.wrong:
                yield each, outcome, f"made another schema than was asked for: {_code(outcome.wrong)}"
            if outcome.clients_failed:
                error = next(run.during.error for run in outcome.runs if run.during.failed)
                yield each, outcome, f"{outcome.clients_failed:,} statements of clients failed: {_code(error)}"


def _code(words: str) -> str:
    return f"`{' '.join(words.replace('`', chr(39)).split())}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; a column whose name begins with > has its cells to the right."""
    marks = ["---:" if column.startswith(">") else "---" for column in head]
    lines = [[column.removeprefix(">") for column in head], marks, *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
