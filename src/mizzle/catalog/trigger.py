"""Triggers of tables and views, and event triggers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger; those that PostgreSQL puts on partitions for one of their parent are part of that.

    `definition` is what stands behind the name in pg_get_triggerdef(), `enabled` the word of ALTER TABLE … TRIGGER that
    gives its state: ENABLE, DISABLE, ENABLE REPLICA or ENABLE ALWAYS.
    """

    QUERY: ClassVar = "triggers.sql"
    TEXTS: ClassVar = ("definition",)

    schema: str
    table: str
    name: str
    definition: str
    constraint: bool = False
    enabled: str = "ENABLE"
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The trigger's own address."""
        return Address("trigger", (self.schema, self.table, self.name))
