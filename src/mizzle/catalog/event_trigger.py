"""Event triggers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """An event trigger of the database; `function` is SQL, `enabled` the word of ALTER EVENT TRIGGER for its state."""

    QUERY: ClassVar = "event_triggers.sql"
    TEXTS: ClassVar = ()

    name: str
    event: str
    tags: tuple[str, ...]
    function: str
    enabled: str = "ENABLE"
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The event trigger's own address."""
        return Address("event trigger", (self.name,))
