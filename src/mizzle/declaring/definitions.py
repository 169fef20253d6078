"""What stands in the definitions that PostgreSQL prints of keys, checks and indexes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mizzle import names
from mizzle.catalog.constraint import Check
from mizzle.catalog.index import Index
from mizzle.planning import sqlparts
from mizzle.sqltext import raw_name, tokens

_ORDER = ("ASC", "DESC", "NULLS", "COLLATE")


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key or a unique constraint: raw names of its columns; `rest` is what else it says, not understood."""

    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    deferrable: bool = False
    deferred: bool = False
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """What an index has of a row: a column with its operator class (`ops`, SQL), else `sql`."""

    column: str = ""
    ops: str = ""
    sql: str = ""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index; `options` are its storage parameters."""

    method: str
    elements: tuple[Element, ...]
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    options: tuple[tuple[str, str], ...] = ()
    where: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, where it has nothing else; else none."""
        found = tuple(each.column for each in self.elements)
        return found if all(found) else ()


@dataclass(frozen=True, slots=True)
class Excluded:
    """An exclusion constraint: each element with its operator (SQL); `rest` is what else it says, not understood."""

    method: str
    elements: tuple[tuple[Element, str], ...]
    where: str = ""
    deferrable: bool = False
    deferred: bool = False
    rest: str = ""


@cache
def keyed(definition: str) -> Key:
    """Read `PRIMARY KEY (…)` or `UNIQUE [NULLS NOT DISTINCT] (…) [INCLUDE (…)] [DEFERRABLE [INITIALLY DEFERRED]]`."""
    head = definition[: definition.index("(")]
    rest = sqlparts.behind(definition).strip()
    include: tuple[str, ...] = ()
    if rest.startswith("INCLUDE"):
        include, rest = _raw(sqlparts.elements(rest)), sqlparts.behind(rest).strip()
    deferrable = rest.startswith("DEFERRABLE")
    rest = rest.removeprefix("DEFERRABLE").strip()
    deferred = rest == "INITIALLY DEFERRED"
    elements = sqlparts.elements(definition)
    overlaps = any(each.endswith(" WITHOUT OVERLAPS") for each in elements)
    return Key(
        () if overlaps else _raw(elements),
        include,
        "NULLS NOT DISTINCT" in head,
        deferrable,
        deferred,
        "WITHOUT OVERLAPS" if overlaps else rest.removeprefix("INITIALLY DEFERRED"),
    )


@cache
def excluded(definition: str) -> Excluded:
    """Read `EXCLUDE USING method (… WITH operator, …) [WHERE (…)] [DEFERRABLE [INITIALLY DEFERRED]]`."""
    method = definition[: definition.index("(")].rsplit(maxsplit=1)[-1]
    rest, where = sqlparts.behind(definition).strip(), ""
    if rest.startswith("WHERE"):
        where, rest = unwrapped(sqlparts.inside(rest)), sqlparts.behind(rest).strip()
    deferrable = rest.startswith("DEFERRABLE")
    rest = rest.removeprefix("DEFERRABLE").strip()
    deferred = rest == "INITIALLY DEFERRED"
    elements = tuple(map(_compared, sqlparts.elements(definition)))
    return Excluded(method, elements, where, deferrable, deferred, rest.removeprefix("INITIALLY DEFERRED"))


def checked(check: Check) -> str | None:
    """Return the expression of a check; None for one that says more: NO INHERIT, NOT VALID, NOT ENFORCED."""
    text = check.definition
    return unwrapped(sqlparts.inside(text)) if not sqlparts.behind(text).strip() else None


@cache
def indexed(index: Index) -> Indexed:
    """Read what stands behind the table's name: `USING method (…) [INCLUDE (…)] … [WHERE …]`."""
    text = index.definition
    head = text[: text.index("(")].split()
    elements = tuple(_element(each) for each in sqlparts.elements(text))
    rest = sqlparts.behind(text).strip()
    include: tuple[str, ...] = ()
    if rest.startswith("INCLUDE"):
        include, rest = _raw(sqlparts.elements(rest)), sqlparts.behind(rest).strip()
    distinct = "NULLS NOT DISTINCT"
    nulls, rest = rest.startswith(distinct), rest.removeprefix(distinct).strip()
    options: tuple[tuple[str, str], ...] = ()
    if rest.startswith("WITH"):
        options, rest = tuple(map(_option, sqlparts.elements(rest))), sqlparts.behind(rest).strip()
    where = unwrapped(rest.removeprefix("WHERE").strip()) if rest.startswith("WHERE") else ""
    return Indexed(head[-1], elements, include, nulls, options, where)


def _element(text: str) -> Element:
    key = sqlparts.key(text)
    found = [token for token in tokens(key) if token.significant]
    if len(found) != 1 or found[0].kind not in {"name", "quoted"}:
        return Element(sql=text)
    ops = text[len(key) :].strip()
    if any(word in _ORDER for word in ops.split()) or "(" in ops:
        return Element(sql=text)
    return Element(column=raw_name(found[0]), ops=ops)


def _compared(text: str) -> tuple[Element, str]:
    """Return an element of an exclusion constraint, and the operator behind its last WITH."""
    place = next(token for token in reversed([*tokens(text)]) if token.text == "WITH")
    return _element(text[: place.offset].strip()), text[place.end :].strip()


def unwrapped(text: str) -> str:
    """Return an expression without parentheses around all of it."""
    return sqlparts.inside(text) if text.startswith("(") and not sqlparts.behind(text).strip() else text


def _option(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip().strip("'")


def _raw(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(names.parse(each)[-1] for each in columns)
