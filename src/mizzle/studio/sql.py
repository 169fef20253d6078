"""SQL put together from names that the catalog gave and values that go as parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mizzle import names


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with `%s` for each of its parameters; it is always sent with them, so that `%%` is one percent."""

    text: str
    params: tuple[Any, ...] = ()

    def __add__(self, other: Sql | str) -> Sql:
        if isinstance(other, str):
            return Sql(self.text + other, self.params)
        return Sql(self.text + other.text, self.params + other.params)

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Sql("")


def name(*parts: str) -> str:
    """Return raw names as a dotted identifier that can stand in a statement with parameters."""
    return names.dotted(*parts).replace("%", "%%")


def type_(text: str) -> str:
    """Return what format_type() printed so that it can stand in a statement with parameters."""
    return text.replace("%", "%%")


def value(of: object) -> Sql:
    """Return one parameter."""
    return Sql("%s", (of,))


def joined(separator: str, parts: Iterable[Sql]) -> Sql:
    """Return the parts that are not empty, with `separator` between them."""
    kept = [part for part in parts if part]
    return Sql(separator.join(part.text for part in kept), tuple(each for part in kept for each in part.params))


def all_of(parts: Iterable[Sql]) -> Sql:
    """Return the conditions joined by AND, behind WHERE; nothing where there is none."""
    found = joined(" AND ", (Sql(f"({part.text})", part.params) for part in parts if part))
    return Sql(f" WHERE {found.text}", found.params) if found else NOTHING
