"""The database as the pages reach it: a pool, and transactions that may only read and only for so long.

Everything that a request does happens in one transaction that is rolled back: settings are LOCAL to it, so that it also
works behind a pooler in transaction mode, and nothing of a request is left for the next one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from mizzle import names
from mizzle.planning.session import PINS
from mizzle.runner.url import describe, parameters
from mizzle.studio.refused import Refused, of_database
from mizzle.studio.sql import Sql

Connection: TypeAlias = "psycopg.AsyncConnection[TupleRow]"

BUDGET = 400
"""Milliseconds that a statement may take which a person did not ask to wait for."""
_LOCK_TIMEOUT = 300
"""Milliseconds to wait for a lock: readers wait for ACCESS EXCLUSIVE alone, and new readers queue behind it."""
_CONNECTIONS = 6
"""As many as a browser has to one host."""
_WAIT = 10.0
"""Seconds to wait for one of them."""


@dataclass(frozen=True)
class Database:
    """The database that is looked at.

    `role` is taken by SET ROLE, `schemas` is the console's search_path (None: as the role has it), `write` whether
    anything may change it.
    """

    url: str = field(repr=False)
    role: str = ""
    schemas: tuple[str, ...] | None = None
    write: bool = False
    pool: AsyncConnectionPool[Connection] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        conninfo = make_conninfo(
            "", **{"fallback_application_name": "mizzle studio", "connect_timeout": "10", **parameters(self.url)}
        )
        pool = AsyncConnectionPool(
            conninfo,
            kwargs={"prepare_threshold": None, "client_encoding": "UTF8", "autocommit": True},
            min_size=0,
            max_size=_CONNECTIONS,
            timeout=_WAIT,
            max_idle=120,
            open=False,
            name="studio",
        )
        object.__setattr__(self, "pool", pool)

    @property
    def name(self) -> str:
        """What may be shown of where it is: role, host, port and database."""
        return describe(parameters(self.url))

    async def __aenter__(self) -> Self:
        await self.pool.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pool.close()

    @asynccontextmanager
    async def reading(self, *, milliseconds: int = BUDGET, pinned: bool = True) -> AsyncGenerator[Connection]:
        """Give a connection in a transaction that can only read; each statement may take `milliseconds`.

        `pinned`: with the settings that make texts the same everywhere (planning/session.py), else those of the role.
        Raises Refused for whatever PostgreSQL refuses.
        """
        async with self._transaction("READ ONLY", milliseconds, pinned=pinned) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self, *, milliseconds: int, pinned: bool = True) -> AsyncGenerator[Connection]:
        """Give a connection in a transaction that may write, and is rolled back unless it is committed in it.

        Raises Refused where studio was started to read only.
        """
        if not self.write:
            raise Refused(403, "studio was started to read only", hint="start it with --write", code="read_only")
        async with self._transaction("READ WRITE", milliseconds, pinned=pinned) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, mode: str, milliseconds: int, *, pinned: bool) -> AsyncGenerator[Connection]:
        try:
            async with self.pool.connection() as connection:
                await connection.execute(self._begin(mode, milliseconds, pinned=pinned).encode())
                yield connection
                await connection.rollback()
        except PoolTimeout as error:
            message, hint = "no connection to the database is to be had", "is it running, and not full?"
            raise Refused(503, message, hint=hint, code="unreachable") from error
        except psycopg.Error as error:
            raise of_database(error) from error

    def _begin(self, mode: str, milliseconds: int, *, pinned: bool) -> str:
        """Return what begins a transaction. It ends with a query: after the first one its mode cannot be changed."""
        settings = [("statement_timeout", str(milliseconds)), ("lock_timeout", str(_LOCK_TIMEOUT))]
        settings.append(("idle_in_transaction_session_timeout", "60000"))
        if self.role:
            settings.append(("role", self.role))
        if pinned:
            settings.extend(PINS)
        elif self.schemas is not None:
            settings.append(("search_path", names.idents(self.schemas)))
        values = ", ".join(f"({names.literal(each)}, {names.literal(to)})" for each, to in settings)
        return (
            f"BEGIN {mode}; "
            f"SELECT pg_catalog.set_config(name, value, true) FROM (VALUES {values}) AS pins (name, value)"
        )


async def rows(connection: Connection, query: Sql) -> Sequence[tuple[Any, ...]]:
    """Return all rows of one query."""
    cursor = await connection.execute(query.text.encode(), query.params)
    return await cursor.fetchall()
