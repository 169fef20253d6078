"""Live databases, read as far as the project manages them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from mizzle.catalog import read as reader
from mizzle.catalog.catalog import Catalog
from mizzle.errors import DatabaseError
from mizzle.runner.connection import connect


def read(url: str, *, schemas: Sequence[str] | None = None, history: str = "mizzle") -> Catalog:
    """Read the database at `url`: all schemas but PostgreSQL's own and the history's, or just `schemas`.

    Texts are as that server prints them: `server.rehome()` brings them home before a comparison. Raises DatabaseError.
    """
    with closing(connect(url)) as connection:
        try:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return reader.read(connection, schemas=schemas, exclude=(history,))
        except Exception as error:
            raise _explained(error) from error


def _explained(error: Exception) -> Exception:
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate is None:
        return error
    message = str(error).splitlines()[0]
    return DatabaseError(
        f"cannot read the database: {message}", hint="grant the role USAGE on its schemas", sqlstate=sqlstate
    )
