"""Rows for every table of a database, made from nothing but the types of its columns.

Each value depends on its type and the number of its row alone, so that a foreign key finds the row it refers to.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg

from mizzle import names

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = 3
"""How many rows each table gets."""

_COLUMNS = """
SELECT n.nspname, c.relname, c.relkind = 'p', a.attname,
       format_type(b.oid, CASE WHEN e.oid IS NULL AND b.oid = t.oid THEN a.atttypmod END), e.oid IS NOT NULL,
       ARRAY(SELECT l.enumlabel::text FROM pg_enum l WHERE l.enumtypid = b.oid ORDER BY l.enumsortorder)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  AND a.attidentity = ''
  AND NOT EXISTS (
    SELECT FROM pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum
      AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%'
  )
LEFT JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
LEFT JOIN LATERAL (
  WITH RECURSIVE based AS (
    SELECT d.oid, d.typbasetype FROM pg_type d WHERE d.oid = coalesce(e.oid, t.oid)
    UNION ALL SELECT d.oid, d.typbasetype FROM based JOIN pg_type d ON d.oid = based.typbasetype
  )
  SELECT based.oid FROM based WHERE based.typbasetype = 0 -- what a domain is over
) b ON true
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname, a.attnum
"""
# What stands for {n} is the number of the row, for {m} a number behind it.
_VALUES = {
    "boolean": "{n} % 2 = 1",
    "date": "date '2024-01-01' + {n}",
    "timestamp without time zone": "timestamp '2024-01-01 10:20:30.5' + {n} * interval '1 day'",
    "timestamp with time zone": "timestamptz '2024-01-01 10:20:30.5Z' + {n} * interval '1 day'",
    "time without time zone": "time '10:20:30' + {n} * interval '1 hour'",
    "time with time zone": "timetz '10:20:30+00' + {n} * interval '1 hour'",
    "interval": "{n} * interval '1 hour'",
    "uuid": "md5('{n}')::uuid",
    "json": "'{{\"a\": {n}}}'",
    "jsonb": "'{{\"a\": {n}}}'",
    "bytea": "'\\x0{n}'",
    "inet": "'10.0.0.{n}'",
    "cidr": "'10.0.{n}.0/24'",
    "macaddr": "'00:00:00:00:00:0{n}'",
    "macaddr8": "'00:00:00:00:00:00:00:0{n}'",
    "bit": "{n}::integer::bit(8)",
    "bit varying": "{n}::integer::bit(8)",
    "point": "'({n},{n})'",
    "box": "'({n}.5,{n}.5),({n},{n})'",
    "circle": "'<({n},{n}),0.1>'",
    "polygon": "'(({n},{n}),({n}.1,{n}.1),({n},{n}.1))'",
    "tsvector": "'v{n}'",
    "int4range": "int4range({n}, {m})",
    "int8range": "int8range({n}, {m})",
    "numrange": "numrange({n}, {m})",
    "daterange": "daterange(date '2024-01-01' + {n}, date '2024-01-01' + {m})",
    "tsrange": "tsrange(date '2024-01-01' + {n}, date '2024-01-01' + {m})",
    "tstzrange": "tstzrange(timestamptz '2024-01-01Z' + {n} * interval '1 day', NULL)",
    "public.hstore": "'a=>{n}'",
}
_NUMBERS = {"smallint", "integer", "bigint", "numeric", "real", "double precision", "money", "oid"}


def fill(connection: psycopg.Connection[Any], *, fitting: bool = False) -> None:
    """Put ROWS rows into each table; a serial or identity column counts for itself.

    `fitting`: rows that a table does not take, because of its checks for one, are left out; what no partition takes
    always is.
    """
    tables: dict[tuple[str, str, bool], list[tuple[str, str]]] = defaultdict(list)
    for schema, table, parted, column, type_, is_array, labels in connection.execute(_COLUMNS.encode()).fetchall():
        found = tables[schema, table, parted]
        if column is not None:
            found.append((names.ident(column), _value(type_, labels, array=is_array)))
    with connection.transaction():
        connection.execute(
            "SET LOCAL session_replication_role TO replica"
        )  # in any order: what is referred to will be there
        for (schema, table, parted), columns in tables.items():
            for number in range(1, ROWS + 1):
                with suppress(*([psycopg.Error] if fitting or parted else [])), connection.transaction():
                    connection.execute(_insert((schema, table), columns, number).encode())


def _insert(table: tuple[str, str], columns: Sequence[tuple[str, str]], number: int) -> str:
    if not columns:
        return f"INSERT INTO {names.dotted(*table)} DEFAULT VALUES"
    listed = ", ".join(name for name, _ in columns)
    values = ", ".join(value.replace("\0n", str(number)).replace("\0m", str(number + 1)) for _, value in columns)
    return f"INSERT INTO {names.dotted(*table)} ({listed}) VALUES ({values})"


def _value(type_: str, labels: Sequence[str], *, array: bool) -> str:
    value = f"({_expression(type_, labels)})::{type_}"
    return f"ARRAY[{value}]" if array else value


def _expression(type_: str, labels: Sequence[str]) -> str:
    if labels:
        return f"(ARRAY[{', '.join(map(names.literal, labels))}])[1 + (\0n - 1) % {len(labels)}]"
    base = re.sub(r"\(.*?\)", "", type_)
    if base in _NUMBERS:
        return "\0n"
    return _VALUES.get(base, "'v{n}'").format(n="\0n", m="\0m")


def empty(connection: psycopg.Connection[Any]) -> None:
    """Take all rows out of all tables."""
    listed = connection.execute(
        "SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'"
    ).fetchall()[0][0]
    if listed:
        connection.execute(f"TRUNCATE {listed}".encode())
