"""The application: pages, assets and endpoints behind the guard."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from mizzle.errors import ConfigError
from mizzle.studio.admission import Admission
from mizzle.studio.answers import endpoint
from mizzle.studio.endpoints import console, data, migrations, overview, structure
from mizzle.studio.guard import Guard
from mizzle.studio.state import Studio

PAGES = ("/", "/data/{rest:path}", "/structure/{rest:path}", "/diagram", "/migrations", "/sql")
"""The addresses of pages; the script in them draws each."""
_ROUTES = (*overview.ROUTES, *data.ROUTES, *structure.ROUTES, *migrations.ROUTES, *console.ROUTES)


def create(studio: Studio, admission: Admission, *, hosts: frozenset[str]) -> ASGIApp:
    """Return the application for one database; `hosts` are the values of Host that it answers to.

    Raises ConfigError where the pages have not been built.
    """
    assets = _assets()
    if not are_built():
        raise ConfigError("the pages of studio are not built", hint="in a checkout of mizzle: make studio (needs npm)")
    shell = (assets / "index.html").read_text(encoding="utf-8")

    async def page(request: Request) -> Response:
        return HTMLResponse(shell.replace("%NONCE%", request.scope["nonce"]))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with studio.database:
            yield

    routes = [Route(each, page, methods=["GET"]) for each in PAGES]
    for said, handler in _ROUTES:
        method, _, path = said.partition(" ")
        routes.append(Route(path, endpoint(studio, handler), methods=[method]))
    app = Starlette(
        routes=[*routes, Mount("/assets", StaticFiles(directory=assets))],
        lifespan=lifespan,
        exception_handlers={404: _missing, 405: _missing, 500: _failed},
    )
    return Guard(app, admission=admission, hosts=hosts)


def are_built() -> bool:
    """Return whether the pages are there: an installed package has them, a checkout once they were built."""
    return (_assets() / "index.html").is_file()


def _assets() -> Path:
    return Path(str(files("mizzle.studio").joinpath("assets")))


async def _failed(_: Request, error: Exception) -> Response:
    """Answer for a defect of studio's own; the server prints its traceback in the terminal."""
    told = {"message": f"studio itself failed: {type(error).__name__}", "hint": "see the terminal", "code": "defect"}
    return JSONResponse(told, 500)


async def _missing(_: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return JSONResponse({"message": "there is nothing here", "hint": "", "code": "no_page"}, status)
