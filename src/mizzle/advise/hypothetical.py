"""The planner of the database itself, with indexes that are not there: by the extension hypopg.

https://hypopg.readthedocs.io: such an index is known to one session, and to its EXPLAIN alone; nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import psycopg

from mizzle import names
from mizzle.advise.naming import Proposal
from mizzle.advise.planner import explain
from mizzle.advise.plans import Planned
from mizzle.runner.connection import Connection

EXTENSION = "hypopg"


class Hypothetical:
    """Asks the database behind a connection, which is in a transaction; `schema` is where hypopg is installed."""

    about = "as the database's own planner says (hypopg)"

    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection = connection
        self._functions = names.ident(schema)

    def offer(self, proposals: Sequence[Proposal]) -> None:
        """Nothing: each is made when it is asked about."""

    def plan(self, sql: str, proposals: Sequence[Proposal]) -> Planned:
        """Return what it would do with a statement if these indexes were there; see Planner."""
        called: dict[str, str] = {}
        try:
            # given up at once: making such an index locks its table against DDL until the transaction ends
            with self._connection.transaction(force_rollback=True):
                for each in proposals:
                    # what hypopg does not take is not there
                    with suppress(psycopg.Error), self._connection.transaction():
                        query = f"SELECT indexname FROM {self._functions}.hypopg_create_index(%s)"
                        row = self._connection.execute(query.encode(), (each.sql,)).fetchone()
                        assert row is not None
                        called[row[0]] = each.name
                found = explain(self._connection, sql)
        finally:
            if not self._connection.closed:
                self._connection.execute(f"SELECT {self._functions}.hypopg_reset()".encode())
        return replace(found, indexes=frozenset(called.get(each, each) for each in found.indexes))
