"""A plan as Markdown, for the comment on a pull request: what changes, what each step does to others, folded SQL."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import asdict, replace

from mizzle.cli.results.steps import Lock, SizedLock, SizedStep, Step
from mizzle.runner.activity import age
from mizzle.runner.forecast import size

LONGEST = 60_000
"""Characters of a page: a comment on GitHub has 65,536 at most."""
_FEW = 10
MARK = "<!-- mizzle -->"
"""The first line of each page, by which the next run finds its comment again."""


class Part(msgspec.Struct, frozen=True):
    """One plan: its title (Markdown), what it changes in words, its steps, its SQL (empty: it is not shown)."""

    title: str
    about: Sequence[str]
    steps: Sequence[Step]
    sql: str = ""


def page(parts: Sequence[Part], *, headline: str) -> str:
    """Return the page; one that is too long for a comment is shorter: without SQL, or with the worst, or the titles."""
    for shorter in (_whole, _without_sql, _worst):
        text = "\n\n".join([MARK, f"### {headline}", *(_part(shorter(each)) for each in parts)])
        if len(text) <= LONGEST:
            return text
    listed = [f"- {each.title}: {count(len(each.steps), 'step')}" for each in parts]
    text = "\n".join([MARK, "", f"### {headline}", "", *listed])
    more = "\n- and more"
    return text if len(text) <= LONGEST else text[: LONGEST - len(more)].rpartition("\n")[0] + more


def code(text: str) -> str:
    """Return text as code, in a cell of a table, too."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|").replace("\n", " ")


def summary(migration: str, steps: int) -> str:
    """Return the title of a migration."""
    return f"{code(migration)}, {count(steps, 'step')}"


def _whole(part: Part) -> Part:
    return part


def _without_sql(part: Part) -> Part:
    return replace(part, sql="")


def _worst(part: Part) -> Part:
    worst = [step for step in part.steps if step.hazards]
    return replace(part, sql="", about=part.about[:_FEW], steps=worst[:_FEW])


def _part(part: Part) -> str:
    about = "\n".join(f"- {_words(line)}" for line in part.about)
    table = "\n".join(_table(part.steps)) if part.steps else ""
    hazards = "\n".join(f"- {_hazard(each)}" for each in _hazards(part.steps))
    return "\n\n".join(filter(None, (f"#### {part.title}", about, table, hazards, part.sql and _folded(part.sql))))


def _table(steps: Iterable[Step]) -> Iterator[str]:
    yield "| step | runs | locks | work | old code |"
    yield "|---|---|---|---|---|"
    for step in steps:
        old = {True: "works", False: "**breaks**", None: "?"}[step.old_code]
        yield f"| {step.step} | {_runs(step)} | {_locks(step)} | {_work(step)} | {old} |"


def _runs(step: Step) -> str:
    if step.backfill is not None:
        return "in batches"
    return "in a transaction" if step.transaction else "outside a transaction"


def _locks(step: Step) -> str:
    return "<br>".join(f"{each.lock} on {code(each.relation)}{_size(each)}" for each in step.locks) or "none"


def _size(lock: Lock) -> str:
    if not isinstance(lock, SizedLock) or lock.bytes is None or lock.rows is None:
        return ""
    return f" ({size(lock.bytes)}, about {lock.rows:,} rows)"


def _work(step: Step) -> str:
    parts = [f"{kind} {', '.join(map(code, listed))}" for kind, listed in asdict(step.work).items() if listed]
    seconds = step.seconds if isinstance(step, SizedStep) else None
    parts += [f"about {age(max(seconds, 0.001))}"] if seconds else []
    return "<br>".join(parts) or ("?" if step.old_code is None else "catalog only")


def _hazards(steps: Iterable[Step]) -> dict[tuple[str, str], None]:
    """Return the hazards, each once, and what the rows have to fulfil."""
    found: dict[tuple[str, str], None] = {}
    for step in steps:
        found |= dict.fromkeys((each.code, each.message) for each in step.hazards)
    for step in steps:
        found |= dict.fromkeys(("", each.sentence) for each in step.requires)
    return found


def _hazard(each: tuple[str, str]) -> str:
    kind, text = each
    return f"**{kind}** {_words(text)}" if kind else f"requires: {_words(text)}"


def _words(text: str) -> str:
    """Return a sentence that says what it said, whatever its names are."""
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", html.escape(" ".join(text.split()), quote=False))


def _folded(sql: str) -> str:
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", sql))])
    return f"<details><summary>SQL</summary>\n\n{fence}sql\n{sql.strip()}\n{fence}\n\n</details>"


def count(number: int, what: str) -> str:
    """Return `1 step`, `2 steps`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
