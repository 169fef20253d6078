"""Writes what was tried on schemas of others into docs/proof.md: `make pairs`, `make dumps`, `make pulls`."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

_SHOWN = 8
PAGE = Path(__file__).parents[1] / "docs" / "proof.md"
_NAME = re.compile(r"\[(?P<pair>.+)-(?P<major>\d+)\]$")
_CANNOT = re.compile(r"PostgreSQL (?P<major>\d+) cannot load it: (?P<why>.*)", re.DOTALL)


def main() -> None:
    """Renew the part of the page that the first argument names, from the second."""
    part, source = sys.argv[1:]
    lines = list({"pairs": pairs, "dumps": dumps, "pulls": pulls, "changes": changes}[part](Path(source)))
    text = PAGE.read_text(encoding="utf-8")
    marked = re.compile(rf"(?<=<!-- {part} -->\n).*?(?=<!-- end of {part} -->)", re.DOTALL)
    assert marked.search(text), f"{PAGE} has no part {part}"
    PAGE.write_text(marked.sub(lambda _: "\n".join(["", *lines, "", ""]), text), encoding="utf-8")


def pairs(results: Path) -> Iterator[str]:
    """Yield the lines that say what became of each pair, from pytest's JUnit file."""
    outcomes: defaultdict[int, Counter[str]] = defaultdict(Counter)
    told: defaultdict[str, set[str]] = defaultdict(set)
    for case in ET.parse(results).iter("testcase"):  # noqa: S314 - a file of our own
        found = _NAME.search(case.get("name", ""))
        if found is None:
            continue
        outcome, why = _outcome(case)
        outcomes[int(found["major"])][outcome] += 1
        if outcome in {"refused", "failed"}:
            told[f"{found['pair']}: {outcome}{why and f', {why}'}"].add(found["major"])
        elif outcome == "not loaded":
            told[f"{found['pair']}: not loaded, {why}"].add(found["major"])
    yield from _table(
        ("PostgreSQL", "pairs", "cannot be loaded", "refused", "failed", "proved", "share of those loaded"),
        (_counted(major, outcomes[major]) for major in sorted(outcomes)),
    )
    yield ""
    yield from (f"- {line} ({', '.join(sorted(majors))})" for line, majors in sorted(told.items()))


def _counted(major: int, found: Counter[str]) -> tuple[object, ...]:
    loaded = found.total() - found["not loaded"]
    share = f"{100 * found['proved'] / max(loaded, 1):.1f} %"
    return major, found.total(), found["not loaded"], found["refused"], found["failed"], found["proved"], share


def _outcome(case: ET.Element) -> tuple[str, str]:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed", ""
    skipped = case.find("skipped")
    message = skipped.get("message", "") if skipped is not None else ""
    if cannot := _CANNOT.search(message):
        why = re.sub(r'file "[^"]*/', 'file "', cannot["why"])
        return "not loaded", why.strip()
    if skipped is not None:
        return "refused", message.removeprefix("refused: ")
    return "proved", ""


class Run(NamedTuple):
    """A command that ran: its exit code, seconds, peak memory in MB, the last line that it printed on stderr."""

    code: int
    seconds: float
    memory: float
    said: str


def dumps(folder: Path) -> Iterator[str]:
    """Yield the lines that say how each dump was built from nothing and compared with itself."""
    yield from _table(
        ("dump", "kB", "`diff empty DUMP --prove`", "seconds", "MB", "`diff DUMP DUMP`", "seconds", "MB"),
        (_dump(file) for file in sorted(folder.glob("*.sql"))),
    )


def pulls(folder: Path) -> Iterator[str]:
    """Yield the lines that say what became of each dump when it was pulled, and what of its tables is in SQL."""
    left: list[str] = []
    rows: list[Sequence[object]] = []
    for file in sorted(folder.glob("*.sql")):
        seconds, told = _pulled(file.resolve())
        in_sql: list[str] = told["in_sql"]
        equal = "equal" if told["equal"] else "; ".join([*told["different"], *told["unmanaged"]])
        tables = [each for each in in_sql if each.startswith("table ")]
        whole = tuple(f" {each.removeprefix('table ')}." for each in tables)
        parts = [each for each in in_sql if each not in tables and not any(name in f"{each}." for name in whole)]
        rows.append((file.stem, told["classes"], told["tables"], len(tables), len(parts), equal, f"{seconds:.1f}"))
        left += [f"- {file.stem}: {_few([*parts, *tables])}"] if in_sql else []
    head = ("dump", "classes", "`Table`", "tables in SQL", "other parts in SQL", "read back", "seconds")
    yield from _table(head, rows)
    yield ""
    yield "What is in SQL:"
    yield ""
    yield from left


def _few(listed: Sequence[str]) -> str:
    more = f", and {len(listed) - _SHOWN} more such" if len(listed) > _SHOWN else ""
    return ", ".join(f"`{each}`" for each in listed[:_SHOWN]) + more


def _pulled(file: Path) -> tuple[float, Any]:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        command = [sys.executable, "-m", "mizzle", "pull", str(file), "--json"]
        ran = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, encoding="utf-8", check=False)
        return time.perf_counter() - begun, json.loads(ran.stdout)


def changes(tests: Path) -> Iterator[str]:
    """Yield the lines that say what becomes of each change that people make; `tests` is the folder of the tests."""
    sys.path.insert(0, str(tests))
    listed: Sequence[Any] = importlib.import_module("changes").CHANGES

    yield from _table(
        ("", "change", "what becomes of it"), ((each.number, f"`{each.name}`", _became(each)) for each in listed)
    )


def _became(change: Any) -> str:
    expect = change.expect
    if "refused" in expect:
        return f"refused before anything runs: {expect['refused']}"
    if "fails" in expect:
        return "the rows that are in its way are counted before the first step; without them, it runs"
    if "told" in expect:
        return "the values that it would round are counted before the first step"
    if change.only:
        return "what only the database has stays as it was, and so do the rows"
    if expect.get("unchanged") or "unchanged" in change.name:
        return "no change is found"
    return "renamed, the rows kept" if "renames" in expect else "the rows kept, forward and back"


def _dump(file: Path) -> tuple[object, ...]:
    path = file.resolve()
    built, same = _mizzle("diff", "empty", str(path), "--prove"), _mizzle("diff", str(path), str(path))
    proved = "proved" if built.code == 1 else f"exit {built.code}: {built.said}"
    equal = "empty" if same.code == 0 else f"exit {same.code}: {same.said}"
    size = f"{file.stat().st_size / 1000:.0f}"
    measured = [f"{number:.1f}" if number < 10 else f"{number:.0f}" for run in (built, same) for number in run[1:3]]  # noqa: PLR2004
    return file.stem, size, proved, *measured[:2], equal, *measured[2:]


def _mizzle(*arguments: str) -> Run:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mizzle.toml").write_text("postgres = 18\n", encoding="utf-8")
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "mizzle", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=said,
            cwd=folder,
            env=os.environ | {"NO_COLOR": "1"},
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        last = (said.read().strip().splitlines() or [""])[-1]
    return Run(process.returncode, seconds, used.ru_maxrss / 1000, last)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    yield from (f"| {' | '.join(map(str, row))} |" for row in rows)


if __name__ == "__main__":
    main()
