"""How one relation is made and used: its parts as PostgreSQL prints them, their sizes, how often they are read."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from mizzle.names import dotted
from mizzle.studio.database import Connection, rows
from mizzle.studio.relations import Relation, Relations
from mizzle.studio.sql import Sql

Answer = dict[str, Any]

_PARTS: dict[str, tuple[str, ...]] = {
    "columns": ("name", "type", "nullable", "default", "identity", "generated", "comment"),
    "constraints": ("name", "kind", "definition", "validated", "comment"),
    "indexes": (
        "name",
        "definition",
        "primary",
        "unique",
        "valid",
        "bytes",
        "scans",
        "read",
        "last_used",
        "constraint",
    ),
    "triggers": ("name", "definition", "enabled"),
    "policies": ("name", "permissive", "command", "roles", "using", "check"),
}
"""Each part with what its query returns, in order."""
_ACTIVITY = (
    "bytes",
    "index_bytes",
    "estimate",
    "live",
    "dead",
    "sequential_scans",
    "index_scans",
    "inserted",
    "updated",
    "deleted",
    "vacuumed",
    "analyzed",
    "row_security",
    "force_row_security",
    "owner",
    "view",
)
_LAST_SCAN = 160000
"""pg_stat_all_indexes tells when an index was last used from PostgreSQL 16 on."""


async def read(connection: Connection, relations: Relations, relation: Relation) -> Answer:
    """Return the parts of a relation, what refers to it, and the numbers that the server keeps of it."""
    named = dotted(*relation.where)
    newer = connection.info.server_version >= _LAST_SCAN
    last = "s.last_idx_scan::text" if newer else "NULL"
    found: Answer = {"last_used_known": newer}
    for part, fields in _PARTS.items():
        query = _query(part).replace("{last_idx_scan}", last)
        found[part] = [dict(zip(fields, row, strict=True)) for row in await rows(connection, Sql(query, (named,)))]
    numbers = await rows(connection, Sql(_query("activity"), (named,)))
    found["activity"] = dict(zip(_ACTIVITY, numbers[0], strict=True)) if numbers else None
    found["inbound"] = [
        {"name": ref.name, "table": {"schema": ref.table[0], "name": ref.table[1]}, "columns": ref.columns}
        for ref in relations.inbound.get(relation.where, ())
    ]
    return found


def _query(part: str) -> str:
    return files("mizzle.studio").joinpath("queries", f"{part}.sql").read_text(encoding="utf-8")
