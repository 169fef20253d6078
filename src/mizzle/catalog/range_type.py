"""Range types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class RangeType:
    """A range type; `options` are as CREATE TYPE takes them, what is usual left out."""

    QUERY: ClassVar = "range_types.sql"
    TEXTS: ClassVar = ()

    schema: str
    name: str
    options: tuple[str, ...]
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The type's own address."""
        return Address("range type", (self.schema, self.name))
