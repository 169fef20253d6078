"""Texts as PostgreSQL prints them, in which something has another name now.

They are followed token by token, as PostgreSQL prints tokens: names in lower case or in quotes, keywords in capitals, a
label as `'ok'::public.mood`. Where that is not exact, a comparison sees one more change than there is.
"""

from __future__ import annotations

from collections.abc import Sequence

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.sqltext import Token, raw_name, tokens

_LABEL = 5
"""How many tokens a label has: `'ok'`, `::`, schema, `.`, type."""


def with_column(text: str, name: str, to: str) -> str:
    """Return an expression or definition of a table after one of its columns was renamed."""
    found = tuple(tokens(text))
    return "".join(
        names.ident(to) if _is_column(found, place, name, anywhere=False) else found[place].text
        for place in range(len(found))
    )


def with_column_of_query(text: str, name: str, to: str) -> str:
    """Return a query after a column of one of its tables was renamed: what it gives keeps its name."""
    found = tuple(tokens(text))
    listed = _listed(found)
    return "".join(
        (names.ident(to) + (f" AS {token.text}" if place in listed else ""))
        if _is_column(found, place, name, anywhere=True)
        else token.text
        for place, token in enumerate(found)
    )


def _listed(found: Sequence[Token]) -> frozenset[int]:
    """Return the places of names that are a whole item of what a SELECT gives."""
    significant = [place for place, token in enumerate(found) if token.significant]
    clauses = [""]
    items: set[int] = set()
    for number, place in enumerate(significant):
        word = found[place].text
        if word == "(":
            clauses.append("")
        elif word == ")" and len(clauses) > 1:
            clauses.pop()
        elif word in _CLAUSES:
            clauses[-1] = word
        elif clauses[-1] == "SELECT" and found[place].kind in {"name", "quoted"}:
            before = [found[each].text for each in significant[max(number - 3, 0) : number]]
            first = before[-1:] if before[-1:] != ["."] else before[:1]
            behind = [found[each].text for each in significant[number + 1 : number + 2]] or ["FROM"]
            if first[0] in {"SELECT", ",", "DISTINCT"} and behind[0] in {",", "FROM"}:
                items.add(place)
    return frozenset(items)


_CLAUSES = frozenset({"SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "WINDOW", "VALUES"})


def with_relation(text: str, relation: Address, to: str) -> str:
    """Return a query after the table or view at `relation` was renamed: its columns are called by its name as well."""
    found = tuple(tokens(text))
    names_ = relation.names
    result: list[str] = []
    for place, token in enumerate(found):
        own = token.kind in {"name", "quoted"} and raw_name(token) == relation.name
        before = found[place - 1].text if place else ""
        behind = found[place + 1].text if place + 1 < len(found) else ""
        whole = _dotted(found[place - 2 : place + 1]) == names_ if place > 1 else False
        result.append(names.ident(to) if own and (whole or (before != "." and behind == ".")) else token.text)
    return "".join(result)


def with_type(text: str, type_: tuple[str, str], to: str) -> str:
    """Return a type or an expression after the type (schema, name) was renamed."""
    found = tuple(tokens(text))
    renamed = {place + 2 for place in range(len(found)) if _is_type(found, place, type_)}
    return "".join(names.ident(to) if place in renamed else token.text for place, token in enumerate(found))


def with_value(text: str, type_: tuple[str, str], label: str, to: str) -> str:
    """Return an expression after a label of the enum type (schema, name) was renamed."""
    found = tuple(tokens(text))
    old, new = _printed(label), _printed(to)
    return "".join(
        new if token.text == old and _is_label(found[place : place + _LABEL], type_) else token.text
        for place, token in enumerate(found)
    )


def _is_column(found: Sequence[Token], place: int, name: str, *, anywhere: bool) -> bool:
    token = found[place]
    if token.kind not in {"name", "quoted"} or token.text != names.ident(name):
        return False
    before = found[place - 1].text if place else ""
    behind = next((each.text for each in found[place + 1 :] if each.significant), "")
    return before not in ({"::"} if anywhere else {"::", "."}) and behind not in {"(", "."}


def _is_type(found: Sequence[Token], place: int, type_: tuple[str, str]) -> bool:
    before = found[place - 1].text if place else ""
    behind = found[place + 3].text if place + 3 < len(found) else ""
    return before != "." and behind not in {"(", "."} and _dotted(found[place : place + 3]) == type_


def _is_label(found: Sequence[Token], type_: tuple[str, str]) -> bool:
    return len(found) == _LABEL and found[1].text == "::" and _dotted(found[2:]) == type_


def _dotted(found: Sequence[Token]) -> tuple[str, ...]:
    if [token.text for token in found[1:2]] != ["."] or any(t.kind not in {"name", "quoted"} for t in found[::2]):
        return ()
    return tuple(raw_name(token) for token in found[::2])


def _printed(label: str) -> str:
    """Return a label as PostgreSQL prints a constant: standard_conforming_strings is on, so that a backslash is one."""
    return "'" + label.replace("'", "''") + "'"
