"""SQL: one statement, its plan, and changes of rows that are shown as SQL first."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request

from mizzle.studio import console, edits, explain, statements
from mizzle.studio.answers import Handler, body
from mizzle.studio.asked import LONGEST_TEXT, LONGEST_WAIT
from mizzle.studio.database import Connection
from mizzle.studio.refused import Refused
from mizzle.studio.state import Studio

_DISCARD = b"DISCARD ALL"
"""What a statement left in the session, advisory locks too, is not the next one's."""


class _Sql(msgspec.Struct):
    sql: str
    seconds: int = 5
    commit: bool = False
    expected: int | None = None


class _Explained(msgspec.Struct):
    sql: str
    seconds: int = 5
    analyze: bool = False


class _Edited(msgspec.Struct):
    schema: str
    table: str
    changes: list[edits.Change]
    commit: bool = False


async def sql(studio: Studio, request: Request) -> Any:
    """Run one statement: read what it returns; where studio may write, try it, or run and commit it."""
    wanted = await body(request, _Sql)
    statement = _statement(wanted.sql)
    milliseconds = _milliseconds(wanted.seconds)
    database = studio.database
    if not database.write:
        async with database.reading(milliseconds=milliseconds, pinned=False) as connection:
            found = await console.read(connection, statement)
            await _forget(connection)
        return {**found, "command": "", "affected": None, "committed": False}
    async with database.writing(milliseconds=milliseconds, pinned=False) as connection:
        found = await console.write(connection, statement)
        if wanted.commit:
            if wanted.expected is not None and wanted.expected != found["affected"]:
                message = (
                    f"it met {found['affected']} rows now and {wanted.expected} when it was tried: nothing is changed"
                )
                raise Refused(409, message, hint="try it again", code="changed")
            await connection.commit()
        await _forget(connection)
    return {**found, "committed": wanted.commit}


async def plan(studio: Studio, request: Request) -> Any:
    """Return the plan of a statement; whatever running it does is rolled back."""
    wanted = await body(request, _Explained)
    statement = _statement(wanted.sql)
    database = studio.database
    opened = database.writing if database.write else database.reading
    async with opened(milliseconds=_milliseconds(wanted.seconds), pinned=False) as connection:
        found = await explain.explain(connection, statement, analyze=wanted.analyze, rights=database.write)
        await _forget(connection)
    return found


async def edit(studio: Studio, request: Request) -> Any:
    """Return changes as SQL, after they were tried; with `commit`, after they were made."""
    wanted = await body(request, _Edited)
    _, relation = await studio.relation(wanted.schema, wanted.table)
    made = edits.statements_of(relation, wanted.changes)
    async with studio.database.writing(milliseconds=10_000) as connection:
        await edits.run(connection, made)
        if wanted.commit:
            await connection.commit()
    return {**edits.answer(made), "committed": wanted.commit}


async def _forget(connection: Connection) -> None:
    await connection.rollback()
    await connection.execute(_DISCARD)


def _statement(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Refused(413, f"the statement is longer than {LONGEST_TEXT:,} characters", code="too_long")
    if "\0" in text:
        raise Refused(400, "the statement holds a zero byte", code="sql")
    return statements.single(text)


def _milliseconds(seconds: int) -> int:
    if not 1 <= seconds <= LONGEST_WAIT * 10:
        raise Refused(400, f"the time limit is from 1 to {LONGEST_WAIT * 10} seconds", code="seconds")
    return seconds * 1000


ROUTES: tuple[tuple[str, Handler], ...] = (
    ("POST /api/sql", sql),
    ("POST /api/explain", plan),
    ("POST /api/edit", edit),
)
