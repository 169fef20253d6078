"""What one run of studio is about: the database, what is known of its schema, the project if there is one."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mizzle.catalog.catalog import Catalog
from mizzle.errors import ConfigError
from mizzle.project import live
from mizzle.studio import lens as lenses
from mizzle.studio import relations as schema
from mizzle.studio.database import Database
from mizzle.studio.lens import Lens
from mizzle.studio.relations import Relation, Relations

if TYPE_CHECKING:
    from mizzle.project.project import Project

_FRESH = 1.0
"""Seconds that what is known of the schema is taken as it is, at least."""
_SHARE = 20
"""How many times as long as it took to read."""
_PATIENCE = 20_000
_STOPPING = 5.0


@dataclass
class Studio:
    """One database, looked at; `tenants` is the setting of that name, `project` None where there is only a URL."""

    database: Database
    tenants: str = ""
    project: Project | None = None
    working: set[asyncio.Future[Any]] = field(default_factory=set[asyncio.Future[Any]], init=False, repr=False)
    comparing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _known: tuple[float, Relations] | None = field(default=None, init=False, repr=False)
    _catalog: tuple[float, Catalog] | None = field(default=None, init=False, repr=False)
    _cataloguing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def stop(self) -> None:
        """End what is being worked on, and wait until PostgreSQL has ended the queries of it."""
        for each in self.working:
            each.cancel()
        if self.working:
            await asyncio.wait(set(self.working), timeout=_STOPPING)

    async def relations(self, *, fresh: bool = False) -> Relations:
        """Return the schema as it was a moment ago; `fresh`: as it is now."""
        async with self._reading:
            now = time.monotonic()
            if self._known is not None and not fresh and now < self._known[0]:
                return self._known[1]
            async with self.database.reading(milliseconds=_PATIENCE) as connection:
                found = await schema.read(connection)
            took = time.monotonic() - now
            self._known = (time.monotonic() + max(_FRESH, _SHARE * took), found)
            return found

    async def relation(self, schema: object, name: object) -> tuple[Relations, Relation]:
        """Return a relation by name, and all others; one that is not known is looked for in the database as it is now.

        Raises Refused where there is none.
        """
        known = await self.relations()
        if (schema, name) not in known.by_name:
            known = await self.relations(fresh=True)
        return known, known.table(schema, name)

    async def catalog(self) -> Catalog:
        """Return the catalog as the other commands read it, as it was a moment ago."""
        async with self._cataloguing:
            now = time.monotonic()
            if self._catalog is not None and now < self._catalog[0]:
                return self._catalog[1]
            role = self.database.role
            found = await asyncio.to_thread(live.read, self.database.url, history="", role=role)
            took = time.monotonic() - now
            self._catalog = (time.monotonic() + max(_FRESH, _SHARE * took), found)
            return found

    def lens(self, relations: Relations) -> Lens | None:
        """Return the tenant lens; None where none is configured, or what is configured is not there (yet)."""
        if not self.tenants:
            return None
        try:
            return lenses.find(relations, self.tenants)
        except ConfigError:
            return None

    def lens_problem(self, relations: Relations) -> str:
        """Return why there is no lens though one is configured, for the page to say; empty where there is one."""
        if not self.tenants:
            return ""
        try:
            lenses.find(relations, self.tenants)
        except ConfigError as error:
            return str(error)
        return ""
