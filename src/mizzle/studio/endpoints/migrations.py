"""The migrations: their timeline, each with its steps, what is pending, what drifted."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request

from mizzle.project.project import Project
from mizzle.studio import history
from mizzle.studio.answers import Handler
from mizzle.studio.comparing import compare
from mizzle.studio.refused import Refused
from mizzle.studio.state import Studio


async def migrations(studio: Studio, request: Request) -> Any:
    """Return where each migration stands."""
    del request
    return await asyncio.to_thread(history.timeline, _project(studio), studio.database.url)


async def migration(studio: Studio, request: Request) -> Any:
    """Return the files and steps of one migration."""
    named = request.query_params.get("id", "")
    found = await asyncio.to_thread(history.migration, _project(studio), named)
    if found is None:
        raise Refused(404, "the folder has no such migration", hint="reload the page", code="no_migration")
    return found


async def pending(studio: Studio, request: Request) -> Any:
    """Return what `mizzle migrate` would do now."""
    del request
    return await asyncio.to_thread(history.pending, _project(studio), studio.database.url)


async def drift(studio: Studio, request: Request) -> Any:
    """Compare models, migrations and database, one comparison at a time: each may start a scratch server."""
    del request
    project = _project(studio)
    async with studio.comparing:
        return await compare(project, studio.database.url, "check")


async def advice(studio: Studio, request: Request) -> Any:
    """Look for what could be better in the database: it is only read, and its planner, or scratch's, is asked."""
    del request
    project = _project(studio)
    async with studio.comparing:
        return await compare(project, studio.database.url, "advise")


def _project(studio: Studio) -> Project:
    if studio.project is None:
        message = "there is no project here, and so no migrations"
        raise Refused(404, message, hint="start studio in a project", code="no_project")
    return studio.project


ROUTES: tuple[tuple[str, Handler], ...] = (
    ("GET /api/migrations", migrations),
    ("GET /api/migration", migration),
    ("GET /api/pending", pending),
    ("GET /api/drift", drift),
    ("GET /api/advice", advice),
)
