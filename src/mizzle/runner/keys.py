"""The key that a backfill goes by, as the catalog has it: looked at before its first batch."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from mizzle.errors import DatabaseError
from mizzle.names import dotted, ident, idents
from mizzle.planning.steps import Backfill
from mizzle.runner.connection import Connection
from mizzle.runner.locate import Place

_TABLE = """
SELECT c.oid, c.relkind IN ('r', 'p'), nullif(greatest(c.reltuples, 0), 0)::int8
FROM pg_catalog.pg_class AS c WHERE c.oid = pg_catalog.to_regclass(%s)
"""
# PostgreSQL 18 has NOT NULL constraints that are not validated, of columns that say attnotnull all the same.
_COLUMNS = """
SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint AS k
    WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated
)
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = %s::oid AND a.attnum > 0 AND NOT a.attisdropped
"""
_UNIQUE = """
SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.place)
FROM pg_catalog.pg_index AS i
CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
WHERE i.indrelid = %s::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND k.place <= i.indnkeyatts
GROUP BY i.indexrelid, i.indisprimary
HAVING pg_catalog.bool_and(a.attname IS NOT NULL)
ORDER BY i.indisprimary DESC, 1
"""


class Key(msgspec.Struct, frozen=True):
    """The columns of a key, raw, their types as SQL, and about how many rows the table has, where that is known.

    `table` is the table as SQL.
    """

    table: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: int | None


def find(conn: Connection, place: Place, backfill: Backfill) -> Key:
    """Return the key of a backfill. Raises DatabaseError where there is no such table, or no such key of it."""
    table = dotted(*filter(None, backfill.table))
    row = conn.execute(_TABLE.encode(), (table,)).fetchone()
    if row is None or not row[1]:
        what = f"there is no table {table}" if row is None else f"{table} is not a table of this database's own"
        raise DatabaseError(
            f"{place}: {what}", hint="is it spelled right in the step's header, and with its schema?", sqlstate="42P01"
        )
    oid, _, rows = row
    columns = {name: (kind, filled) for name, kind, filled in conn.execute(_COLUMNS.encode(), (oid,))}
    unique = [tuple(names) for (names,) in conn.execute(_UNIQUE.encode(), (oid,))]
    keys = [names for names in unique if all(columns[name][1] for name in names)]
    if backfill.key not in keys:
        raise _no_key(place, table, backfill.key, columns, keys)
    return Key(table, backfill.key, tuple(columns[name][0] for name in backfill.key), rows)


def _no_key(
    place: Place, table: str, key: tuple[str, ...], columns: Collection[str], keys: Sequence[tuple[str, ...]]
) -> DatabaseError:
    missing = [name for name in key if name not in columns]
    if missing:
        why = f"table {table} has no column {', '.join(map(ident, missing))}"
    else:
        there = ", ".join(f"({idents(names)})" for names in dict.fromkeys(keys)) or "it has none"
        why = f"({idents(key)}) is no unique key of table {table} in this order without NULL: {there}"
    fit = " or ".join(idents(names) for names in dict.fromkeys(keys))
    hint = f"go by {fit}" if fit else f"{table} has no key to go by: add one before, or make it a step in a transaction"
    return DatabaseError(f"{place}: {why}", hint=hint, sqlstate="42703" if missing else "")
