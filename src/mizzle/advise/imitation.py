"""The planner of a scratch PostgreSQL 18 that takes its empty tables for those of a database: by its statistics.

PostgreSQL 18 imports statistics (pg_restore_relation_stats and pg_restore_attribute_stats, functions-admin), but its
planner asks the file system how large a table is (estimate_rel_size in src/backend/optimizer/util/plancat.c). So the
empty files are stretched to that size: they are sparse, take no space on disk, and nothing ever reads them. The schema
must be loaded before, and indexes be offered before the files are stretched: making one reads the table.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg

from mizzle import names
from mizzle.advise.naming import Proposal
from mizzle.advise.planner import explain
from mizzle.advise.plans import Planned
from mizzle.advise.statistics import Relation, Statistics
from mizzle.errors import ScratchError
from mizzle.runner.connection import Connection

MAJOR = 18
_SEGMENT = 131_072
"""Pages in one file of a relation (RELSEG_SIZE, a gigabyte)."""
_RELATION = b"""
SELECT pg_restore_relation_stats(
  'schemaname', %s::text, 'relname', %s::text, 'relpages', %s::int, 'reltuples', %s::real, 'relallvisible', %s::int)
"""
_COLUMN = b"""
SELECT pg_restore_attribute_stats(
  'schemaname', %s::text, 'relname', %s::text, 'attname', %s::text, 'inherited', %s::bool,
  'null_frac', %s::real, 'avg_width', %s::int, 'n_distinct', %s::real, 'most_common_vals', %s::text,
  'most_common_freqs', %s::real[], 'histogram_bounds', %s::text, 'correlation', %s::real)
"""
_FILES = b"""
SELECT n.nspname, c.relname, pg_relation_filepath(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'i')
"""
_MADE = b"""
WITH RECURSIVE made(oid) AS (
  SELECT %s::regclass::oid
  UNION ALL
  SELECT h.inhrelid FROM pg_inherits h JOIN made ON h.inhparent = made.oid
)
SELECT c.oid, n.nspname, c.relname, tn.nspname, t.relname FROM made
JOIN pg_index i ON i.indexrelid = made.oid
JOIN pg_class c ON c.oid = made.oid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
"""
_SHOWN = b"UPDATE pg_index SET indisvalid = (indexrelid = ANY (%s)) WHERE indexrelid = ANY (%s)"


class Imitation:
    """Asks the scratch database behind a connection, which holds the schema and no rows.

    `statistics` are of the database that it stands for; `about` says which.
    """

    def __init__(self, connection: Connection, statistics: Statistics, *, about: str) -> None:
        self.about = about
        self._connection = connection
        self._statistics = statistics
        self._offered: Mapping[str, tuple[int, ...]] = {}
        self._called: Mapping[str, str] = {}
        self._stretched: list[tuple[Path, int | None]] = []
        row = connection.execute(b"SHOW data_directory").fetchone()
        assert row is not None
        self._data = Path(row[0])

    def offer(self, proposals: Sequence[Proposal]) -> None:
        """Make the indexes, all hidden from the planner, and give all tables and indexes their sizes and statistics.

        What PostgreSQL does not make is as if it had not been offered. On a partitioned table there is one for each
        partition, too.
        """
        offered: dict[str, tuple[int, ...]] = {}
        called: dict[str, str] = {}
        sizes: list[Relation] = []
        rows = {(each.schema, each.name): each.rows for each in self._statistics.relations}
        for each in proposals:
            with suppress(psycopg.Error), self._connection.transaction():
                self._connection.execute(each.sql.encode())
                made = self._connection.execute(_MADE, (names.dotted(each.table.schema, each.name),)).fetchall()
                offered[each.name] = tuple(oid for oid, *_ in made)
                for _, schema, name, *table in made:
                    called[name] = each.name
                    part = rows.get((table[0], table[1]), 0) / each.table.rows if each.table.rows > 0 else 0
                    held = 1 if len(made) == 1 else part
                    sizes.append(
                        Relation(schema, name, int(each.bytes() * held) // 8192 + 2, max(each.table.rows, 0) * held, 0)
                    )
        self._offered, self._called = offered, called
        self._connection.execute(_SHOWN, ([], self._oids(offered)))
        try:
            self._pretend([*self._statistics.relations, *sizes])
        except OSError as error:
            raise ScratchError(
                f"the planner on scratch cannot be given the size of the tables: {error.strerror}",
                hint="see `ulimit -f`, and what its file system allows; or install hypopg in the database",
            ) from error

    def plan(self, sql: str, proposals: Sequence[Proposal]) -> Planned:
        """Return what it would do with a statement if these indexes were there; see Planner."""
        with self._connection.transaction(force_rollback=True):
            if proposals:
                shown = self._oids(each.name for each in proposals)
                self._connection.execute(_SHOWN, (shown, shown))
            found = explain(self._connection, sql)
        return replace(found, indexes=frozenset(self._called.get(each, each) for each in found.indexes))

    def close(self) -> None:
        """Give the files the size that they had: the database may stay for a while, and be met by who copies files."""
        for file, size in reversed(self._stretched):
            with suppress(FileNotFoundError):
                if size is None:
                    file.unlink()
                else:
                    os.truncate(file, size)
        self._stretched.clear()

    def _oids(self, offered: Iterable[str]) -> list[int]:
        return [oid for name in offered for oid in self._offered.get(name, ())]

    def _pretend(self, relations: Sequence[Relation]) -> None:
        for name, value in self._statistics.settings:
            with (
                suppress(psycopg.Error),
                self._connection.transaction(),
            ):  # a setting that 18 has not, or not for a session
                self._connection.execute(b"SELECT set_config(%s, %s, false)", (name, value))
        paths = {(schema, name): path for schema, name, path in self._connection.execute(_FILES).fetchall()}
        for each in relations:
            values = (each.schema, each.name, each.pages, each.rows, each.all_visible)
            with suppress(psycopg.errors.UndefinedTable), self._connection.transaction():
                self._connection.execute(_RELATION, values)
            path = paths.get((each.schema, each.name))
            if path is not None:
                for file in _stretch(self._data / path, each.pages):
                    self._stretched.append(file)
        for column in self._statistics.columns:
            with (
                suppress(psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn),
                self._connection.transaction(),
            ):
                self._connection.execute(_COLUMN, column)


def _stretch(path: Path, pages: int) -> Iterator[tuple[Path, int | None]]:
    """Make a relation's files as long as that many pages, with nothing in them behind what is there already.

    Yields each file before it changes, with its size, None where it was not there.
    """
    owner = path.stat()
    for segment in range(pages // _SEGMENT + 1):
        file = path if segment == 0 else path.with_name(f"{path.name}.{segment}")
        size = min(pages - segment * _SEGMENT, _SEGMENT) * 8192
        if segment and not size:
            return
        if not file.exists():
            yield file, None
            file.touch(mode=0o600)
            if os.geteuid() == 0:
                os.chown(file, owner.st_uid, owner.st_gid)
        elif file.stat().st_size < size:
            yield file, file.stat().st_size
        if file.stat().st_size < size:
            os.truncate(file, size)
