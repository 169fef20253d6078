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
    lacking = [each for each, _ in found if roles.named([each])]
    if lacking:
        raise RowsError(
            "\n".join(
                (
                    f"{name} cannot run yet, and nothing of it has: this server lacks what it names",
                    *(_lacking(each) for each in lacking),
                )
            ),
            hint="make the roles, as somebody who may, then run this again",
            rows=tuple((each.sentence, rows) for each, rows in found),
        )
    if found:
        said = f"{name} cannot run yet, and nothing of it has: rows are in its way"
        raise RowsError(
            "\n".join((said, *(_told(each, rows) for each, rows in found))),
            hint="mend the rows, then run this again; what has to stay as it is needs another migration",
            rows=tuple((each.sentence, rows) for each, rows in found),
        )


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
    return f"  {requirement.sentence}: {number} against it{hint}"
