"""What the planner goes by: sizes, statistics and settings, read from a database or assumed for want of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from mizzle.advise.facts import Facts, Table
from mizzle.runner.connection import Connection

_SETTINGS = b"""
SELECT name, setting FROM pg_settings
WHERE category LIKE 'Query Tuning%' AND vartype IN ('bool', 'integer', 'real') AND source <> 'session'
   OR name IN ('work_mem', 'jit', 'max_parallel_workers')
"""
_USUAL_WIDTH = 16
_ROW = 28
"""Bytes of a row besides its columns: header and line pointer (access/htup_details.h)."""


@dataclass(frozen=True, slots=True)
class Relation:
    """The size of a table or an index in pages, and what VACUUM has noted of it."""

    schema: str
    name: str
    pages: int
    rows: float
    all_visible: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Sizes, rows of pg_stats (as column_statistics.sql has them), and the planner's settings."""

    relations: tuple[Relation, ...]
    columns: tuple[tuple[Any, ...], ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


def read(connection: Connection, *, schemas: Sequence[str] | None, exclude: Collection[str]) -> Statistics:
    """Read what the planner of a database goes by, as far as the role may see it."""
    scope = {"schemas": None if schemas is None else list(schemas), "exclude": list(exclude)}
    relations = connection.execute(_query("relation_statistics.sql"), scope).fetchall()
    columns = connection.execute(_query("column_statistics.sql"), scope).fetchall()
    settings = connection.execute(_SETTINGS).fetchall()
    return Statistics(tuple(Relation(*row) for row in relations), tuple(columns), tuple(settings))


def assumed(facts: Facts, rows: int) -> Statistics:
    """Return statistics of a database that has `rows` rows in each table, and of whose values nothing is known."""
    found: list[Relation] = []
    for table in facts.tables:
        found.append(Relation(table.schema, table.name, _pages(table, rows), rows, 0))
        for index in table.indexes:
            pages = rows * (16 + 8 * index.keys) // 7300 + 1
            found.append(Relation(table.schema, index.name, pages, rows, 0))
    return Statistics(tuple(found))


def _pages(table: Table, rows: int) -> int:
    width = _ROW + _USUAL_WIDTH * len(table.columns)
    return rows * width // 8168 + 1


@cache
def _query(name: str) -> bytes:
    return files("mizzle.advise").joinpath("queries", name).read_bytes()
