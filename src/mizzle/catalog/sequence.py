"""Sequences, standing alone, owned by a column (serial), or behind an identity column."""

from __future__ import annotations

from dataclasses import dataclass

QUERY = "sequences.sql"


@dataclass(frozen=True, slots=True)
class Options:
    """What CREATE SEQUENCE can say. `type` is smallint, integer or bigint."""

    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int = 1
    cycle: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence; `owned_by` is the (schema, table, column) that takes it along when dropped."""

    schema: str
    name: str
    options: Options
    owned_by: tuple[str, str, str] | None = None
    unlogged: bool = False
    comment: str | None = None


_TYPE_RANGE = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def default_options(type_name: str, *, increment: int = 1) -> Options:
    """Return what PostgreSQL fills in when nothing is said (src/backend/commands/sequence.c, init_params)."""
    limit = _TYPE_RANGE[type_name]
    low, high = (1, limit - 1) if increment > 0 else (-limit, -1)
    return Options(type_name, low if increment > 0 else high, increment, low, high)
