"""How one relation is made and used."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request

from mizzle.studio import structure as parts
from mizzle.studio.answers import Handler
from mizzle.studio.ddl import ddl as written
from mizzle.studio.state import Studio

_PATIENCE = 5_000


async def structure(studio: Studio, request: Request) -> Any:
    """Return the parts of a relation with their sizes and use."""
    relations, relation = await studio.relation(request.query_params.get("schema"), request.query_params.get("table"))
    async with studio.database.reading(milliseconds=_PATIENCE) as connection:
        found = await parts.read(connection, relations, relation)
    return {
        "schema": relation.schema,
        "name": relation.name,
        "kind": relation.kind,
        "comment": relation.comment,
        **found,
    }


async def ddl(studio: Studio, request: Request) -> Any:
    """Return the SQL that would make a relation."""
    _, relation = await studio.relation(request.query_params.get("schema"), request.query_params.get("table"))
    catalog = await studio.catalog()
    return {"sql": await asyncio.to_thread(written, catalog, relation)}


ROUTES: tuple[tuple[str, Handler], ...] = (
    ("GET /api/structure", structure),
    ("GET /api/ddl", ddl),
)
