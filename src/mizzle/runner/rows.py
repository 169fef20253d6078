"""Asks, before anything of a migration runs, whether the rows fulfil what its steps require."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import psycopg

from mizzle import names
from mizzle.errors import DatabaseError, RowsError
from mizzle.planning import roles
from mizzle.planning.requirements import required
from mizzle.planning.steps import Requirement, Step
from mizzle.runner.connection import Connection


def expect(conn: Connection, steps: Iterable[Step], *, name: str, but: Collection[str] = ()) -> None:
    """Ask every question that the steps of script `name` have, in one read-only transaction.

    `but` are the subjects, such as `column public.users.name`, of which loss is accepted.
    Raises RowsError that names all that is not fulfilled, with the numbers of rows, and DatabaseError where a question
    cannot be answered.
    """
    asked = (requirement for step in steps for requirement in required(step))
    questions = dict.fromkeys(each for each in asked if each.subject not in but)
    if not questions:
        return
    try:
        conn.execute("BEGIN READ ONLY")
        found = [(each, rows) for each in questions if (rows := _count(conn, each, name))]
    finally:
        if not conn.closed:
            conn.rollback()
    if not found:
        return
    lacking = [each for each, _ in found if roles.named([each])]
    against = [(each, rows) for each, rows in found if each not in lacking]
    why = "rows are in its way" if not lacking else "this server lacks what it names"
    raise RowsError(
        "\n".join(
            (
                f"{name} cannot run yet, and nothing of it has: {why}",
                *map(_lacking, lacking),
                *(_told(each, rows) for each, rows in against),
            )
        ),
        hint=_MEND if not lacking else _MAKE,
        rows=tuple((each.sentence, rows) for each, rows in found),
    )


_MEND = "mend the rows, then run this again; what has to stay as it is needs another migration"
_MAKE = "make the roles, as somebody who may, and mend the rows that are named, then run this again"


def _count(conn: Connection, requirement: Requirement, name: str) -> int:
    try:
        row = conn.execute(requirement.query.encode()).fetchone()
    except psycopg.Error as error:
        raise DatabaseError(
            f"{name}: cannot ask whether {requirement.sentence}: {error.diag.message_primary or error}\n"
            f"  {requirement.query}",
            hint="correct the query in its `requires` comment, or take the comment out; nothing has run",
            sqlstate=error.sqlstate or "",
        ) from error
    return int(row[0]) if row and row[0] is not None else 0


def _lacking(requirement: Requirement) -> str:
    (role,) = roles.named([requirement])
    return f"  role {names.ident(role)} does not exist\n    {requirement.hint}"


def _told(requirement: Requirement, rows: int) -> str:
    number = "1 row is" if rows == 1 else f"{rows} rows are"
    hint = f"\n    {requirement.hint}" if requirement.hint else ""
    return f"  required: {requirement.sentence}: {number} against it{hint}"
