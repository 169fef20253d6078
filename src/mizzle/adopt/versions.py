"""The tables in which Alembic and Drizzle note what they have applied, found by their columns: their names are free."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.runner.connection import Connection

# Alembic names its table in env.py (version_table, version_table_schema), Drizzle in its configuration: programs, both.
_FIND = """
SELECT n.nspname, c.relname,
    pg_catalog.array_agg(a.attname || ' ' || pg_catalog.format_type(a.atttypid, NULL) ORDER BY a.attname::text)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
GROUP BY n.nspname, c.relname
HAVING pg_catalog.bool_or(a.attname IN ('version_num', 'hash')) AND pg_catalog.count(*) <= 5
ORDER BY 1, 2
"""
_ALEMBIC = (frozenset({"version_num character varying"}), frozenset({"version_num text"}))
_DRIZZLE = frozenset({"id integer", "hash text", "created_at bigint"})
_Tool: TypeAlias = Literal["alembic", "drizzle"]
_DRIZZLE_NEXT = _DRIZZLE | {"name text", "applied_at timestamp with time zone"}


class Table(msgspec.Struct, frozen=True):
    """Such a table; `named`: it has the names of Drizzle's migrations, as from 1.0 on.

    `sure` is False where only its columns speak for it: it may be anybody's, unless a person names it.
    """

    tool: _Tool
    schema: str
    name: str
    named: bool = False
    sure: bool = True

    @property
    def address(self) -> Address:
        """Its address."""
        return address.table(self.schema, self.name)

    @property
    def sql(self) -> str:
        """Its name, dotted."""
        return names.dotted(self.schema, self.name)


class Row(msgspec.Struct, frozen=True):
    """What Drizzle notes of a migration: SHA-256 of its file in hex, its moment in ms, from 1.0 on its name."""

    hash: str
    created_at: int
    name: str = ""


def find(connection: Connection) -> tuple[Table, ...]:
    """Return what may be tables of other tools in the database, in any schema. Raises psycopg.Error."""
    rows: list[tuple[str, str, list[str]]] = connection.execute(_FIND.encode()).fetchall()
    return tuple(
        Table(tool, schema, name, _DRIZZLE_NEXT.issubset(columns), tool == "alembic" or "drizzle" in schema + name)
        for schema, name, columns in rows
        if (tool := _tool(frozenset(columns))) is not None
    )


def revisions(connection: Connection, table: Table) -> tuple[str, ...]:
    """Return the revisions that Alembic has noted, sorted: one for each head, none at base. Raises psycopg.Error."""
    rows = connection.execute(f"SELECT version_num FROM {table.sql} ORDER BY 1".encode()).fetchall()
    return tuple(str(revision) for (revision,) in rows)


def applied(connection: Connection, table: Table) -> tuple[Row, ...]:
    """Return what Drizzle has noted, in its order. Raises psycopg.Error."""
    name = "coalesce(name, '')" if table.named else "''"
    query = f"SELECT hash, coalesce(created_at, 0), {name} FROM {table.sql} ORDER BY id"
    return tuple(Row(str(a), int(b), str(c)) for a, b, c in connection.execute(query.encode()).fetchall())


def _tool(columns: frozenset[str]) -> _Tool | None:
    if columns in _ALEMBIC:
        return "alembic"
    return "drizzle" if columns in {_DRIZZLE, _DRIZZLE_NEXT} else None
