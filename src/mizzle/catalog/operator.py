"""Operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator; its name together with the types of its operands (NONE where there is none) is its own.

    `options` are as CREATE OPERATOR takes them.
    """

    QUERY: ClassVar = "operators.sql"
    TEXTS: ClassVar = ()

    schema: str
    name: str
    types: str
    options: tuple[str, ...]
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The operator's own address: its name in it holds the types of its operands."""
        return Address("operator", (self.schema, f"{self.name}({self.types})"))
