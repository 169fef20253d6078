"""Defaults that PostgreSQL computes for each row: it writes a table anew where such a column is added."""

from __future__ import annotations

import itertools

from mizzle.sqltext import tokens

STEADY = frozenset(
    """
    abs array_append array_cat array_fill array_length btrim ceil chr coalesce concat concat_ws current_setting date
    date_part date_trunc decode encode extract floor format greatest initcap int4range int8range json_build_array
    json_build_object json_object jsonb_build_array jsonb_build_object jsonb_object least left length lower lpad ltrim
    make_date make_interval make_time make_timestamp make_timestamptz md5 mod now nullif numrange power regexp_replace
    repeat replace reverse right round rpad rtrim sha256 split_part sqrt statement_timestamp string_to_array substr
    substring timezone to_char to_date to_hex to_json to_jsonb to_number to_timestamp transaction_timestamp translate
    trunc tsrange tstzrange upper daterange
    """.split(),
)
"""Functions of PostgreSQL that are not volatile, by pg_proc.provolatile of 14 to 18, whatever their arguments.

But for timezone() of a time with time zone, which is volatile on 14.
"""

_TYPES = frozenset({"bit", "char", "character", "interval", "numeric", "time", "timestamp", "varying"})
"""What stands before parentheses in the name of a type."""


def is_volatile(default: str) -> bool:
    """Say whether a default may have another value for each row; a function that is not known may."""
    found = [token for token in tokens(default) if token.significant]
    called = (a for a, b in itertools.pairwise(found) if b.text == "(" and a.kind in {"name", "quoted"})
    words = [token.text.lower() for token in found]
    timed = "current_time" in words or ("time", "with") in itertools.pairwise(words)
    known = (STEADY | _TYPES) - ({"timezone"} if timed else frozenset())
    return any(token.text.lower() not in known for token in called)
