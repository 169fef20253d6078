"""Text search dictionaries and configurations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A text search dictionary; `template` and `options` are as CREATE TEXT SEARCH DICTIONARY takes them."""

    QUERY: ClassVar = "dictionaries.sql"
    TEXTS: ClassVar = ()

    schema: str
    name: str
    template: str
    options: str | None = None
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The dictionary's own address."""
        return Address("text search dictionary", (self.schema, self.name))


@dataclass(frozen=True, slots=True)
class Configuration:
    """A text search configuration; `mappings` are (token type, dictionaries in order, as SQL)."""

    QUERY: ClassVar = "configurations.sql"
    TEXTS: ClassVar = ()

    schema: str
    name: str
    parser: str
    mappings: tuple[tuple[str, str], ...] = ()
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The configuration's own address."""
        return Address("text search configuration", (self.schema, self.name))
