"""The only place that quotes. Names are raw everywhere else."""

from __future__ import annotations

import string
from collections.abc import Collection
from functools import lru_cache
from itertools import count

from mizzle.errors import ConfigError

MAX_BYTES = 63
"""The longest name PostgreSQL keeps, in bytes of UTF-8 (NAMEDATALEN - 1)."""

# Every keyword that is not "unreserved" in `pg_get_keywords()` of PostgreSQL 14 to 18; quote_ident()
# quotes exactly these and whatever is not made of [a-z0-9_].
_KEYWORDS = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
    boolean both case cast char character check coalesce collate collation column concurrently
    constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user dec decimal default deferrable desc distinct do else end except
    exists extract false fetch float for foreign freeze from full grant greatest group grouping
    having ilike in initially inner inout int integer intersect interval into is isnull join json
    json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar
    json_serialize json_table json_value lateral leading least left like limit localtime
    localtimestamp merge_action national natural nchar none normalize not notnull null nullif
    numeric offset on only or order out outer overlaps overlay placing position precision primary
    real references returning right row select session_user setof similar smallint some substring
    symmetric system_user table tablesample then time timestamp to trailing treat trim true union
    unique user using values varchar variadic verbose when where window with xmlattributes
    xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize
    xmltable
    """.split(),
)
_START = frozenset(string.ascii_lowercase + "_")
_REST = _START | frozenset(string.digits)
_OPERATORS = frozenset("+-*/<>=~!@#%^&|`?")


@lru_cache(maxsize=1 << 16)
def ident(name: str) -> str:
    """Return `name` as an SQL identifier, quoted where PostgreSQL's quote_ident() would quote it."""
    if name[:1] in _START and name not in _KEYWORDS and _REST.issuperset(name):
        return name
    return '"' + name.replace('"', '""') + '"'


def dotted(*names: str) -> str:
    """Return names joined by dots, each quoted where it must be: `public."order".id`."""
    return ".".join(ident(name) for name in names)


def signature(text: str) -> str:
    """Return `name(argument types)` with the name quoted where it must be, as an operator's never is; types are SQL."""
    name, types = _apart(text)
    return text if _OPERATORS.issuperset(name) else ident(name) + types


def _apart(text: str) -> tuple[str, str]:
    """Split before the argument types: at the last parenthesis that opens outside of quotes, for types have none."""
    quoted = False
    for at in range(len(text) - 1, -1, -1):
        if text[at] == '"':
            quoted = not quoted
        elif text[at] == "(" and not quoted:
            return text[:at], text[at:]
    return text, ""


def literal(value: str) -> str:
    """Return `value` as an SQL string literal that reads the same whatever standard_conforming_strings is."""
    quoted = value.replace("'", "''")
    if "\\" in quoted:
        return "E'" + quoted.replace("\\", "\\\\") + "'"
    return f"'{quoted}'"


def idents(names: tuple[str, ...]) -> str:
    """Return a comma-separated list of identifiers."""
    return ", ".join(ident(name) for name in names)


def parse(text: str) -> tuple[str, ...]:
    """Split a dotted name as a person writes it, `public."Order".id`, into raw names.

    An unquoted part is taken as it stands (no folding to lower case): what is written is what is
    meant. Raises ConfigError where a part is empty or a quote is not closed.
    """
    parts: list[str] = []
    rest = text
    while True:
        part, rest = _part(rest, text)
        parts.append(part)
        if not rest:
            return tuple(parts)
        if rest[0] != ".":
            raise _malformed(text)
        rest = rest[1:]


def parse_signed(text: str) -> tuple[str, ...]:
    """Split a schema's name from what signature() wrote behind it. Raises ConfigError as parse() does.

    The argument types may hold dots and quotes, and are no names.
    """
    schema, rest = _part(text, text)
    if rest[1:2] != '"':
        return schema, rest[1:]
    name, types = _part(rest[1:], text)
    return schema, name + types


def _part(rest: str, whole: str) -> tuple[str, str]:
    if not rest.startswith('"'):
        part, dot, tail = rest.partition(".")
        if not part or '"' in part:
            raise _malformed(whole)
        return part, dot + tail
    name: list[str] = []
    index = 1
    while index < len(rest):
        if rest[index] != '"':
            name.append(rest[index])
        elif rest[index + 1 : index + 2] == '"':
            name.append('"')
            index += 1
        elif name:
            return "".join(name), rest[index + 1 :]
        else:
            break
        index += 1
    raise _malformed(whole)


def _malformed(text: str) -> ConfigError:
    return ConfigError(
        f"not a name: {text}",
        hint='write it as schema.table or schema.table.column, with "quotes" around a part that holds a dot',
    )


def default_name(table: str, columns: tuple[str, ...], suffix: str) -> str:
    """Return the name PostgreSQL itself gives: `table_column_suffix`, each part cut as makeObjectName() cuts it.

    Source: src/backend/commands/indexcmds.c, makeObjectName (bytes, longest part first).
    """
    first, second = table.encode(), "_".join(columns).encode()
    overhead = len(suffix.encode()) + 1 + (1 if second else 0)
    while len(first) + len(second) > MAX_BYTES - overhead:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    parts = [first.decode(errors="ignore"), second.decode(errors="ignore"), suffix]
    return "_".join(part for part in parts if part)


def aside(name: str, taken: Collection[str]) -> str:
    """Return a name for what must make room for another thing called `name`, one that is not `taken`."""
    suffixes = ("replaced" + (str(number) if number else "") for number in count())
    return next(each for suffix in suffixes if (each := default_name(name, (), suffix)) not in taken)
