"""docs/history.md: the tables of the history, from the SQL that makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from tools.reference.blocks import Maker, table

from mizzle.runner.tables import ddl
from mizzle.sqltext import Token, split, tokens

_TABLES = ("meta", "history", "steps")
_ENDS = frozenset({"not", "primary", "default", "check", "generated", "references"})
"""What stands behind a column's type."""


def makers() -> dict[str, Maker]:
    """Return what makes each block of the page, by its name."""
    return {name: partial(_columns, name) for name in _TABLES}


def _columns(name: str) -> list[str]:
    """Return the table of the columns that a comment describes."""
    (made,) = (each.sql for each in split(ddl("mizzle", "")) if each.sql.startswith(f"CREATE TABLE mizzle.{name} "))
    found = (_column(part) for part in _parts(made) if any(each.kind == "comment" for each in part))
    return table(("column", "type", "null", "what it says"), found)


def _parts(sql: str) -> Iterator[list[Token]]:
    """Yield what stands between the commas of the outer parentheses."""
    depth, part = 0, list[Token]()
    for token in tokens(sql):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 or (depth == 1 and token.text in {"(", ","}):
            yield part
            part = []
        elif token.kind != "space":
            part.append(token)


def _column(part: Sequence[Token]) -> tuple[str, ...]:
    said = " ".join(each.text.removeprefix("--").strip() for each in part if each.kind == "comment")
    name, *rest = _outer(each for each in part if each.kind != "comment")
    end = next((at for at, word in enumerate(rest) if word.lower() in _ENDS), len(rest))
    never = {"NOT NULL", "PRIMARY KEY"} & {" ".join(pair) for pair in pairwise(rest)}
    return f"`{name}`", "".join(rest[:end]), "never" if never else "may be", said


def _outer(part: Iterable[Token]) -> Iterator[str]:
    """Yield the words that are in no parentheses."""
    depth = 0
    for token in part:
        depth -= token.text == ")"
        if not depth:
            yield token.text
        depth += token.text == "("
