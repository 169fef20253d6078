"""What would be deleted, with how many rows, and who has said that it may be."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import msgspec
import psycopg

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.errors import DatabaseError, DecisionNeeded
from mizzle.planning.steps import CUTS
from mizzle.runner.connection import Connection


class Loss(msgspec.Struct, frozen=True):
    """What would be deleted: a table, a column or an attribute of a type, and how many rows hold something there.

    `cut`: it stays, and that many rows hold a value that would be rounded or cut.
    """

    address: Address
    rows: int
    cut: bool = False

    @property
    def sentence(self) -> str:
        """What happens, to how many rows: `deletes table public.users: 3 rows`."""
        return f"{CUTS if self.cut else 'deletes'} {self.address}: {counted(self.rows, 'row')}"


def query(where: Address) -> str:
    """Return the query that counts how many rows a table has, or hold something in a column."""
    what = "*" if where.kind == "table" else names.ident(where.name)
    return f"SELECT count({what}) FROM {(where.table or where).sql}"


def rows(connection: Connection, where: Address, queries: Iterable[str], *, doing: str) -> int:
    """Return the sum of what `queries` count, about what would be deleted; `doing` is what needs to know it.

    Raises DatabaseError where the role may not read them, or a policy would hide some from it.
    """
    try:
        connection.execute("SET row_security = off")  # an error, instead of the rows that a policy shows this role
        found = [connection.execute(each.encode()).fetchone() for each in queries]
    except psycopg.Error as error:
        said = error.diag.message_primary or str(error)
        raise DatabaseError(
            f"cannot count what would be deleted of {where}: {said}",
            hint=f"{doing} as the role that owns it, or one that may read all of it (SELECT, BYPASSRLS)",
            sqlstate=error.sqlstate or "",
        ) from error
    return sum(int(row[0]) for row in found if row and row[0] is not None)


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
