"""Indexes that are not part of a constraint."""

from __future__ import annotations

from dataclasses import dataclass, field

QUERY = "indexes.sql"


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a table, in the table's schema.

    `definition` is what pg_get_indexdef() prints behind the table's name: method, keys with collation, operator class
    and order, INCLUDE, NULLS NOT DISTINCT, storage parameters and predicate. `columns` are the table's columns that it
    uses anywhere, `keys` what PostgreSQL calls its own. `valid` is False for what a failed CREATE INDEX CONCURRENTLY
    left behind. `statistics` are the statistics targets of its columns, -1 for the usual one, empty if all are.
    """

    name: str
    definition: str
    unique: bool = False
    columns: tuple[str, ...] = field(default=(), compare=False)
    valid: bool = True
    comment: str | None = None
    keys: tuple[str, ...] = field(default=(), compare=False)
    statistics: tuple[int, ...] = ()
