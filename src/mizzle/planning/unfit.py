"""Which values of one type do not fit another: a condition in SQL that PostgreSQL can count them by."""

from __future__ import annotations

from collections.abc import Sequence

from mizzle import names
from mizzle.planning.recipes.cast import base_type, direct, element_types
from mizzle.planning.recipes.conversion import arguments, cuts, fits

_SOFT = 16
"""The major version that pg_input_is_valid() came with."""

_NAME = 63
"""How many bytes a name has at most; longer texts are cut."""

_RANGES = {"smallint": 15, "integer": 31, "bigint": 63}
_INEXACT = {"numeric", "real", "double precision"}
_TEXTS = {"text", "character varying", "character", "name"}
_LIMITED = {"character varying", "character"}
_BITS = {"bit", "bit varying"}
_MOMENTS = ("timestamp ", "time ", "interval")
_DIGITS = r"^\s*[-+]?[0-9]+\s*$"
_UUID = r"^\{?[0-9a-fA-F]{4}(-?[0-9a-fA-F]{4}){7}\}?$"


def condition(value: str, old: str, new: str, *, major: int) -> str:
    """Return the condition that holds for values that type `new` would refuse, round or cut; empty where none is known.

    `value` is SQL of type `old`; `major` is the oldest PostgreSQL that it has to run on.
    """
    if fits(old, new) and not cuts(old, new):
        return ""
    if old.endswith("[]") and new.endswith("[]"):
        inner = _single("v", *element_types(old, new), major=major)
        return f"EXISTS (SELECT FROM unnest({value}) AS v (v) WHERE {inner})" if inner else ""
    return "" if old.endswith("[]") or new.endswith("[]") else _single(value, old, new, major=major)


def not_among(value: str, labels: Sequence[str], *, array: bool) -> str:
    """Return the condition that holds for values, or arrays with one, that are none of an enum's `labels`."""
    listed = ", ".join(map(names.literal, labels))
    inner = "{}::text <> ALL (ARRAY[" + listed.replace("{", "{{").replace("}", "}}") + "]::text[])"
    if array:
        return f"EXISTS (SELECT FROM unnest({value}) AS v (v) WHERE {inner.format('v')})"
    return inner.format(value)


def _single(value: str, old: str, new: str, *, major: int) -> str:
    before, after = base_type(old), base_type(new)
    if after in _LIMITED and arguments(new):
        text = value if before in _TEXTS else f"{value}::text"
        return f"char_length(rtrim({text})) > {arguments(new)[0]}"
    if before in _TEXTS:
        return _unread(value, new, major=major)
    if before.startswith("interval") and after.startswith("interval") and after != "interval":
        return f"{value}::text::{new}::interval <> {value}"
    if before != after and not direct(before, after, frozenset()):  # the way is through text
        return _unread(f"{value}::text", new, major=major)
    if after in _RANGES:
        return _out_of_range(value, before, after)
    if after == "numeric" and arguments(new):
        return _too_many_digits(value, before, *arguments(new))
    if before == after == "bit":
        return f"length({value}) <> {arguments(new)[0]}"
    if before in _BITS and after == "bit varying" and arguments(new):
        return f"length({value}) > {arguments(new)[0]}"
    rounds = before == after and after.startswith(_MOMENTS)
    if cuts(old, new) and (rounds or (after == "date" and before.startswith("timestamp"))):
        return f"{value}::{new}::{old} <> {value}"
    return ""


def _unread(value: str, new: str, *, major: int) -> str:
    """Return the condition for texts that are no value of `new` as it is written."""
    if new == "name":
        return f"octet_length({value}) > {_NAME}"
    if major >= _SOFT and base_type(new) == "numeric" and arguments(new):  # as text it is read, and rounded
        text = f"{value.removesuffix('::text')}::text"
        read = f"{text}::numeric = {text}::{new}"
        return f"NOT CASE WHEN pg_input_is_valid({text}, {names.literal(new)}) THEN {read} ELSE false END"
    if major >= _SOFT:
        return f"NOT pg_input_is_valid({value.removesuffix('::text')}::text, {names.literal(new)})"
    if new in _RANGES:
        return f"{value} !~ {names.literal(_DIGITS)}"
    return f"{value} !~ {names.literal(_UUID)}" if new == "uuid" else ""


def _out_of_range(value: str, before: str, after: str) -> str:
    limit = 2 ** _RANGES[after]
    outside = f"{value} NOT BETWEEN {-limit} AND {limit - 1}"
    if before in _RANGES or before == "oid":
        return outside if _RANGES.get(before, 32) > _RANGES[after] else ""
    if before not in _INEXACT:
        return ""
    return f"{value} <> trunc({value}::numeric) OR {outside}"


def _too_many_digits(value: str, before: str, precision: int, scale: int) -> str:
    if before not in {*_RANGES, *_INEXACT} or not 0 <= scale <= precision:
        return ""
    number = value if before == "numeric" else f"{value}::numeric"
    rounded = f"round({number}, {scale})"
    return f"{number} <> 'NaN' AND ({rounded} <> {number} OR abs({rounded}) >= 1{'0' * (precision - scale)})"
