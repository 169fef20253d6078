"""Writes what PostgreSQL said of each recipe's steps into docs/oracle.md: `make oracle`."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from mizzle.sqltext import split

PAGE = Path(__file__).parents[1] / "docs" / "oracle.md"
_NAME = re.compile(r"\[(?P<recipe>.+) \[(?P<major>\d+) as for (?P<target>\d+)\]\]$")
_TITLE = "# What PostgreSQL says of each step"
_WORDS = 100
_KINDS = 3
"""Rewrites, scans and builds are compared of each step, and the lock on each table and index."""

Step = dict[str, Any]


class Tried(NamedTuple):
    """One recipe on one server: its steps forward and back, whether it did what it said, online or plain."""

    recipe: str
    major: int
    target: int
    forward: tuple[Step, ...]
    back: tuple[Step, ...]
    failed: bool
    online: bool


def main() -> None:
    """Write the page from pytest's JUnit file, which the first argument names."""
    tried = sorted(_tried(Path(sys.argv[1])), key=lambda each: (each.recipe, each.major, each.target, each.online))
    lines = [_TITLE, "", *_summary(tried), "", *_table(tried)]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _tried(results: Path) -> Iterator[Tried]:
    for case in ET.parse(results).iter("testcase"):  # noqa: S314 - a file of our own
        found = _NAME.search(case.get("name", ""))
        if found is None or case.find("skipped") is not None:
            continue
        said: defaultdict[str, list[Step]] = defaultdict(list)
        for each in case.iter("property"):
            said[each.get("name", "")].append(json.loads(each.get("value", "")))
        failed = case.find("failure") is not None or case.find("error") is not None
        online = "online" in case.get("name", "")
        numbers = int(found["major"]), int(found["target"])
        yield Tried(found["recipe"], *numbers, tuple(said["forward"]), tuple(said["back"]), failed, online)


def _summary(tried: Sequence[Tried]) -> Iterator[str]:
    """Yield how many steps ran, how many claims were compared, and how many the server contradicted."""
    steps = [step for each in tried for step in (*each.forward, *each.back)]
    claims = sum(_KINDS + len(step["locks"]) for step in steps)
    majors = sorted({each.major for each in tried})
    recipes = {each.recipe for each in tried}
    contradicted = Counter(each.failed for each in tried)[True]
    yield (
        f"{len(recipes)} recipes, forward and back, planned for PostgreSQL {majors[0]} and for each server's own"
        f" version, run on {', '.join(map(str, majors))}, online and in their plain form: {len(steps):,} steps,"
        f" {claims:,} claims compared with what the server said of locks, rewrites, scans and builds,"
        f" {contradicted} contradictions."
    )
    reasons = sorted({reason for step in steps for reason in step["older"]})
    if reasons:
        yield ""
        yield "A plan says the strongest lock that its major or a newer one takes. Where an older one takes less:"
        yield ""
        yield from (f"- {reason}" for reason in reasons)


def _table(tried: Sequence[Tried]) -> Iterator[str]:
    yield "| recipe | PostgreSQL | step | locks | goes through |"
    yield "|---|---|---|---|---|"
    by_recipe: dict[str, dict[str, tuple[tuple[Step, ...], list[int]]]] = {}
    for each in tried:
        if each.online and each.major == each.target:
            ways = by_recipe.setdefault(each.recipe, {})
            told = [_row(step) for step in each.forward]
            ways.setdefault(json.dumps(told), (each.forward, []))[1].append(each.major)
    for recipe, ways in sorted(by_recipe.items()):
        for steps, majors in ways.values():
            head = [recipe, _span(sorted(majors))]
            for step in steps:
                yield f"| {' | '.join([*head, *_row(step)])} |"
                head = ["", ""]


def _span(majors: list[int]) -> str:
    whole = len(majors) > 1 and majors == list(range(majors[0], majors[-1] + 1))
    return f"{majors[0]} to {majors[-1]}" if whole else ", ".join(map(str, majors))


def _row(step: Step) -> tuple[str, str, str]:
    """Return a step's SQL in short, its locks, and what it goes through."""
    first, *more = [" ".join(part.sql.split()) for part in split(step["sql"])]
    short = first if len(first) <= _WORDS else f"{first[:_WORDS].rsplit(' ', 1)[0]} …"
    said = f"`{_plain(short)}`" + (f" and {len(more)} more" if more else "")
    by_lock: defaultdict[str, list[str]] = defaultdict(list)
    for name, lock in step["locks"].items():
        by_lock[lock].append(name)
    locks = "; ".join(f"{lock}: {_plain(', '.join(sorted(found)))}" for lock, found in sorted(by_lock.items()))
    kinds = [f"{kind} {_plain(', '.join(step[kind]))}" for kind in ("rewrites", "scans", "builds") if step[kind]]
    if step["batches"]:
        kinds.insert(0, "in batches")
    return said, locks or "none", "; ".join(kinds) or "catalog only"


def _plain(text: str) -> str:
    return text.replace("public.", "").replace("|", "\\|")


if __name__ == "__main__":
    main()
