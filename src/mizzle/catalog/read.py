"""The one reader: pg_catalog in, a Catalog out.

The connection must be pinned (search_path empty, TimeZone, DateStyle and the rest; see planning/session.py): the texts
that PostgreSQL prints depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from typing import Any, Protocol

from mizzle.catalog import access, column, constraint, enum, extension, index, schema, sequence, table
from mizzle.catalog.assemble import Assembly
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.defined import FIELDS, Defined, made
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.memory import no_collection

Row = tuple[Any, ...]

_Question = tuple[Callable[[Sequence[Row]], object], str, "Mapping[str, object] | None"]
"""What takes the rows, the query, its parameters."""

_MANY = 2_000
"""Tables from which on the server works on the next query while the rows of the one before are put together."""


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
    migrator: str = "",
) -> Catalog:
    """Read every object of `schemas` (None: all but PostgreSQL's own), without the schemas in `exclude`.

    `also` names what is read besides: "grants", "owners", "default privileges"; these are told as `migrator` (a raw
    name, '' for the role that reads) has them, who owns what nothing else is said of.
    """
    with no_collection():
        return _read(connection, schemas, exclude, also, migrator)


def _read(
    connection: Connection,
    schemas: Sequence[str] | None,
    exclude: Sequence[str],
    also: Collection[str],
    migrator: str,
) -> Catalog:
    scope: dict[str, object] = {"schemas": None if schemas is None else list(schemas), "exclude": list(exclude)}

    major = _major(connection)

    def rows(name: str, **params: object) -> Sequence[Row]:
        return connection.execute(_query(name, major), {**scope, **params}).fetchall()

    found = Assembly()
    present = set(connection.execute(_query("present.sql")).fetchall()[0][0])
    found.unmanaged(rows("unmanaged.sql"))
    found.schemas(rows(schema.QUERY))
    found.extensions(rows(extension.QUERY))
    found.enums(rows(enum.QUERY))
    found.sequences(rows(sequence.QUERY))
    tables = found.tables(rows(table.QUERY))
    if MaterializedView.QUERY in present:
        found.defined(MaterializedView, rows(MaterializedView.QUERY))
    asked: list[_Question] = []
    if tables:
        asked.append((found.columns, column.QUERY, {"tables": tables}))
        asked.append((found.constraints, constraint.QUERY, {"tables": tables}))
        if found.partitions:
            asked.append((found.attached, "attached.sql", {"tables": found.partitions}))
    others = (kind for kind in FIELDS if kind.QUERY in present and kind is not MaterializedView)
    asked.extend((partial(found.defined, kind), kind.QUERY, scope) for kind in others)
    if found.indexed:
        asked.append((found.indexes, index.QUERY, {"tables": found.indexed}))
    for name in sorted(also):
        kind = access.KINDS[name]
        told = {**scope, "migrator": migrator}
        asked.append((partial(found.access, kind, major=major), kind.QUERY, told))
    asked.append((found.dependencies, "dependencies.sql", None))
    _put(connection, asked, major, ahead=len(tables) > _MANY)
    return found.catalog(major, also)


def _put(connection: Connection, asked: Sequence[_Question], major: int, *, ahead: bool) -> None:
    """Ask one query after the other, and give each its rows; `ahead` of who takes them, in a thread of its own."""

    def rows(query: str, params: Mapping[str, object] | None) -> Sequence[Row]:
        return connection.execute(_query(query, major), params).fetchall()

    if not ahead:
        for take, query, params in asked:
            take(rows(query, params))
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - few databases are so large

    pool = ThreadPoolExecutor(1, "mizzle-read")
    try:
        answers = [pool.submit(rows, query, params) for _, query, params in asked]
        for (take, _, _), answer in zip(asked, answers, strict=True):
            take(answer.result())
    finally:
        pool.shutdown(cancel_futures=True)


def read_kind(connection: Connection, kind: type[Defined]) -> list[Defined]:
    """Read the objects of one kind, in all schemas but PostgreSQL's own."""
    rows = connection.execute(_query(kind.QUERY), {"schemas": None, "exclude": []}).fetchall()
    return [made(kind, row) for row in rows]


def prime(connection: Connection) -> None:
    """Have the session learn what read() asks of it: the first time takes three times as long as any later one."""
    read(connection)
    for query in (column.QUERY, constraint.QUERY, index.QUERY):
        connection.execute(_query(query, _major(connection)), {"tables": []})


def _major(connection: Connection) -> int:
    return int(connection.execute(b"SHOW server_version_num").fetchall()[0][0]) // 10000


@cache
def _query(name: str, major: int = 0) -> bytes:
    text = files("mizzle.catalog").joinpath("queries", name).read_bytes()
    if name != constraint.QUERY:
        return text
    for newer, (since, before) in constraint.NEWER.items():
        text = text.replace(b"{%b}" % newer.encode(), f"c.{newer}".encode() if major >= since else before.encode())
    return text
