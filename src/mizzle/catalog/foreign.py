"""Foreign data wrappers, servers and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address

Options = tuple[tuple[str, str], ...]
"""Options as (name, value), sorted by name."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A foreign data wrapper; `functions` is what CREATE FOREIGN DATA WRAPPER says of its handler and validator."""

    QUERY: ClassVar = "wrappers.sql"
    TEXTS: ClassVar = ()

    name: str
    functions: str
    options: Options = ()
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The wrapper's own address."""
        return Address("foreign data wrapper", (self.name,))


@dataclass(frozen=True, slots=True)
class ForeignServer:
    """A foreign server. User mappings, which hold passwords, are not read."""

    QUERY: ClassVar = "servers.sql"
    TEXTS: ClassVar = ()

    name: str
    wrapper: str
    type: str | None = None
    version: str | None = None
    options: Options = ()
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The server's own address."""
        return Address("foreign server", (self.name,))


@dataclass(frozen=True, slots=True)
class ForeignTable:
    """A foreign table; `columns` are as CREATE FOREIGN TABLE takes them, in order, `checks` its table constraints."""

    QUERY: ClassVar = "foreign_tables.sql"
    TEXTS: ClassVar = ("columns", "checks")

    schema: str
    name: str
    server: str
    columns: tuple[str, ...]
    checks: tuple[str, ...] = ()
    options: Options = ()
    comment: str | None = None
    comments: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> Address:
        """The foreign table's own address."""
        return Address("foreign table", (self.schema, self.name))
