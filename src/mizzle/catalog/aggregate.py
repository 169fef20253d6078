"""Aggregates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate function; `arguments` and `options` are as CREATE AGGREGATE takes them, `types` as an address."""

    QUERY: ClassVar = "aggregates.sql"
    TEXTS: ClassVar = ()

    schema: str
    name: str
    types: str
    arguments: str
    options: tuple[str, ...]
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The aggregate's own address: its name in it holds the types of its arguments."""
        return Address("aggregate", (self.schema, f"{self.name}({self.types})"))
