"""COMMENT ON, for every kind that has comments."""

from __future__ import annotations

from mizzle import names
from mizzle.planning.steps import Lock, Statement

_ON_TABLES = frozenset({"CONSTRAINT", "TRIGGER", "POLICY", "RULE"})


def comment(kind: str, name: str, text: str | None, *, relation: str = "") -> Statement:
    """Return the statement that sets or (None) removes a comment; `kind` and `name` are SQL."""
    value = "NULL" if text is None else names.literal(text)
    # src/backend/commands/comment.c; of what is on a table, that is only looked at.
    taken = Lock.ACCESS_SHARE if kind in _ON_TABLES else Lock.SHARE_UPDATE_EXCLUSIVE
    lock = taken if relation else Lock.NONE
    return Statement(f"COMMENT ON {kind} {name} IS {value}", lock=lock, relation=relation, change=f"comment on {name}")


def created(kind: str, name: str, text: str | None, *, relation: str = "") -> list[Statement]:
    """Return the comment of a new object, as a list that is empty when there is none."""
    return [] if text is None else [comment(kind, name, text, relation=relation)]
