"""How the values of a column become values of another type."""

from __future__ import annotations

from mizzle import names

# What PostgreSQL can cast without going through text: pg_cast of PostgreSQL 14 to 18, without the text types, which
# cast to and from everything.
_NUMBERS = "smallint integer bigint numeric real double_precision"
_DIRECT = {
    "smallint": f"{_NUMBERS} oid",
    "integer": f"{_NUMBERS} oid boolean bit money",
    "bigint": f"{_NUMBERS} oid bit money",
    "numeric": f"{_NUMBERS} money",
    "real": _NUMBERS,
    "double precision": _NUMBERS,
    "money": "numeric",
    "oid": "integer bigint",
    "boolean": "integer",
    "bit": "integer bigint bit_varying",
    "bit varying": "bit",
    "json": "jsonb",
    "jsonb": f"{_NUMBERS} json boolean",
    "date": "timestamp_without_time_zone timestamp_with_time_zone",
    "timestamp without time zone": "date time_without_time_zone timestamp_with_time_zone",
    "timestamp with time zone": "date time_without_time_zone time_with_time_zone timestamp_without_time_zone",
    "time without time zone": "time_with_time_zone interval",
    "time with time zone": "time_without_time_zone",
    "interval": "time_without_time_zone",
    "cidr": "inet",
    "inet": "cidr",
    "macaddr": "macaddr8",
    "macaddr8": "macaddr",
    "box": "circle point lseg polygon",
    "circle": "box point polygon",
    "lseg": "point",
    "path": "polygon",
    "point": "box",
    "polygon": "box circle path point",
    "int4range": "int4multirange",
    "int8range": "int8multirange",
    "numrange": "nummultirange",
    "tsrange": "tsmultirange",
    "tstzrange": "tstzmultirange",
    "daterange": "datemultirange",
}
_PAIRS = frozenset((old, new.replace("_", " ")) for old, targets in _DIRECT.items() for new in targets.split())
_TEXTS = frozenset({"text", "character varying", "character", "name"})


def element_types(old: str, new: str) -> tuple[str, str]:
    """Return the types of the elements where both are arrays, else the types themselves."""
    both = _array(old) and _array(new)
    return (old.removesuffix("[]"), new.removesuffix("[]")) if both else (old, new)


def base_type(type_: str) -> str:
    """Return a type text without its length, precision or scale."""
    before, opened, rest = type_.partition("(")
    return before.strip() + rest.partition(")")[2] if opened else type_


def converted(column: str, old: str, new: str, *, enums: frozenset[str], swapped: bool = False) -> str:
    """Return what turns `column` (its raw name) from type `old` into `new`; empty where an assignment does that.

    Texts are read as a value is written, and where PostgreSQL has no cast, the way is through text. Else a value
    becomes an array that holds it, and such an array the value. `enums` are enum types; `swapped` says that `old` is
    one which another enum of the same name has replaced.
    """
    name, before, after = names.ident(column), base_type(old), base_type(new)
    if not swapped and _assigned(before, after):
        return ""  # an explicit cast would cut what is too long, and say nothing
    if f"{before}[]" == after and not _is_text(before):
        again = f"::text[]::{new}" if swapped else ""
        return f"CASE WHEN {name} IS NOT NULL THEN ARRAY[{name}]{again} END"
    if before == f"{after}[]" and not _is_text(after):
        again = f"::text::{new}" if swapped else ""
        return f"CASE WHEN cardinality({name}) > 1 THEN {name}::text::{new} ELSE {name}[1]{again} END"
    arrays = _array(after) if _array(before) else ""
    through = "" if before != after and direct(before, after, enums) else f"::text{arrays}"
    target = f"text{_array(after)}" if _is_text(after) else new  # for the same reason without a length
    return f"{name}{through}::{target}"


def _assigned(before: str, after: str) -> bool:
    return before == after or (_is_text(before) and _is_text(after) and _array(before) == _array(after))


def direct(old: str, new: str, enums: frozenset[str]) -> bool:
    """Say whether PostgreSQL casts between two types, without lengths, other than by text; `enums` are as above."""
    if _array(old) and _array(new):
        return direct(old.removesuffix("[]"), new.removesuffix("[]"), enums)
    if old in _TEXTS or new in _TEXTS or (old, new) in _PAIRS:
        return True
    # Types of extensions come with casts of their own; arrays of them have none but to other arrays.
    foreign = {each for each in (old, new) if "." in each and not _array(each)}
    return bool(foreign) and not foreign & enums


def _is_text(base: str) -> bool:
    return base.removesuffix("[]") in _TEXTS


def _array(type_: str) -> str:
    return "[]" if type_.endswith("[]") else ""
