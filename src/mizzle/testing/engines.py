"""SQLAlchemy's engines on a test's own database."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.pool import NullPool

from mizzle.runner.url import parameters

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def engine(url: str) -> Engine:
    """Return an engine on the database at `url`, by psycopg."""
    return create_engine(_translated(url, "psycopg"))


def async_engine(url: str) -> AsyncEngine:
    """Return an asynchronous engine on the database at `url`: by asyncpg where that is installed, or psycopg.

    It keeps no connection, so that there is none to close when the test's event loop has ended. Raises ImportError
    where greenlet is missing, which SQLAlchemy needs for it.
    """
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - engines of the other kind need no greenlet

    driver = "asyncpg" if find_spec("asyncpg") else "psycopg"
    return create_async_engine(_translated(url, driver), poolclass=NullPool)


def _translated(url: str, driver: str) -> URL:
    """Return a URL as SQLAlchemy has it; asyncpg knows few of libpq's parameters."""
    rest = parameters(url)
    user, password, database = (rest.pop(name, None) for name in ("user", "password", "dbname"))
    if driver == "asyncpg":
        rest = {name: rest[given] for given, name in _ASYNCPG.items() if given in rest}
    return URL.create(f"postgresql+{driver}", user, password, database=database, query=rest)


_ASYNCPG = {"host": "host", "port": "port", "sslmode": "ssl"}
