"""Enum types."""

from __future__ import annotations

from dataclasses import dataclass

QUERY = "enums.sql"


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum type; the order of its labels counts."""

    schema: str
    name: str
    labels: tuple[str, ...]
    comment: str | None = None
