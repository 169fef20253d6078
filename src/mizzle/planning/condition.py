"""The conditions of `done when`, as a migration file writes them: `index public.orders_at_idx is valid`.

In a project of one schema per tenant the names have no schema; a condition's name then begins with an empty part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from mizzle.errors import ConfigError
from mizzle.planning.steps import Condition, ConditionState
from mizzle.planning.written import dotted_name
from mizzle.sqltext import Token, one_line_name, split, tokens

_PARTS = {
    "schema": ("schema",),
    "table": ("schema", "table"),
    "column": ("schema", "table", "column"),
    "index": ("schema", "index"),
    "constraint": ("schema", "table", "constraint"),
    "type": ("schema", "type"),
    "sequence": ("schema", "sequence"),
    "value": ("schema", "type", "label"),
}
_VALID = frozenset({"index", "constraint"})
_STATES = tuple(state for state in get_args(ConditionState) if state != "holds")
_FORM = "write KIND NAME exists, KIND NAME is absent, index NAME is valid, or query SELECT ..."


def parse_condition(text: str) -> Condition:
    """Read what follows `done when`. Raises ConfigError without a place in a file: the caller knows it."""
    text = text.strip()
    kind, _, rest = text.partition(" ")
    if kind == "query":
        return Condition("query", (_query(rest.strip()),), "holds")
    if kind not in _PARTS:
        raise ConfigError(f"unknown kind of object in a condition: {kind}", hint=_FORM)
    written = [token for token in tokens(rest) if token.kind != "space"]
    state, size = _state(written, text)
    name = dotted_name(written[:-size], rest, where="a condition")
    if kind != "schema" and len(name) == len(_PARTS[kind]) - 1:
        name = ("", *name)
    condition = Condition(kind, name, state)
    _check(condition, text)
    return condition


def format_condition(condition: Condition) -> str:
    """Write a condition on one line. Raises ConfigError for one that could not be read back."""
    if condition.kind == "query":
        return f"query {_query(condition.name[0])}"
    name = ".".join(one_line_name(part) for part in condition.name if part)
    text = f"{condition.kind} {name} {condition.state}"
    if condition.kind not in _PARTS:
        raise ConfigError(f"unknown kind of object in a condition: {text}", hint=_FORM)
    _check(condition, text)
    return text


def _check(condition: Condition, text: str) -> None:
    parts = _PARTS[condition.kind]
    if len(condition.name) != len(parts):
        raise ConfigError(
            f"a condition on a {condition.kind} names {len(parts)} parts, not {len(condition.name)}: {text}",
            hint=f"write {condition.kind} {'.'.join(parts).upper()}",
        )
    if condition.state not in _STATES or (condition.state == "is valid" and condition.kind not in _VALID):
        raise ConfigError(f"a {condition.kind} cannot be asked for `{condition.state}`: {text}", hint=_FORM)


def _state(written: Sequence[Token], text: str) -> tuple[ConditionState, int]:
    """Return the state that the tokens end in, and how many of them it takes."""
    for state in _STATES:
        words = state.split()
        if [token.text for token in written[-len(words) :]] == words:
            return cast("ConditionState", state), len(words)
    raise ConfigError(f"a condition without its state: {text}", hint=_FORM)


def _query(text: str) -> str:
    fragments = split(text)
    whole = len(fragments) == 1 and fragments[0].sql == text
    found = tuple(tokens(text))
    plain = all(token.closed and token.kind != "comment" for token in found)
    if not (whole and plain and found[0].text.upper() == "SELECT") or "\n" in text or "\r" in text:
        raise ConfigError(
            f"not a query for a condition: {text}",
            hint="write one SELECT that gives true or false, on one line, without comments",
        )
    return text
