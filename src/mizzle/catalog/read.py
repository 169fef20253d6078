"""The one reader: pg_catalog in, a Catalog out.

The connection must be pinned (search_path empty, TimeZone, DateStyle and the rest; see planning/session.py): the texts
that PostgreSQL prints depend on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from mizzle.catalog import access, column, constraint, enum, extension, index, schema, sequence, table
from mizzle.catalog.assemble import Assembly
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.defined import FIELDS, Defined, made
from mizzle.memory import no_collection

Row = tuple[Any, ...]


class Cursor(Protocol):
    """What a driver's execute() returns."""

    def fetchall(self) -> Sequence[Row]:
        """Return all rows."""
        ...


class Connection(Protocol):
    """A DB-API-like connection with `%(name)s` parameters, such as psycopg's."""

    def execute(self, query: bytes, params: Mapping[str, object] | None = None, /) -> Cursor:
        """Run one statement."""
        ...


def read(
    connection: Connection,
    *,
    schemas: Sequence[str] | None = None,
    exclude: Sequence[str] = ("mizzle",),
    also: Collection[str] = (),
) -> Catalog:
    """Read every object of `schemas` (None: all but PostgreSQL's own), without the schemas in `exclude`.

    `also` names what is read besides: "grants", "owners", "default privileges".
    """
    with no_collection():
        return _read(connection, schemas, exclude, also)


def _read(
    connection: Connection, schemas: Sequence[str] | None, exclude: Sequence[str], also: Collection[str]
) -> Catalog:
    scope = {"schemas": None if schemas is None else list(schemas), "exclude": list(exclude)}

    def rows(name: str, **params: object) -> Sequence[Row]:
        return connection.execute(_query(name), {**scope, **params}).fetchall()

    found = Assembly()
    present = set(connection.execute(_query("present.sql")).fetchall()[0][0])
    found.unmanaged(rows("unmanaged.sql"))
    found.schemas(rows(schema.QUERY))
    found.extensions(rows(extension.QUERY))
    found.enums(rows(enum.QUERY))
    found.sequences(rows(sequence.QUERY))
    tables = found.tables(rows(table.QUERY))
    if tables:
        found.columns(rows(column.QUERY, tables=tables))
        found.constraints(rows(constraint.QUERY, tables=tables))
        if found.partitions:
            found.attached(rows("attached.sql", tables=found.partitions))
    for kind in FIELDS:
        if kind.QUERY in present:
            found.defined(kind, rows(kind.QUERY))
    if found.indexed:
        found.indexes(rows(index.QUERY, tables=found.indexed))
    major = int(connection.execute(b"SHOW server_version_num").fetchall()[0][0]) // 10000
    for name in sorted(also):
        kind = access.KINDS[name]
        found.access(kind, rows(kind.QUERY), major)
    found.dependencies(connection.execute(_query("dependencies.sql")).fetchall())
    return found.catalog(major, also)


def read_kind(connection: Connection, kind: type[Defined]) -> list[Defined]:
    """Read the objects of one kind, in all schemas but PostgreSQL's own."""
    rows = connection.execute(_query(kind.QUERY), {"schemas": None, "exclude": []}).fetchall()
    return [made(kind, row) for row in rows]


def prime(connection: Connection) -> None:
    """Have the session learn what read() asks of it: the first time takes three times as long as any later one."""
    read(connection)
    for query in (column.QUERY, constraint.QUERY, index.QUERY):
        connection.execute(_query(query), {"tables": []})


@cache
def _query(name: str) -> bytes:
    return files("mizzle.catalog").joinpath("queries", name).read_bytes()
