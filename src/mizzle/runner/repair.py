"""Mends what the unfinished run of a step outside a transaction has left: an invalid index, a partition half detached.

Only for a step that an earlier attempt has begun: what was there before its first run is somebody else's.
"""

from __future__ import annotations

from mizzle.names import dotted
from mizzle.runner import conditions, locate, wire
from mizzle.runner.connection import Connection
from mizzle.runner.locate import Place
from mizzle.sqltext import Token, raw_name, tokens

_PENDING = """
SELECT pg_catalog.quote_ident(np.nspname) || '.' || pg_catalog.quote_ident(p.relname),
    pg_catalog.quote_ident(nc.nspname) || '.' || pg_catalog.quote_ident(c.relname)
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
JOIN pg_catalog.pg_namespace AS np ON np.oid = p.relnamespace
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
JOIN pg_catalog.pg_namespace AS nc ON nc.oid = c.relnamespace
WHERE i.inhdetachpending
  AND i.inhparent = pg_catalog.to_regclass(%s) AND i.inhrelid = pg_catalog.to_regclass(%s)
"""


def drop_invalid(conn: Connection, place: Place) -> str | None:
    """Drop the index that the step wants valid and that is there invalid; return what was done, None for nothing."""
    condition = place.step.done_when
    if condition is None or not conditions.is_left_invalid(conn, condition):
        return None
    index = dotted(*filter(None, condition.name))
    _run(conn, place, f"DROP INDEX CONCURRENTLY {index}")
    return f"dropped the invalid index {index} of an earlier attempt"


def finish_detaching(conn: Connection, place: Place) -> str | None:
    """End the detaching of the step's partition that an earlier attempt began; return what was done, or None."""
    named = _detached(place.step.sql)
    row = conn.execute(_PENDING.encode(), named).fetchone() if named else None
    if row is None:
        return None
    parent, partition = row
    _run(conn, place, f"ALTER TABLE {parent} DETACH PARTITION {partition} FINALIZE")
    return f"finished detaching {partition} from {parent}, which an earlier attempt had begun"


def _run(conn: Connection, place: Place, sql: str) -> None:
    if (refusal := wire.run_single(conn, sql)) is not None:
        raise locate.refused(place, refusal)


def _detached(sql: str) -> tuple[str, str] | None:
    """Return partitioned table and partition of ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY, as SQL names."""
    found = [token for token in tokens(sql) if token.significant and token.text != ";"]
    words = [token.text.upper() if token.kind == "name" else "" for token in found]
    if words[:2] != ["ALTER", "TABLE"] or words[-1:] != ["CONCURRENTLY"] or "DETACH" not in words:
        return None
    start = 4 if words[2:4] == ["IF", "EXISTS"] else 2
    middle = words.index("DETACH", start)
    parent, partition = found[start:middle], found[middle + 2 : -1]
    return _name(parent), _name(partition)


def _name(written: list[Token]) -> str:
    return dotted(*(raw_name(token) for token in written if token.kind in {"name", "quoted"}))
