"""Aggregates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate function.

    `arguments` and `options` are as CREATE AGGREGATE takes them, `types` as an address has them; `result` is a type.
    """

    QUERY: ClassVar = "aggregates.sql"
    TEXTS: ClassVar = ("types", "arguments", "result", "options")

    schema: str
    name: str
    types: str
    arguments: str
    result: str
    options: tuple[str, ...]
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The aggregate's own address: its name in it holds the types of its arguments."""
        return Address("aggregate", (self.schema, f"{self.name}({self.types})"))
