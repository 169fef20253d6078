"""Casts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Cast:
    """A cast between two types, `name` as in an address: `integer AS public.d`. `how` is as CREATE CAST takes it."""

    QUERY: ClassVar = "casts.sql"
    TEXTS: ClassVar = ("name", "how")

    name: str
    how: str
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The cast's own address."""
        return Address("cast", (self.name,))
