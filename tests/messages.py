"""The messages in the sources, to hold those that the docs quote against."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "src" / "mizzle"
_SHORTEST = 12  # letters that a message has beside what is put into it


@cache
def messages() -> tuple[re.Pattern[str], ...]:
    """Return every text in the sources as a pattern: what is put into it may be anything."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES.rglob("*.py"))
    return tuple(found for tree in trees for node in ast.walk(tree) if (found := _pattern(node)) is not None)


def is_said(quoted: str) -> bool:
    """Say whether the sources have a message that reads like `quoted`, where `...` stands for anything."""
    return any(message.fullmatch(quoted) for message in messages())


def _pattern(node: ast.AST) -> re.Pattern[str] | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        pieces = [node.value]
    elif isinstance(node, ast.JoinedStr):
        pieces = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    else:
        return None
    if sum(len(piece) for piece in pieces if isinstance(piece, str)) < _SHORTEST:
        return None
    return re.compile("".join(re.escape(piece) if isinstance(piece, str) else ".*" for piece in pieces), re.DOTALL)
