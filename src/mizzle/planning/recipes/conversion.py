"""What a change of its type does to a column's values: whether all fit, some are cut, the whole table is rewritten.

Where a type is not known here, the answer is the careful one. An extension's types are not known.
"""

from __future__ import annotations

from collections.abc import Iterable

from mizzle.catalog.domain import Domain
from mizzle.planning.recipes import domain
from mizzle.planning.recipes.cast import base_type, element_types

Domains = Iterable[Domain]

_WHOLE = {"smallint": 5, "integer": 10, "bigint": 19}
"""Whole numbers, and how many digits one may have."""

_TIMES = ("timestamp ", "time ", "interval")
_TEXTS = frozenset({"text", "character varying"})
_MICROSECONDS = 6

# Targets that hold every value of a type, by the casts of pg_cast; text, which holds all, is not listed.
_FITTING = {
    "smallint": "integer bigint numeric real double_precision oid",
    "integer": "bigint numeric real double_precision boolean",
    "bigint": "numeric real double_precision",
    "real": "double_precision numeric",
    "double precision": "numeric",
    "boolean": "integer",
    "jsonb": "json",
    "timestamp without time zone": "timestamp_with_time_zone date time_without_time_zone",
    "timestamp with time zone": "timestamp_without_time_zone date time_without_time_zone time_with_time_zone",
    "time with time zone": "time_without_time_zone",
    "time without time zone": "interval",
    "interval": "time_without_time_zone",
    "inet": "cidr",
    "cidr": "inet",
}
# Targets whose cast makes another value of one that they cannot hold: it rounds, cuts, or forgets a part.
_CUTTING = {
    "smallint": "boolean",
    "integer": "real boolean bit",
    "bigint": "real double_precision bit",
    "numeric": "smallint integer bigint real double_precision money",
    "real": "smallint integer bigint numeric",
    "double precision": "smallint integer bigint numeric real",
    "money": "smallint integer bigint",
    "jsonb": "smallint integer bigint real double_precision",
    "bit varying": "bit",
    "timestamp without time zone": "date time_without_time_zone",
    "timestamp with time zone": "date time_without_time_zone time_with_time_zone",
    "time with time zone": "time_without_time_zone",
    "interval": "time_without_time_zone",
    "inet": "cidr",
    "box": "circle point lseg polygon",
    "circle": "box point polygon",
    "lseg": "point",
    "polygon": "box circle path point",
}
# Targets for which PostgreSQL takes a value as it is stored, if they have no length (pg_cast.castmethod is b).
_SAME = {
    "integer": "oid",
    "oid": "integer",
    "bit": "bit_varying",
    "cidr": "inet",
    "xml": "text character_varying",
}
_COMPARED_ANEW = frozenset({frozenset({"integer", "oid"}), frozenset({"bit", "bit varying"})})
_VARYING = frozenset({"character varying", "bit varying"})


def _pairs(table: dict[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((old, new.replace("_", " ")) for old, targets in table.items() for new in targets.split())


_FITS, _CUTS, _SAME_BYTES = _pairs(_FITTING), _pairs(_CUTTING), _pairs(_SAME)


def fits(old: str, new: str) -> bool:
    """Say whether no value of type `old` can be refused by type `new`."""
    if f"{old}[]" == new and base_type(old) not in _TEXTS:
        return True
    old, new = element_types(old, new)
    before, after = base_type(old), base_type(new)
    if after in _TEXTS and not arguments(new):
        return True
    if after == "numeric" and arguments(new):
        digits, wanted = _digits(old), _digits(new)
        # 9.99 with one digit behind the point is 10.0
        return digits is not None and wanted is not None and digits[0] + (digits[1] > wanted[1]) <= wanted[0]
    if before == after == "bit":
        return arguments(old) == arguments(new)
    if before == after:
        return after == "numeric" or after.startswith(_TIMES) or _grows(old, new)
    return (before, after) in _FITS


def cuts(old: str, new: str) -> bool:
    """Say whether a value of type `old` may become another one without an error: rounded, or without a part of it."""
    old, new = element_types(old, new)
    before, after = base_type(old), base_type(new)
    if after == "numeric" and arguments(new):
        digits, wanted = _digits(old), _digits(new)
        return digits is None or wanted is None or digits[1] > wanted[1]
    if before == after and after.startswith(_TIMES):
        return _precision(old) > _precision(new)
    if before.startswith("interval") and after.startswith("interval"):
        return after != "interval"  # fields such as `day to minute` cut the smaller ones off
    return after == "name" or (before, after) in _CUTS


def rewrites(old: str, new: str, *, domains: tuple[Domains, Domains] = ((), ())) -> bool:
    """Say whether the table may have to be written anew; `domains` are those before and after.

    See ATColumnChangeRequiresRewrite() in src/backend/commands/tablecmds.c. What goes from one type to another without
    that by TimeZone alone (timestamps, where it is UTC) is not counted on.
    """
    if old == new:
        return False
    if is_constrained(new, domains[1]):
        return True
    over, new = domain.over(old, domains[0]), domain.over(new, domains[1])
    old = old if over == old else base_type(over)  # PostgreSQL does not see that a domain's values have its length
    before, after = base_type(old), base_type(new)
    if before == after and not arguments(old) and not arguments(new):
        return False
    if not arguments(new) and ((before in _TEXTS and after in _TEXTS) or (before, after) in _SAME_BYTES):
        return False
    if before != after:
        return True
    element = after.removesuffix("[]")
    if element != after and arguments(old) != arguments(new):  # of arrays, PostgreSQL sees that only for no limit
        return bool(arguments(new)) or not (element in {*_VARYING, "numeric"} or element.startswith(_TIMES))
    if element == "numeric":
        digits, wanted = _digits(old), _digits(new)
        return wanted is not None and (digits is None or digits[0] > wanted[0] or digits[1] != wanted[1])
    if element.startswith(_TIMES):
        return _precision(old) > _precision(new)
    return element not in _VARYING or not _grows(old, new)


def reindexes(old: str, new: str, *, domains: tuple[Domains, Domains] = ((), ())) -> bool:
    """Say whether an index over the column is built anew though the table is not: it compares in another way then."""
    types = frozenset(base_type(domain.over(each, known)) for each, known in zip((old, new), domains, strict=True))
    return types in _COMPARED_ANEW


def is_constrained(type_: str, domains: Domains) -> bool:
    """Say whether a type is a domain, or over one, that some values do not fit."""
    found = next((each for each in domains if each.address.sql == type_), None)
    return found is not None and (found.not_null or bool(found.checks) or is_constrained(found.type, domains))


def _grows(old: str, new: str) -> bool:
    """Say whether a length stays, grows or goes: without one, there is no limit."""
    return not arguments(new) or (bool(arguments(old)) and arguments(old)[0] <= arguments(new)[0])


def _digits(type_: str) -> tuple[int, int] | None:
    """Return how many digits a number may have before the point and behind it; None where there is no limit."""
    if (digits := _WHOLE.get(type_)) is not None:
        return digits, 0
    if base_type(type_) != "numeric" or not arguments(type_):
        return None
    precision, scale = arguments(type_)
    return precision - scale, scale


def _precision(type_: str) -> int:
    return (arguments(type_) or (_MICROSECONDS,))[0]


def arguments(type_: str) -> tuple[int, ...]:
    """Return what stands in the parentheses of a type: length, or precision and scale."""
    inside = type_.partition("(")[2].partition(")")[0]
    return tuple(int(each) for each in inside.split(",")) if inside else ()
