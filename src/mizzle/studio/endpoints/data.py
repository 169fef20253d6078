"""The rows of one table."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from mizzle.studio import asked, browse, export, filters
from mizzle.studio.answers import Handler, body
from mizzle.studio.asked import Page, Rows
from mizzle.studio.paging import Order
from mizzle.studio.refused import Refused
from mizzle.studio.relations import Column, Relation, Relations
from mizzle.studio.state import Studio

_EXPORT = 3_600_000
"""Milliseconds that an export may take: it ends when the tab is closed."""


async def table(studio: Studio, request: Request) -> Any:
    """Return the columns of a table, with the filters that each has, its key, and what it refers to."""
    relations, relation = await _table(studio, request)
    lens = studio.lens(relations)
    return {
        "schema": relation.schema,
        "name": relation.name,
        "kind": relation.kind,
        "comment": relation.comment,
        "rows": relation.rows,
        "key": relation.key,
        "tenant": lens is not None and lens.narrows(relation),
        "editable": studio.database.write and bool(relation.key) and relation.kind in {"table", "partitioned"},
        "columns": [_column(relation, each) for each in relation.columns],
    }


def _column(relation: Relation, column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "kind": column.kind,
        "nullable": column.nullable,
        "primary": column.name in relation.primary,
        "comment": column.comment,
        "labels": column.labels,
        "ordered": column.ordered,
        "indexed": column.indexed,
        "writable": column.writable,
        "operators": filters.operators(column),
        "references": [
            {
                "name": ref.name,
                "columns": ref.columns,
                "table": {"schema": ref.target[0], "name": ref.target[1]},
                "to": ref.target_columns,
            }
            for ref in relation.references
            if ref.columns[0] == column.name
        ],
    }


async def rows(studio: Studio, request: Request) -> Any:
    """Return one page of a table."""
    params = request.query_params
    wanted = await _page(studio, request)
    async with studio.database.reading(milliseconds=asked.milliseconds(params)) as connection:
        return await browse.page(connection, wanted)


async def count(studio: Studio, request: Request) -> Any:
    """Return how many rows the filters leave, counted or estimated."""
    wanted = await _rows(studio, request)
    async with studio.database.reading() as connection:
        return await browse.count(connection, wanted)


async def preview(studio: Studio, request: Request) -> Any:
    """Return the first columns of the row that is referred to."""
    wanted = await _rows(studio, request)
    async with studio.database.reading() as connection:
        return await browse.preview(connection, wanted)


async def row(studio: Studio, request: Request) -> Any:
    """Return one row whole, with what refers to it."""
    relations, relation = await _table(studio, request)
    key = _key(request)
    async with studio.database.reading() as connection:
        return await browse.row(connection, relations, relation, key)


async def value(studio: Studio, request: Request) -> Any:
    """Return one value whole."""
    _, relation = await _table(studio, request)
    column = relation.column(request.query_params.get("column"))
    async with studio.database.reading() as connection:
        return await browse.value(connection, relation, _key(request), column)


class _Copied(msgspec.Struct):
    schema: str
    table: str
    keys: list[list[str]]
    format: export.Format


async def copy(studio: Studio, request: Request) -> Any:
    """Return rows as text to paste."""
    wanted = await body(request, _Copied)
    _, relation = await studio.relation(wanted.schema, wanted.table)
    async with studio.database.reading(milliseconds=5_000) as connection:
        return {"text": await export.copied(connection, relation, wanted.keys, wanted.format)}


async def exported(studio: Studio, request: Request) -> Response:
    """Stream the rows that the filters leave as a file."""
    params = request.query_params
    wanted = await _rows(studio, request)
    order = Order(asked.text(params, "sort"), descending=params.get("descending") == "true")
    format_ = _format(params.get("format", "csv"))
    blocks = _blocks(studio, wanted, order, format_)
    first = await anext(blocks, b"")  # what is wrong with it is found before the answer begins
    suffix = {"csv": "csv", "json": "ndjson", "insert": "sql"}[format_]
    named = quote(f"{wanted.relation.name}.{suffix}", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{named}"}
    return StreamingResponse(_behind(first, blocks), media_type=export.FORMATS[format_], headers=headers)


async def _blocks(studio: Studio, wanted: Rows, order: Order, format_: export.Format) -> AsyncGenerator[bytes]:
    async with studio.database.reading(milliseconds=_EXPORT) as connection:
        async for block in export.exported(connection, wanted, order, format_):
            yield block


async def _behind(first: bytes, blocks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    try:
        yield first
        async for block in blocks:
            yield block
    finally:
        await blocks.aclose()


def _format(named: str) -> export.Format:
    for each in export.FORMATS:
        if each == named:
            return each
    raise Refused(400, f"there is no format {named}", hint="csv, json or insert", code="format")


async def _table(studio: Studio, request: Request) -> tuple[Relations, Relation]:
    return await studio.relation(request.query_params.get("schema"), request.query_params.get("table"))


async def _rows(studio: Studio, request: Request) -> Rows:
    relations, relation = await _table(studio, request)
    return asked.rows(request.query_params, relation, studio.lens(relations))


async def _page(studio: Studio, request: Request) -> Page:
    relations, relation = await _table(studio, request)
    return asked.page(request.query_params, relation, studio.lens(relations))


def _key(request: Request) -> list[str]:
    text = asked.text(request.query_params, "key")
    try:
        return msgspec.json.decode(text, type=list[str])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused(400, "this is no key of a row", code="key") from error


ROUTES: tuple[tuple[str, Handler], ...] = (
    ("GET /api/table", table),
    ("GET /api/rows", rows),
    ("GET /api/count", count),
    ("GET /api/preview", preview),
    ("GET /api/row", row),
    ("GET /api/value", value),
    ("POST /api/copy", copy),
    ("GET /api/export", exported),
)
