"""Asks PostgreSQL whether the effect of a step is there."""

from __future__ import annotations

import psycopg

from mizzle.errors import ConfigError, DatabaseError
from mizzle.names import dotted, literal
from mizzle.planning.steps import Condition
from mizzle.runner import wire
from mizzle.runner.connection import Connection

_RELATION = """
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
"""
# Each takes the parts of the name and returns a row, whether it is valid, where the object exists.
_QUERIES = {
    "schema": "SELECT true FROM pg_catalog.pg_namespace AS n WHERE n.nspname = %s",
    "table": f"SELECT true {_RELATION} WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'f')",
    "sequence": f"SELECT true {_RELATION} WHERE n.nspname = %s AND c.relname = %s AND c.relkind = 'S'",
    "column": f"""
        SELECT true {_RELATION} JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
        WHERE n.nspname = %s AND c.relname = %s AND a.attname = %s AND a.attnum > 0 AND NOT a.attisdropped
    """,
    "index": f"""
        SELECT i.indisvalid AND i.indisready AND i.indislive {_RELATION}
        JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
        WHERE n.nspname = %s AND c.relname = %s
    """,
    "constraint": """
        SELECT k.convalidated
        FROM pg_catalog.pg_constraint AS k
        LEFT JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
        LEFT JOIN pg_catalog.pg_type AS t ON t.oid = k.contypid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = coalesce(c.relnamespace, t.typnamespace)
        WHERE n.nspname = %s AND coalesce(c.relname, t.typname) = %s AND k.conname = %s
    """,
    "type": """
        SELECT true
        FROM pg_catalog.pg_type AS t
        JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
        WHERE n.nspname = %s AND t.typname = %s AND coalesce(c.relkind, 'c') = 'c'
    """,
    "value": """
        SELECT true
        FROM pg_catalog.pg_enum AS e
        JOIN pg_catalog.pg_type AS t ON t.oid = e.enumtypid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
        WHERE n.nspname = %s AND t.typname = %s AND e.enumlabel = %s
    """,
}
# The index of a partitioned table (relkind I) is invalid by design, until every partition has its own.
_LEFT_INVALID = f"""
    SELECT {_RELATION} JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
    WHERE n.nspname = %s AND c.relname = %s AND c.relkind = 'i' AND NOT i.indisvalid
"""
_HAS_VALIDITY = frozenset({"index", "constraint"})
_BOOLEAN = 16


def holds(conn: Connection, condition: Condition) -> bool:
    """Return whether `condition` holds now, as `conn` sees it, inside its transaction if it is in one.

    Raises ConfigError for a question that makes no sense, DatabaseError for a query that fails or does not answer with
    one boolean.
    """
    if condition.kind == "query":
        return _query_holds(conn, condition.name[0])
    query = _QUERIES.get(condition.kind)
    if query is None or (condition.state == "is valid" and condition.kind not in _HAS_VALIDITY):
        raise ConfigError(f"a condition that cannot be asked: {condition.kind} {condition.state}")
    found = conn.execute(query.encode(), _named(conn, condition)).fetchone()
    match condition.state:
        case "exists":
            return found is not None
        case "is absent":
            return found is None
        case "is valid":
            return found is not None and found[0] is True
        case "holds":
            raise ConfigError(f"a condition that cannot be asked: {condition.kind} holds", hint="only a query holds")


def question(condition: Condition) -> str:
    """Return a SELECT of one boolean that asks what holds() asks; the condition names its schema."""
    if condition.kind == "query":
        return condition.name[0]
    query = _QUERIES[condition.kind]
    for part in condition.name:
        query = query.replace("%s", literal(part).replace("%s", "%%s"), 1)
    query = " ".join(query.split()).replace("%%s", "%s")
    match condition.state:
        case "is absent":
            return f"SELECT NOT EXISTS ({query})"
        case "is valid":
            return f"SELECT coalesce(({query}), false)"
        case _:
            return f"SELECT EXISTS ({query})"


def is_left_invalid(conn: Connection, condition: Condition) -> bool:
    """Return whether `condition` wants an index valid that is there and invalid, as an unfinished build leaves it."""
    if (condition.kind, condition.state) != ("index", "is valid"):
        return False
    row = conn.execute(_LEFT_INVALID.encode(), _named(conn, condition)).fetchone()
    return row is not None


def _named(conn: Connection, condition: Condition) -> tuple[str, ...]:
    """Return the parts of the name, with the schema that a name without one is looked for in: the tenant's."""
    if condition.name[0]:
        return condition.name
    row = conn.execute("SELECT pg_catalog.current_schema()").fetchone()
    if row is None or row[0] is None:
        raise ConfigError(
            f"a condition whose name has no schema: {condition.kind} {dotted(*condition.name[1:])} {condition.state}",
            hint="write the schema before the name",
        )
    return (row[0], *condition.name[1:])


def _query_holds(conn: Connection, sql: str) -> bool:
    """Ask a SELECT of the file's own, in a transaction or subtransaction that can change nothing."""
    with conn.transaction(force_rollback=True):
        conn.execute("SET TRANSACTION READ ONLY")
        if (refusal := wire.check_single(conn, sql)) is not None:
            raise _no_answer(sql, str(refusal.error))
        try:
            cursor = conn.execute(sql.encode())
        except psycopg.Error as error:
            raise _no_answer(sql, str(error)) from error
        columns = [column.type_code for column in cursor.description or []]
        rows = cursor.fetchmany(2) if columns else []
        if len(rows) != 1 or columns != [_BOOLEAN]:
            raise _no_answer(sql, "it did not return one row with one boolean")
    return rows[0][0] is True


def _no_answer(sql: str, reason: str) -> DatabaseError:
    return DatabaseError(
        f"the condition of a step cannot be asked: {reason.splitlines()[0]}: {sql}",
        hint="after `done when query` write a SELECT that returns one boolean and changes nothing",
    )
