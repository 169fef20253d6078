"""What a step does before it asks for locks that stop others: it waits until nothing but short work is in the way.

Everybody queues behind a request for such a lock, however long it waits itself. SHARE UPDATE EXCLUSIVE stops nobody who
reads or writes, and what it waits for is just what lasts: a vacuum, an index that is being built, another migration.
A vacuum by autovacuum gives way after `deadlock_timeout`, whichever lock is waited for (documentation, chapter "Routine
Vacuuming"). Then the stronger lock waits for single statements of clients alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg

from mizzle.planning.steps import Lock, Step
from mizzle.runner import locate, notes
from mizzle.runner.connection import Connection
from mizzle.runner.locate import Place

_TABLES = """
SELECT c.oid::pg_catalog.regclass::text
FROM pg_catalog.unnest(%s::text[]) AS wanted (name)
JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(wanted.name)
WHERE c.relkind IN ('r', 'p') AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
ORDER BY c.oid
"""
"""Those that this role may lock, in an order that all migrators keep."""
_SET = "SELECT pg_catalog.set_config('lock_timeout', %s::text, true)"


def stopped(step: Step, tenant: str) -> tuple[str, ...]:
    """Return the relations, as dotted SQL names, of which a step says that nobody can write to them meanwhile."""
    return tuple(_stopped(step, tenant))


def wait(conn: Connection, place: Place, relations: Sequence[str], *, lock_timeout: int, then: int) -> None:
    """Lock the tables among `relations` in the transaction, as weakly as keeps others like this one away.

    It waits for `lock_timeout` milliseconds at most; `then` is the limit of the step itself. Raises DatabaseError.
    """
    tables = [name for (name,) in conn.execute(_TABLES, (list(relations),))] if relations else []
    if not tables:
        return
    listed = ", ".join(f"ONLY {name}" for name in tables)
    lock = f"LOCK TABLE {listed} IN {Lock.SHARE_UPDATE_EXCLUSIVE} MODE"
    try:
        conn.execute(_SET, (lock_timeout,))
        conn.execute(lock.encode())
        conn.execute(_SET, (then,))
    except psycopg.Error as error:
        raise locate.ahead(place, error, lock) from error


def _stopped(step: Step, tenant: str) -> Iterator[str]:
    for name, lock in notes.read(step).of_tenant(tenant).items():
        if lock.rank >= Lock.SHARE.rank:
            yield name
