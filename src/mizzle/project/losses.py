"""What would be deleted, with how many rows, and who has said that it may be."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import msgspec
import psycopg

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.errors import DatabaseError, DecisionNeeded
from mizzle.runner.connection import Connection


class Loss(msgspec.Struct, frozen=True):
    """What would be deleted: a table or a column, and how many rows hold something there."""

    address: Address
    rows: int


def count(connection: Connection, where: Address, *, doing: str) -> int:
    """Return how many rows a table has, or hold something in a column. `doing` is what needs to know it.

    Raises DatabaseError where the role may not read them.
    """
    what = "*" if where.kind == "table" else names.ident(where.name)
    table = where.table or where
    try:
        row = connection.execute(f"SELECT count({what}) FROM {table.sql}".encode()).fetchone()
    except psycopg.Error as error:
        said = error.diag.message_primary or str(error)
        raise DatabaseError(
            f"cannot count what would be deleted of {where}: {said}",
            hint=f"{doing} as the role that owns it, or grant this one SELECT on it",
            sqlstate=error.sqlstate or "",
        ) from error
    return int(row[0]) if row else 0


def unaccepted(losses: Iterable[Loss], accept: Iterable[str]) -> tuple[Loss, ...]:
    """Return the losses that nobody named."""
    accepted = {names.parse(each) for each in accept}
    return tuple(loss for loss in losses if loss.address.names not in accepted)


def refuse_losses(losses: Iterable[Loss], accept: Iterable[str], *, doing: str) -> None:
    """Raise DecisionNeeded, with the flags that allow it, where something would be deleted that nobody named."""
    missing = unaccepted(losses, accept)
    if missing:
        listed = ", ".join(f"{loss.address} ({counted(loss.rows, 'row')})" for loss in missing)
        hint = f"if it may go, say so: {' '.join(accept_flags(missing))}"
        raise DecisionNeeded(f"this {doing} deletes data: {listed}", hint=hint)


def accept_flags(losses: Iterable[Loss]) -> tuple[str, ...]:
    """Return the flags that say of each loss that it may be."""
    return tuple(f"--accept-data-loss {shlex.quote(loss.address.sql)}" for loss in losses)


def counted(number: int, what: str) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
