"""Rows as files and as text to paste: COPY does the writing, whole values, however many rows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from mizzle import names
from mizzle.studio import filters
from mizzle.studio.asked import Rows
from mizzle.studio.database import Connection
from mizzle.studio.filters import ALIAS
from mizzle.studio.paging import Order, Paging
from mizzle.studio.refused import Refused
from mizzle.studio.relations import Column, Relation
from mizzle.studio.sql import Sql, all_of, joined, name

Format = Literal["csv", "json", "insert"]
FORMATS: dict[Format, str] = {"csv": "text/csv", "json": "application/x-ndjson", "insert": "application/sql"}
"""Each format, with its media type: CSV with a header, JSON an object a line, INSERT a statement a line."""
MOST_COPIED = 1_000
_LARGEST = 20_000_000


async def exported(connection: Connection, asked: Rows, order: Order, format_: Format) -> AsyncGenerator[bytes]:
    """Yield a file of the rows that are asked for, in the order that is asked for, as the server writes it."""
    paging = Paging(asked.relation, order)
    query = _selected(asked.relation, format_) + asked.where() + (_order(paging) if order.column else "")
    async for block in _written(connection, query, format_):
        yield block


async def copied(connection: Connection, relation: Relation, keys: Sequence[Sequence[str]], format_: Format) -> str:
    """Return the rows with these keys as text, in the order of the keys. Raises Refused for too much of it."""
    if len(keys) > MOST_COPIED:
        raise Refused(413, f"more than {MOST_COPIED:,} rows", hint="export them to a file", code="too_long")
    found: list[bytes] = []
    size = 0
    for number, key in enumerate(keys):
        query = _selected(relation, format_) + all_of([filters.of_row(relation, key)])
        async for block in _written(connection, query, format_, header=not number):
            found.append(block)
            size += len(block)
            if size > _LARGEST:
                raise Refused(413, "more than 20 MB", hint="export the rows to a file", code="too_long")
    return b"".join(found).decode()


async def _written(
    connection: Connection, query: Sql, format_: Format, *, header: bool = True
) -> AsyncGenerator[bytes]:
    """Yield what COPY writes of a query. It takes no parameters: the driver puts the values in, quoted."""
    options = f"(FORMAT csv, HEADER {'true' if header else 'false'})" if format_ == "csv" else "(FORMAT text)"
    statement = f"COPY ({query.text}) TO STDOUT WITH {options}".encode()
    async with connection.cursor() as cursor, cursor.copy(statement, query.params) as copy:
        if format_ == "csv":
            async for block in copy:
                yield bytes(block)
        else:
            async for row in copy.rows():
                yield f"{row[0]}\n".encode()


def _selected(relation: Relation, format_: Format) -> Sql:
    from_ = f" FROM {relation.sql} {ALIAS}"
    match format_:
        case "csv":
            return Sql(f"SELECT {', '.join(f'{ALIAS}.{name(c.name)}' for c in relation.columns)}{from_}")
        case "json":
            return Sql(f"SELECT pg_catalog.row_to_json({ALIAS}.*)::pg_catalog.text{from_}")
        case "insert":
            return _insert(relation) + from_


def _insert(relation: Relation) -> Sql:
    """Return what selects an INSERT for each row; a generated column is left to the table it goes to."""
    columns = [column for column in relation.columns if column.writable or column.name in relation.primary]
    listed = ", ".join(names.ident(column.name) for column in columns)
    head = f"INSERT INTO {names.dotted(relation.schema, relation.name)} ({listed}) VALUES ("
    values = joined(" || ', ' || ", (Sql(_literal(column)) for column in columns))
    return Sql("SELECT %s || ", (head,)) + values + " || ');'"


def _literal(column: Column) -> str:
    of = f"{ALIAS}.{name(column.name)}"
    if column.kind in {"number", "boolean"}:
        # NaN and Infinity are numbers that SQL has only in quotes, money has a sign of its own.
        text = f"{of}::pg_catalog.text"
        bare = f"{text} IN ('true', 'false') OR {text} ~ '^-?[0-9.]+(e[+-]?[0-9]+)?$'"
        return f"CASE WHEN {bare} THEN {text} ELSE pg_catalog.quote_nullable({text}) END"
    return f"pg_catalog.quote_nullable({of}::pg_catalog.text)"


def _order(paging: Paging) -> str:
    sort = paging.sort
    if sort is None:
        return f" ORDER BY {', '.join(paging.key_sql())}{' DESC' if paging.order.descending else ''}"
    return f" ORDER BY {ALIAS}.{name(sort.name)}{' DESC' if paging.order.descending else ''} NULLS LAST"
