"""The figures as Markdown, between the marks that `make bench-peers` fills."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from bench.beside import rows, start
from bench.beside.figures import Figures, Key
from bench.measure import Result
from bench.tables import table

_BEYOND, _DRIFT, _GROWTH = 0.6, 0.3, 1.3
"""What was aimed at: shares of the fastest other tool's time, and what a hundredfold history may cost."""

_SMALL = 15
_NONE = "-"


def parts(found: Figures, measured: str) -> dict[str, str]:
    """Return what is between each pair of marks, as far as it was measured; `measured` says when and where."""
    made = {"beside-aims": f"{measured}{_runs(found)}\n{_aims(found)}"}
    if _sizes(found):
        made["beside-sizes"] = "\n".join(_size(found, size) for size in _sizes(found))
        made["beside-import"] = _import(found)
    if _lengths(found):
        made["beside-history"] = _history(found)
    if any(key.tables == 0 for key in found):
        made["beside-start"] = _start(found)
    return {**made, "beside-memory": _memory(found)}


def _runs(found: Figures) -> str:
    """Return how often each command was run."""
    runs = [
        f"{_rounds(result for key, result in found.items() if key[2:] == (size, 1))} at {size:,} tables"
        for size in _sizes(found)
    ]
    if _lengths(found):
        runs.append(f"{_rounds(result for key, result in found.items() if key.length > 1)} of each history")
    return f"Runs of each command, after one to warm up: {', '.join(runs)}.\n"


def _rounds(results: Iterable[Result]) -> int:
    return min(len(result.samples) for result in results)


def _aims(found: Figures) -> str:
    lines = [*_beyond_aims(found), *_drift_aims(found), *_growth_aims(found), _ahead(found)]
    return table(["aim", "measured", ""], lines)


def _beyond_aims(found: Figures) -> Iterator[list[str]]:
    largest = max(_sizes(found), default=0)
    for row in (rows.UNTOUCHED, rows.SAVED):
        beyond = _beyond_all(found, row, largest)
        others = [seconds for tool, seconds in beyond.items() if tool != rows.MIZZLE]
        if rows.MIZZLE in beyond and others:
            what = f"{row}, {largest:,} tables, beyond the models' import: {_BEYOND:.0%} of the fastest other tool's"
            yield _aim(what, max(beyond[rows.MIZZLE], 0.0) / min(others), _BEYOND, "{:.0%}")


def _drift_aims(found: Figures) -> Iterator[list[str]]:
    for size in _sizes(found):
        share = _share(_row(found, rows.DRIFT, size, 1))
        if share is not None:
            yield _aim(
                f"{rows.DRIFT}, {size:,} tables: {_DRIFT:.0%} of the fastest other tool's", share, _DRIFT, "{:.0%}"
            )


def _growth_aims(found: Figures) -> Iterator[list[str]]:
    lengths = _lengths(found)
    for row in rows.LONG if lengths else ():
        growth = _growth(found, row, rows.MIZZLE)
        if growth is not None:
            what = f"{row}: with {lengths[-1]:,} migrations {_GROWTH:g} times what it takes with {lengths[0]}"
            name, told, verdict = _aim(what, growth, _GROWTH, "{:.2f}")
            yield [name, f"{told}; of the processor's seconds {_growth_of_work(found, row):.2f}", verdict]


def _ahead(found: Figures) -> list[str]:
    """Return the row that says whether Mizzle is ahead in all others, and where not."""
    places = dict.fromkeys((key.row, key.tables, key.length) for key in found if key.tables and key.row != rows.IMPORT)
    shares = {place: _share(_row(found, *place)) for place in places}
    behind = [
        f"{row}, {size:,} tables{f', {length:,} migrations' if length > 1 else ''}: {share:.0%}"
        for (row, size, length), share in shares.items()
        if share is not None and share >= 1
    ]
    ahead = sum(share is not None for share in shares.values()) - len(behind)
    told = f"{ahead} of {ahead + len(behind)}" + (f"; behind: {'; '.join(behind)}" if behind else "")
    return ["less time than the fastest other tool in every row", told, "**missed**" if behind else "reached"]


def _aim(what: str, measured: float, limit: float, form: str) -> list[str]:
    return [what, form.format(measured), "reached" if measured <= limit else "**missed**"]


def _size(found: Figures, size: int) -> str:
    head = [f"{size:,} tables, seconds", *rows.TOOLS, "share of the fastest other's"]
    lines: list[list[str]] = []
    for name in rows.SIZED:
        row = _row(found, name, size, 1)
        share = None if name == rows.IMPORT else _share(row)
        lines.append([name, *(_seconds(row.get(tool)) for tool in rows.TOOLS), _percent(share)])
    return table(head, lines)


def _import(found: Figures) -> str:
    """What is left of finding no change when the models' import is taken off, in the same round."""
    head = ["beyond the import, seconds", *rows.TOOLS[:-1]]
    lines: list[list[str]] = []
    for size in _sizes(found):
        for row in (rows.UNTOUCHED, rows.SAVED):
            beyond = _beyond_all(found, row, size)
            cells = (f"{beyond[tool]:.2f}" if tool in beyond else _NONE for tool in rows.TOOLS[:-1])
            lines.append([f"{row}, {size:,} tables", *cells])
    return table(head, lines)


def _history(found: Figures) -> str:
    lengths = _lengths(found)
    names = " / ".join(f"{length:,}" for length in lengths)
    lines: list[list[str]] = []
    for row in rows.LONG:
        cells = (_grown(found, row, tool, lengths) for tool in rows.TOOLS[:-1])
        shares = (_share(_row(found, row, _SMALL, length)) for length in lengths)
        lines.append([row, *cells, " / ".join(map(_percent, shares))])
    return table([f"seconds with {names} migrations", *rows.TOOLS[:-1], "share of the fastest other's"], lines)


def _grown(found: Figures, row: str, tool: str, lengths: Sequence[int]) -> str:
    results = [found.get(Key(row, tool, _SMALL, length)) for length in lengths]
    growth = _growth(found, row, tool)
    if growth is None:
        return _NONE
    return f"{' / '.join(map(_seconds, results))} (x {growth:.2f})"


def _memory(found: Figures) -> str:
    sizes, lengths = _sizes(found), _lengths(found)
    lines = [
        [f"{row}, {size:,} tables", *(_mebibytes(found.get(Key(row, tool, size, 1))) for tool in rows.TOOLS)]
        for row in rows.SIZED
        for size in sizes
    ]
    lines += [
        [
            f"{row}, {length:,} migrations",
            *(_mebibytes(found.get(Key(row, tool, _SMALL, length))) for tool in rows.TOOLS),
        ]
        for row in rows.LONG
        for length in lengths[-1:]
    ]
    return table(["MiB of the largest process", *rows.TOOLS], lines)


def _start(found: Figures) -> str:
    lines = [
        [row, *(_seconds(found.get(Key(row, tool, 0, 0)), digits=3) for tool in rows.TOOLS[:-1])] for row in start.START
    ]
    return table(["seconds", *rows.TOOLS[:-1]], lines)


def _row(found: Figures, row: str, size: int, length: int) -> dict[str, Result]:
    """Return the results of one row by tool."""
    return {tool: found[key] for tool in rows.TOOLS if (key := Key(row, tool, size, length)) in found}


def _share(row: dict[str, Result]) -> float | None:
    """Return Mizzle's time as a share of the fastest other tool's, None where there is nothing to compare."""
    others = [result for tool, result in row.items() if tool != rows.MIZZLE]
    if rows.MIZZLE not in row or not others:
        return None
    return row[rows.MIZZLE].ratio(min(others, key=lambda result: result.wall))


def _growth(found: Figures, row: str, tool: str) -> float | None:
    """Return what the longest history takes, as a multiple of what the shortest takes."""
    lengths = _lengths(found)
    first, last = (found.get(Key(row, tool, _SMALL, length)) for length in (lengths[0], lengths[-1]))
    return None if first is None or last is None else last.ratio(first)


def _growth_of_work(found: Figures, row: str) -> float:
    """Return the same of Mizzle's seconds of processor, which other programs on the machine change less."""
    lengths = _lengths(found)
    first, last = (found[Key(row, rows.MIZZLE, _SMALL, length)].samples for length in (lengths[0], lengths[-1]))
    return statistics.median(after.cpu / before.cpu for before, after in zip(first, last, strict=True))


def _beyond_all(found: Figures, row: str, size: int) -> dict[str, float]:
    imports = _row(found, rows.IMPORT, size, 1)
    return {tool: result.beyond(imports[tool]) for tool, result in _row(found, row, size, 1).items() if tool in imports}


def _sizes(found: Iterable[Key]) -> list[int]:
    return sorted({key.tables for key in found if key.length == 1})


def _lengths(found: Iterable[Key]) -> list[int]:
    return sorted({key.length for key in found if key.length > 1})


def _seconds(result: Result | None, *, digits: int = 2) -> str:
    return _NONE if result is None else f"{result.wall:.{digits}f}"


def _mebibytes(result: Result | None) -> str:
    return _NONE if result is None else f"{result.memory:.0f}"


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{share:.0%}"
