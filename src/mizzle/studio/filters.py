"""What a page asks rows to be like: filters by column and type, and a search over all of a table's texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec

from mizzle.studio.refused import Refused
from mizzle.studio.relations import Column, Relation
from mizzle.studio.sql import Sql, joined, name, type_

ALIAS = "t"
"""What the table that is browsed is called in each statement."""
_MOST = 20
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_INTEGER = re.compile(r"-?\d{1,18}")


class Filter(msgspec.Struct, frozen=True):
    """One condition; `value` is a text, or a list of them for `in`."""

    column: str
    op: str
    value: str | list[str] | None = None


def parse(text: str) -> list[Filter]:
    """Read a page's filters from JSON. Raises Refused for what are none."""
    if not text:
        return []
    try:
        found = msgspec.json.decode(text, type=list[Filter])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused(400, f"these are no filters: {error}", code="filters") from error
    if len(found) > _MOST:
        raise Refused(400, f"more than {_MOST} filters", hint="take some away", code="filters")
    return found


def condition(relation: Relation, given: Filter) -> Sql:
    """Return a filter as SQL. Raises Refused for a column or an operator that is not there."""
    column = relation.column(given.column)
    of = f"{ALIAS}.{name(column.name)}"
    if given.op == "null":
        return Sql(f"{of} IS NULL")
    if given.op == "not_null":
        return Sql(f"{of} IS NOT NULL")
    make = _operators(column).get(given.op)
    if make is None:
        raise Refused(400, f"{column.type} has no filter {given.op}", code="filters")
    if given.value is None:
        raise Refused(400, f"the filter on {column.name} has no value", code="filters")
    return make(column, of, given.value)


def operators(column: Column) -> list[str]:
    """Return the operators that a column's type has, for the page to offer."""
    return [*_operators(column), *(["null", "not_null"] if column.nullable else [])]


def search(relation: Relation, text: str) -> Sql:
    """Return what finds `text` in any text of a row, in its keys, or in a column that it could be a value of."""
    wanted = [column for column in relation.columns if _is_searched(column, text)]
    if not wanted:
        return Sql("false")
    return joined(" OR ", (_found(column, text) for column in wanted))


def _is_searched(column: Column, text: str) -> bool:
    match column.kind:
        case "text" | "enum" | "array":
            return True
        case "uuid":
            return _UUID.fullmatch(text) is not None
        case "number":
            return _INTEGER.fullmatch(text) is not None
        case _:
            return False


def _found(column: Column, text: str) -> Sql:
    of = f"{ALIAS}.{name(column.name)}"
    if column.kind in {"uuid", "number"}:
        return Sql(f"{of} = %s::{_exact(column)}", (text,))
    return Sql(f"{of}::pg_catalog.text ILIKE %s", (f"%{_escaped(text)}%",))


def _exact(column: Column) -> str:
    """Return the type to compare with: any whole number is a numeric, whatever the column's size."""
    return "pg_catalog.numeric" if column.kind == "number" else type_(column.cast)


def _escaped(text: str) -> str:
    """Return `text` as LIKE finds it, letter by letter."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _one(value: str | list[str]) -> str:
    if not isinstance(value, str):
        raise Refused(400, "this filter takes one value", code="filters")
    return value


def _comparison(operator: str) -> Callable[[Column, str, str | list[str]], Sql]:
    def made(column: Column, of: str, value: str | list[str]) -> Sql:
        return Sql(f"{of} {operator} %s::{type_(column.cast)}", (_one(value),))

    return made


def _contains(column: Column, of: str, value: str | list[str]) -> Sql:
    del column
    return Sql(f"{of}::pg_catalog.text ILIKE %s", (f"%{_escaped(_one(value))}%",))


def _starts(column: Column, of: str, value: str | list[str]) -> Sql:
    del column
    return Sql(f"{of}::pg_catalog.text LIKE %s", (f"{_escaped(_one(value))}%",))


def _in(column: Column, of: str, value: str | list[str]) -> Sql:
    listed = [value] if isinstance(value, str) else value
    return Sql(f"{of} = ANY (%s::{type_(column.cast)}[])", (listed,))


def _is_true(column: Column, of: str, value: str | list[str]) -> Sql:
    del column
    return Sql(of if _one(value) == "true" else f"NOT {of}")


def _json_contains(column: Column, of: str, value: str | list[str]) -> Sql:
    del column
    return Sql(f"{of}::pg_catalog.jsonb OPERATOR(pg_catalog.@>) %s::pg_catalog.jsonb", (_one(value),))


def _json_key(column: Column, of: str, value: str | list[str]) -> Sql:
    del column
    return Sql(f"pg_catalog.jsonb_exists({of}::pg_catalog.jsonb, %s)", (_one(value),))


def _array_holds(column: Column, of: str, value: str | list[str]) -> Sql:
    return Sql(f"%s::{type_(column.cast.removesuffix('[]'))} = ANY ({of})", (_one(value),))


Maker = Callable[[Column, str, "str | list[str]"], Sql]
_EQUAL: Mapping[str, Maker] = {"eq": _comparison("="), "ne": _comparison("<>")}
_ORDER: Mapping[str, Maker] = {
    "lt": _comparison("<"),
    "le": _comparison("<="),
    "gt": _comparison(">"),
    "ge": _comparison(">="),
}


def _operators(column: Column) -> Mapping[str, Maker]:
    match column.kind:
        case "text":
            return {"contains": _contains, "starts": _starts, **_EQUAL, "in": _in}
        case "number" | "timestamp" | "date" | "time":
            return {**_EQUAL, **_ORDER}
        case "boolean":
            return {"is": _is_true}
        case "enum":
            return {"in": _in}
        case "uuid":
            return {**_EQUAL, "in": _in}
        case "json":
            return {"json_contains": _json_contains, "json_key": _json_key, "contains": _contains}
        case "array":
            return {"holds": _array_holds, "contains": _contains}
        case "bytea":
            return _EQUAL
        case "other":
            return {"contains": _contains, **(_EQUAL if column.ordered else {})}


def is_key(relation: Relation, value: object) -> bool:
    """Return whether `value` is what tells one row from all others: a text for each column of the key, or its place."""
    if not isinstance(value, list):
        return False
    parts = cast("list[Any]", value)
    wanted = len(relation.key) or int(relation.is_heap)
    return len(parts) == wanted > 0 and all(isinstance(part, str) for part in parts)


def of_row(relation: Relation, key: Sequence[str]) -> Sql:
    """Return the condition that holds for one row alone. Raises Refused for what is no key of this table."""
    if not is_key(relation, list(key)):
        raise Refused(400, f"this is no row of {relation.schema}.{relation.name}", code="key")
    if not relation.key:
        return Sql(f"{ALIAS}.ctid = %s::pg_catalog.tid", (key[0],))
    columns = [relation.by_name[each] for each in relation.key]
    pairs = (
        Sql(f"{ALIAS}.{name(column.name)} = %s::{type_(column.cast)}", (part,))
        for column, part in zip(columns, key, strict=True)
    )
    return joined(" AND ", pairs)
