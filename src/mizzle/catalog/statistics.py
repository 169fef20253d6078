"""Extended statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Statistics:
    """A statistics object on the table `on`; `definition` is what stands behind the name in pg_get_statisticsobjdef().

    `target` is its statistics target, -1 where that is the usual one.
    """

    QUERY: ClassVar = "statistics.sql"
    TEXTS: ClassVar = ("definition",)

    schema: str
    name: str
    on: tuple[str, str]
    definition: str
    target: int = -1
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The statistics object's own address."""
        return Address("statistics", (self.schema, self.name))
