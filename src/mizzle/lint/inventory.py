"""The names that code outside the database may use, and so which of them a migration takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mizzle import names

if TYPE_CHECKING:
    from mizzle.server.session import Connection

_NAMES = r"""
WITH spaces AS (
  SELECT oid, CASE WHEN nspname = %s THEN 'public' ELSE nspname::text END AS name FROM pg_catalog.pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relations AS (
  SELECT c.oid, s.name AS space, c.relname::text AS name, c.relkind FROM pg_catalog.pg_class c
  JOIN spaces s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
)
SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'relation' END, ARRAY[space, name] FROM relations
UNION ALL SELECT 'column', ARRAY[r.space, r.name, a.attname] FROM relations r
  JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE r.relkind <> 'S'
UNION ALL SELECT 'default of column', ARRAY[r.space, r.name, a.attname] FROM relations r
  JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND (a.atthasdef OR a.attidentity <> '')
UNION ALL SELECT 'routine', ARRAY[s.name, p.proname, pg_catalog.oidvectortypes(p.proargtypes)]
  FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace
UNION ALL SELECT 'type', ARRAY[s.name, t.typname] FROM pg_catalog.pg_type t JOIN spaces s ON s.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  WHERE t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c'
UNION ALL SELECT 'schema', ARRAY[name] FROM spaces
UNION ALL SELECT 'extension', ARRAY[extname::text] FROM pg_catalog.pg_extension
"""


class Name(NamedTuple):
    """What can be used from outside: its kind, and its raw name parts; of a routine the last are its arguments."""

    kind: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        if self.kind == "routine":
            return f"routine {names.dotted(*self.parts[:-1])}({self.parts[-1]})"
        if self.kind == "relation":  # whatever has that name: a view does instead of a table
            return names.dotted(*self.parts)
        return f"{self.kind} {names.dotted(*self.parts)}"

    @property
    def within(self) -> frozenset[Name]:
        """What it is a part of, and goes with."""
        if self.kind in {"column", "default of column"}:
            column = {Name("column", self.parts)} if self.kind == "default of column" else set[Name]()
            return frozenset({Name("relation", self.parts[:2]), *column, Name("schema", self.parts[:1])})
        return frozenset() if self.kind in {"schema", "extension"} else frozenset({Name("schema", self.parts[:1])})


def inventory(connection: Connection, *, tenant: str = "") -> frozenset[Name]:
    """Return the names that are there; the schema called `tenant` counts as `public`."""
    found = connection.execute(_NAMES.encode(), (tenant,)).fetchall()
    return frozenset(Name(kind, tuple(parts)) for kind, parts in found)


def outermost(gone: frozenset[Name]) -> tuple[Name, ...]:
    """Return those names of which no part of a larger one is told, sorted."""
    return tuple(sorted(name for name in gone if not name.within & gone))
