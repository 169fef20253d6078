"""Publications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication of the database.

    `tables` are as ALTER PUBLICATION takes them, with their columns and condition; `relations` their dotted names,
    `schemas` raw names. `options` are as in `publish=insert, update`.
    """

    QUERY: ClassVar = "publications.sql"
    TEXTS: ClassVar = ("tables", "relations")

    name: str
    all_tables: bool
    tables: tuple[str, ...]
    relations: tuple[str, ...]
    schemas: tuple[str, ...]
    options: tuple[str, ...] = ()
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The publication's own address."""
        return Address("publication", (self.name,))
