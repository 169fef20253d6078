"""What the planner goes by: sizes, statistics and settings, read from a database or assumed for want of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from mizzle.advise.facts import Column, Facts, Table
from mizzle.advise.queries import query
from mizzle.runner.connection import Connection

_SETTINGS = b"""
SELECT name, setting FROM pg_settings
WHERE category LIKE 'Query Tuning%' AND vartype IN ('bool', 'integer', 'real') AND source <> 'session'
   OR name IN ('work_mem', 'jit', 'max_parallel_workers')
"""
_USUAL_WIDTH = 16
_VALUES = 10_000
_TELLING = frozenset("int4 int8 text varchar bpchar citext uuid numeric float8 date timestamp timestamptz inet".split())
_KINDS = frozenset(
    "status state type kind category level priority role mode currency country language lang locale gender flag active"
    " enabled deleted visible version year month day".split()
)
"""Types whose values may be many, and last words of names that say that they are few."""
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
    relations = connection.execute(query("relation_statistics.sql"), scope).fetchall()
    columns = connection.execute(query("column_statistics.sql"), scope).fetchall()
    settings = connection.execute(_SETTINGS).fetchall()
    return Statistics(tuple(Relation(*row) for row in relations), tuple(columns), tuple(settings))


def assumed(facts: Facts, rows: int) -> Statistics:
    """Return statistics of a database that has `rows` rows in each table, spread over its partitions.

    Of the values nothing is known: a column is taken to have _VALUES different ones, but where its type or its name
    says that it tells kinds apart, for which the planner has an assumption of its own.
    """
    relations: list[Relation] = []
    columns: list[tuple[Any, ...]] = []
    for table in facts.tables:
        holders = table.parts or (table,)
        for each in {table.oid: table, **{part.oid: part for part in holders}}.values():
            held = rows if each.oid == table.oid else rows // len(holders)
            relations.append(Relation(each.schema, each.name, _pages(each, held), held, 0))
            relations += [
                Relation(each.schema, index.name, held * (16 + 8 * index.keys) // 7300 + 1, held, 0)
                for index in each.indexes
            ]
            columns += [_values(each, column, held) for column in each.columns if _is_telling(column)]
    return Statistics(tuple(relations), tuple(columns))


def _values(table: Table, column: Column, rows: int) -> tuple[Any, ...]:
    """Return a row as column_statistics.sql has it."""
    where = (table.schema, table.name, column.name, table.kind == "p")
    return (*where, 0.0, _USUAL_WIDTH, min(_VALUES, max(rows, 1)), None, None, None, None)


def _is_telling(column: Column) -> bool:
    words = column.name.lower().split("_")
    return column.base in _TELLING and words[-1] not in _KINDS and words[0] not in {"is", "has"}


def _pages(table: Table, rows: int) -> int:
    width = _ROW + _USUAL_WIDTH * len(table.columns)
    return rows * width // 8168 + 1
