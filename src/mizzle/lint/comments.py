"""What the comments in a step say: that a plan wrote it, which hazards are known, which rules are not to be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from mizzle.lint.rules import RULES
from mizzle.planning.script import Script
from mizzle.planning.steps import Step
from mizzle.runner import notes
from mizzle.sqltext import Token, tokens

_WORK = "work:"
_HAZARD, _HAZARDS = "hazard:", "hazards:"
_IGNORE, _IGNORE_FILE = "squawk-ignore", "squawk-ignore-file"


def by_hand(script: Script) -> frozenset[int]:
    """Return which steps, counted from 0, are to be looked at: no plan wrote them, and no backfill.

    A plan of before steps said what they work has noted its hazards at the head of the file alone.
    """
    noted = any(text.startswith(_WORK) for step in script.steps for text in _texts(_head(step)))
    if not noted and any(line.startswith(_HAZARDS) for line in script.head):
        return frozenset()
    each = enumerate(script.steps)
    return frozenset(number for number, step in each if step.backfill is None and not notes.read(step).planned)


def hazards(step: Step) -> frozenset[str]:
    """Return the codes of the hazards that a step states, in lines `-- hazard: CODE: ...`."""
    stated = (text.removeprefix(_HAZARD) for text in _texts(tokens(step.sql)) if text.startswith(_HAZARD))
    return frozenset(text.partition(":")[0].strip() for text in stated)


def ignored(sql: str) -> frozenset[str]:
    """Return what is not to be told of a statement: rules and codes named by `-- squawk-ignore` in its text.

    A rule of squawk stands for what the server shows of the same, too.
    """
    return frozenset(_named(_texts(tokens(sql)), _IGNORE))


def ignored_in_file(head: Iterable[str], steps: Iterable[Step]) -> frozenset[str]:
    """Return what is not to be told of a whole file: `-- squawk-ignore-file`, wherever it stands."""
    texts = [*head, *(text for step in steps for text in _texts(tokens(step.sql)))]
    return frozenset(_named(texts, _IGNORE_FILE))


def _head(step: Step) -> Iterator[Token]:
    return takewhile(lambda token: not token.significant, tokens(step.sql))


def _texts(found: Iterable[Token]) -> Iterator[str]:
    for token in found:
        if token.kind == "comment":
            yield token.text.removeprefix("--").removeprefix("/*").removesuffix("*/").strip()


def _named(texts: Iterable[str], word: str) -> Iterator[str]:
    for text in texts:
        first, _, rest = text.partition(" ")
        for rule in (each.strip() for each in rest.split(",")) if first == word else ():
            yield rule
            yield from RULES[rule].codes if rule in RULES else ()
