"""PostgreSQL's planner, asked what it would do with a statement if an index were there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import psycopg

from mizzle import names
from mizzle.advise.naming import Proposal
from mizzle.advise.plans import Node, Planned, nodes, planned
from mizzle.runner.connection import Connection

_PREPARED = "mizzle_advise"
_GENERIC = 160000
"""The first version whose EXPLAIN shows a plan for any value of the parameters, with all partitions."""
_PATIENCE = "10s"
_LOCK_PATIENCE = "1s"


class CannotPlan(Exception):
    """A statement that the planner does not take: what it says of it."""


class Planner(Protocol):
    """Who is asked; `about` says on what its answers rest."""

    about: str

    def offer(self, proposals: Sequence[Proposal]) -> None:
        """Say, once, which indexes plan() will be asked about; what it plans before may know nothing of the tables."""
        ...

    def plan(self, sql: str, proposals: Sequence[Proposal]) -> Planned:
        """Return what it would do with the statement if these indexes were there; the indexes go by proposals' names.

        Raises CannotPlan for a statement that it does not take.
        """
        ...


def explain(connection: Connection, sql: str) -> Planned:
    """Return the plan of a statement whatever its parameters are; it is not run. The session is in a transaction."""
    try:
        with connection.transaction(force_rollback=True):
            found = _explained(connection, sql)
            if _pruned(found):  # which PostgreSQL does before 16: no partition is left for a parameter that is NULL
                connection.execute(b"SET LOCAL enable_partition_pruning = off")
                found = _explained(connection, sql)
            return planned(found)
    except psycopg.Error as error:
        raise CannotPlan(error.diag.message_primary or str(error)) from error
    finally:
        if not connection.closed:
            connection.execute(b"DEALLOCATE ALL")  # which no rollback undoes


def _explained(connection: Connection, sql: str) -> Node:
    connection.execute(b"DEALLOCATE ALL")
    # by the extended protocol, which takes one statement and no second one behind it
    connection.execute(f"PREPARE {_PREPARED} AS {sql}".encode(), binary=True)
    row = connection.execute(
        b"SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = %s", (_PREPARED,)
    ).fetchone()
    count = int(row[0]) if row else 0
    given = f"({', '.join(['NULL'] * count)})" if count else ""
    options = "GENERIC_PLAN, VERBOSE" if connection.info.server_version >= _GENERIC else "VERBOSE"
    answer = connection.execute(f"EXPLAIN ({options}, FORMAT JSON) EXECUTE {_PREPARED}{given}".encode()).fetchone()
    assert answer is not None
    return answer[0][0]


def _pruned(explained: Node) -> bool:
    return any(node.get("Subplans Removed") for node in nodes(explained["Plan"]))


def begin(connection: Connection, schemas: Sequence[str]) -> None:
    """Have the session plan for any value of the parameters, and find tables without a schema in `schemas`.

    A statement is given up that takes long to plan, since the planner calls functions that are said to be immutable, or
    whose tables another session holds for itself.
    """
    connection.execute(b"SET LOCAL plan_cache_mode = force_generic_plan")
    connection.execute(f"SET LOCAL search_path = {', '.join(map(names.ident, schemas))}".encode())
    connection.execute(f"SET LOCAL statement_timeout = '{_PATIENCE}'".encode())
    connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_PATIENCE}'".encode())
