"""Rewrite rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a table or a view, but for the one that makes a view.

    `definition` is what stands behind the name in pg_get_ruledef(), `enabled` the word of ALTER TABLE … RULE that gives
    its state: ENABLE, DISABLE, ENABLE REPLICA or ENABLE ALWAYS.
    """

    QUERY: ClassVar = "rules.sql"
    TEXTS: ClassVar = ("definition",)

    schema: str
    table: str
    name: str
    definition: str
    enabled: str = "ENABLE"
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The rule's own address."""
        return Address("rule", (self.schema, self.table, self.name))
