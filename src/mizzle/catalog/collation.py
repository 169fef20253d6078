"""Collations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Collation:
    """A collation; `options` are as CREATE COLLATION takes them. Its version is the server's, and does not count."""

    QUERY: ClassVar = "collations.sql"
    TEXTS: ClassVar = ()

    schema: str
    name: str
    options: tuple[str, ...]
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The collation's own address."""
        return Address("collation", (self.schema, self.name))
