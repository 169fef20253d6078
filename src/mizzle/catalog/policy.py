"""Policies of row security."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy; `command` is ALL, SELECT, INSERT, UPDATE or DELETE, `roles` are SQL, `PUBLIC` among them."""

    QUERY: ClassVar = "policies.sql"
    TEXTS: ClassVar = ("using", "check")

    schema: str
    table: str
    name: str
    permissive: bool
    command: str
    roles: tuple[str, ...]
    using: str | None
    check: str | None
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The policy's own address."""
        return Address("policy", (self.schema, self.table, self.name))
