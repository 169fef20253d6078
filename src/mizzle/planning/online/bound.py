"""What the bound of a partition says of its rows, as SQL: a valid check that says the same spares PostgreSQL a scan.

It is written as the server writes it itself (src/backend/partitioning/partbounds.c, get_qual_for_list and
get_qual_for_range), since it has to see that one follows from the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mizzle import names
from mizzle.catalog import inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.table import Table
from mizzle.planning import sqlparts
from mizzle.planning.context import Context

_MIN, _MAX, _NULL = "MINVALUE", "MAXVALUE", "NULL"


class Key(NamedTuple):
    """A column that a table is partitioned by, in SQL: its name and its type."""

    name: str
    type: str


def columns(table: Table, context: Context) -> tuple[Key, ...] | None:
    """Return the columns that a table is partitioned by; None where it is by something else, or in another order."""
    if table.partition_by is None:
        return None
    whole = inheritance.expanded(table, context.new_tables)
    known = {names.ident(each.name): each for each in whole.columns}
    found = [known.get(each) for each in sqlparts.elements(table.partition_by)]
    keys = tuple(Key(names.ident(each.name), each.type) for each in found if each is not None)
    plain = all("." not in key.type or key.type in context.enums for key in keys)  # no domain: it may check
    return keys if plain and len(keys) == len(found) else None


def whole(partition: Table, context: Context) -> str | None:
    """Return what is so of the rows of a partition, by its own bound and by those of the tables above."""
    said: list[str] = []
    below = partition
    while below.bound is not None:
        parent = context.new_tables.get(Address("table", below.inherits[0]))
        one = expression(parent, below.bound, context) if parent is not None else None
        if parent is None or one is None:
            return None
        said.append(one)
        below = parent
    return " AND ".join(said)


def expression(parent: Table, bound: str, context: Context) -> str | None:
    """Return what is so of the rows within `bound`; None for DEFAULT, for HASH, and where it is not known for sure."""
    keys = columns(parent, context)
    said = bound.removeprefix("FOR VALUES ")
    if keys is None or parent.partition_by is None:
        return None
    if said.startswith("IN "):
        return _of_list(keys[0], sqlparts.elements(said))
    if said.startswith("FROM "):
        lower, upper = sqlparts.elements(said), sqlparts.elements(sqlparts.behind(said))
        return _of_range(keys, _typed(lower, keys), _typed(upper, keys))
    return None


def _of_list(key: Key, elements: Sequence[str]) -> str:
    values = [_value(each, key) for each in elements if each != _NULL]
    found = f"({key.name} = {values[0]})" if values else ""
    if len(values) > 1:
        found = f"({key.name} = ANY (ARRAY[{', '.join(values)}]))"
    if len(values) < len(elements):
        return f"(({key.name} IS NULL) OR {found})" if found else f"({key.name} IS NULL)"
    return f"(({key.name} IS NOT NULL) AND {found})"


def _of_range(keys: Sequence[Key], lower: Sequence[str], upper: Sequence[str]) -> str:
    said = [f"({key.name} IS NOT NULL)" for key in keys]
    same = 0
    while same < len(keys) and lower[same] == upper[same] and not _open(lower[same]):
        said.append(f"({keys[same].name} = {lower[same]})")
        same += 1
    for values, beyond, last, end in ((lower, ">", ">=", _MIN), (upper, "<", "<=", _MAX)):
        arms = list(_arms(keys[same:], values[same:], beyond=beyond, within=last, end=end, lower=values is lower))
        said += [f"({' OR '.join(arms)})" if len(arms) > 1 else each for each in arms[:1]]
    return f"({' AND '.join(said)})"


def _arms(keys: Sequence[Key], values: Sequence[str], *, beyond: str, within: str, end: str, lower: bool) -> list[str]:
    """Return what one side of a range says: the first column, or it is at the bound and then the second, and so on."""
    arms: list[str] = []
    for number, (key, value) in enumerate(zip(keys, values, strict=True)):
        if _open(value):
            break
        following = values[number + 1] if number + 1 < len(values) else None
        reaches = following == end or (lower and following is None)
        before = [f"({k.name} = {v})" for k, v in zip(keys[:number], values[:number], strict=True)]
        mine = f"({key.name} {within if reaches else beyond} {value})"
        arms.append(f"({' AND '.join([*before, mine])})" if before else mine)
        if following is None or _open(following):
            break
    return arms


def _typed(elements: Sequence[str], keys: Sequence[Key]) -> list[str]:
    return [each if _open(each) else _value(each, key) for each, key in zip(elements, keys, strict=True)]


def _open(value: str) -> bool:
    return value in {_MIN, _MAX}


def _value(element: str, key: Key) -> str:
    literal = element if element.endswith("'") else names.literal(element)
    return f"{literal}::{key.type}"
