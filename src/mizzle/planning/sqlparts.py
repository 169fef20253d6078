"""Parts of the texts that PostgreSQL prints of constraints and indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mizzle import names
from mizzle.sqltext import Token, tokens


def inside(text: str) -> str:
    """Return what stands in the first parentheses of `text`."""
    begun, ended = _parentheses(text)
    return text[begun + 1 : ended].strip()


def behind(text: str) -> str:
    """Return what stands behind the first parentheses of `text`."""
    return text[_parentheses(text)[1] + 1 :]


def elements(text: str) -> tuple[str, ...]:
    """Return what stands between the commas in the first parentheses of `text`."""
    content = inside(text)
    found: list[str] = []
    depth = start = 0
    for token in tokens(content):
        depth += _depth(token)
        if token.text == "," and depth == 0:
            found.append(content[start : token.offset].strip())
            start = token.end
    return (*found, content[start:].strip())


def key(element: str) -> str:
    """Return the column or expression of an element of an index, without collation, operator class and order."""
    depth = 0
    stream: Sequence[Token] = list(tokens(element))
    for place, token in enumerate(stream):
        depth += _depth(token)
        if depth == 0 and token.kind == "space":
            return element[: token.offset]
        if depth == 0 and token.text == ")" and stream[place + 1 : place + 2] != []:
            return element[: token.end]
    return element


def with_columns(text: str, called: Mapping[str, str]) -> str:
    """Return `text` in which the columns that are keys of `called` (raw) are called as it says (SQL).

    A name that a dot, a cast or a call shows to be something else stays; PostgreSQL prints its keywords in capitals.
    """
    found = list(tokens(text))
    significant = [place for place, token in enumerate(found) if token.significant]
    written = {names.ident(name): instead for name, instead in called.items()}
    parts = [token.text for token in found]
    for at, place in enumerate(significant):
        before = found[significant[at - 1]].text if at else ""
        after = found[significant[at + 1]].text if at + 1 < len(significant) else ""
        if parts[place] in written and before not in {".", "::"} and after not in {".", "("}:
            parts[place] = written[parts[place]]
    return "".join(parts)


def with_type(text: str, type_: str, instead: str) -> str:
    """Return `text` in which a type is called otherwise; both are dotted names in SQL, as PostgreSQL prints them."""
    wanted = [token.text for token in tokens(type_)]
    found = list(tokens(text))
    parts: list[str] = []
    place = 0
    while place < len(found):
        here = [token.text for token in found[place : place + len(wanted)]]
        parts.append(instead if here == wanted else found[place].text)
        place += len(wanted) if here == wanted else 1
    return "".join(parts)


def raw(column: str) -> str:
    """Return the raw name of a column that is written as SQL."""
    return names.parse(column)[-1]


def _parentheses(text: str) -> tuple[int, int]:
    """Return the offsets of the first opening parenthesis and of the one that closes it."""
    depth, begun = 0, -1
    for token in tokens(text):
        if token.text == "(" and begun < 0:
            begun = token.offset
        depth += _depth(token)
        if begun >= 0 and depth == 0:
            return begun, token.offset
    raise AssertionError(f"no parentheses in {text}")


def _depth(token: Token) -> int:
    return {"(": 1, ")": -1}.get(token.text, 0)
