"""Composite types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite type: its `attributes`, whose order counts, and their `types`, each with a collation of its own."""

    QUERY: ClassVar = "composites.sql"
    TEXTS: ClassVar = ("types",)

    schema: str
    name: str
    attributes: tuple[str, ...]
    types: tuple[str, ...]
    comment: str | None = None
    comments: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> Address:
        """The type's own address."""
        return Address("composite type", (self.schema, self.name))
