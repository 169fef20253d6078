"""Which tables of a live database are so small that it does not matter how they are changed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import psycopg

from mizzle import names
from mizzle.project import live
from mizzle.project.config import Config
from mizzle.runner.connection import connect
from mizzle.runner.scope import Scope

# A partitioned table is as large as its partitions together, and one that others inherit from is changed with them.
_SMALL = """
WITH RECURSIVE below (top, oid) AS (
  SELECT c.oid, c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname = ANY (%(schemas)s)
  UNION SELECT below.top, i.inhrelid FROM below JOIN pg_catalog.pg_inherits AS i ON i.inhparent = below.oid
)
SELECT n.nspname, c.relname
FROM below
JOIN pg_catalog.pg_class AS c ON c.oid = below.top
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
GROUP BY n.nspname, c.relname
HAVING coalesce(sum(pg_catalog.pg_table_size(below.oid)), 0) <= %(limit)s
"""


def small_tables(url: str, config: Config, *, schemas: Sequence[str] | None = None) -> frozenset[str]:
    """Return the tables and materialized views up to the `small` setting, without indexes, by their dotted SQL names.

    Of `schemas`, or those of the configuration. Raises as live.read() does.
    """
    limit = config.small_bytes
    if not limit:
        return frozenset()
    wanted = {"schemas": list(schemas or config.schemas), "limit": limit}
    with closing(connect(url, scope=Scope(role=config.role))) as connection:
        try:
            connection.execute(live.BEGIN)
            rows = connection.execute(_SMALL.encode(), wanted).fetchall()
        except psycopg.Error as error:
            raise live.explained(error) from error
    return frozenset(names.dotted(schema, name) for schema, name in rows)
