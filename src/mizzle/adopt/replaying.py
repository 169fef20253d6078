"""Another tool's files, run one after the other on scratch, to see what each of them changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import psycopg
from psycopg import errors

from mizzle.adopt import effects
from mizzle.adopt.drizzle import File
from mizzle.adopt.effects import Touched
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.server import session
from mizzle.server.scratch import Server

if TYPE_CHECKING:
    from mizzle.server.session import Connection


class Step(msgspec.Struct, frozen=True):
    """What a file has changed, or why PostgreSQL refuses it behind those before it."""

    touched: Touched
    refused: str = ""


class Replayed(msgspec.Struct, frozen=True):
    """What each file does, and what all of them make, but those that were only tried."""

    steps: tuple[Step, ...]
    catalog: Catalog


def replay(
    server: Server,
    files: Sequence[File],
    *,
    own: Callable[[Catalog], Catalog],
    tried: Callable[[File], bool] = lambda _: False,
    progress: Callable[[str], None] = lambda _: None,
) -> Replayed:
    """Run each file in a transaction of its own, in an empty database; `own` takes the part of it that counts.

    What is only `tried` is taken back: it is seen what it does where it stands, and what comes after it does without.
    A file that is refused changes nothing, and the next one goes on.
    """
    steps: list[Step] = []
    catalog = EMPTY
    with server.database() as connection:
        for number, file in enumerate(files, 1):
            progress(f"replaying {file.name} ({number} of {len(files)})")
            before = effects.facts(catalog)
            try:
                if tried(file):
                    found = own(_tried(server, connection, file.sql, [f for f in files[: number - 1] if not tried(f)]))
                else:
                    _run(server, connection, file.sql)
                    found = catalog = own(server.read(connection))
            except psycopg.Error as error:
                steps.append(Step({}, error.diag.message_primary or str(error).partition("\n")[0]))
                continue
            steps.append(Step(effects.touched(before, effects.facts(found))))
    return Replayed(tuple(steps), catalog)


def _tried(server: Server, connection: Connection, sql: str, before: Sequence[File]) -> Catalog:
    """Return what a file makes of the database, and take it back; what runs in no transaction has one of its own."""
    try:
        _run(server, connection, sql, keep=False)
        return server.read(connection)  # which ends the transaction
    except errors.ActiveSqlTransaction:
        with server.database() as other:
            for file in before:
                with suppress(psycopg.Error):  # it was refused the first time, too
                    _run(server, other, file.sql)
            try:
                session.run_one_by_one(other, sql)
            except session.Refused as refused:
                raise refused.error from None
            return server.read(other)


def _run(server: Server, connection: Connection, sql: str, *, keep: bool = True) -> None:
    """Run a file in a transaction, which stays open where it is not to be kept. Raises psycopg.Error, rolled back."""
    while True:
        session.begin(connection)
        try:
            session.run(connection, sql)
            if keep:
                connection.execute("COMMIT")
        except psycopg.Error as error:
            connection.rollback()
            if not server.mend(error):
                raise
        else:
            return
