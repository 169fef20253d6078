"""The console: one statement, its rows as far as a page takes them, and a server that sees to what it may do.

To read, a statement becomes the query of a cursor: PostgreSQL's grammar takes there what returns rows and changes none
(no INSERT, not even in WITH, no SET, no COPY, no DO), in a transaction that is READ ONLY and cannot be made anything
else once it has asked something. A superuser's rights are given up for it, since functions of theirs reach beyond the
database. To write, a statement is tried and rolled back, and runs again to be committed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mizzle.studio import statements
from mizzle.studio.cells import Cell
from mizzle.studio.database import Connection, rows
from mizzle.studio.refused import Refused
from mizzle.studio.sql import Sql

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

Answer = dict[str, Any]

ROWS = 1_000
"""Rows that a page shows of a result."""
_LONGEST = 2_000
"""Characters of a value."""
_BATCH = 100
_LARGEST = 8_000_000
"""Characters of a result, from which on no more rows are read."""
_SHOWN = frozenset({"show", "explain"})
"""What returns rows though no cursor can be made of it; neither changes anything in a transaction that only reads."""
_READER = "pg_read_all_data"
"""The role that a superuser becomes: PostgreSQL 14 has it, and newer ones."""
_PSEUDO = frozenset({2278})
"""Types without a text: void."""
_SUPERUSER = "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"


@dataclass(frozen=True)
class Shown:
    """A column of a result: its name, and its type's OID and modifier."""

    name: str
    oid: int
    modifier: int


async def read(connection: Connection, sql: str) -> Answer:
    """Return the rows of a statement that only reads. Raises Refused for one that does not."""
    began = time.monotonic()
    await give_up_rights(connection)
    if statements.first_word(sql) in _SHOWN:
        result = await statements.run(connection, sql)
        return await _answer(connection, _columns(result), _rows(result, ROWS), more=False, began=began)
    columns = await _described(connection, sql)
    found, more = await _fetched(connection, sql, columns)
    return await _answer(connection, columns, found, more=more, began=began)


async def write(connection: Connection, sql: str) -> Answer:
    """Run a statement that may write, and return its rows and what it says it did."""
    began = time.monotonic()
    statements.refuse_transactions(sql)
    result = await statements.run(connection, sql)
    found = _rows(result, ROWS)
    answer = await _answer(connection, _columns(result), found, more=result.ntuples > ROWS, began=began)
    command = (result.command_status or b"").decode()
    return {**answer, "command": command, "affected": result.command_tuples}


async def give_up_rights(connection: Connection) -> None:
    """Become a role that may read everything and do nothing else, if this one is a superuser."""
    found = await rows(connection, Sql(_SUPERUSER))
    if found and found[0][0]:
        # Policies would hide rows without a word: with row_security off they are an error that names the table.
        await connection.execute(f"SET LOCAL ROLE {_READER}; SET LOCAL row_security = off".encode())


async def _described(connection: Connection, sql: str) -> list[Shown]:
    """Return the columns of a query; whatever is no query PostgreSQL refuses to make a cursor of."""
    try:
        await statements.run(connection, sql, ahead="DECLARE studio_columns NO SCROLL CURSOR FOR ")
    except Refused as refused:
        raise _explained(refused, sql) from refused
    result = await statements.run(connection, "FETCH FORWARD 0 FROM studio_columns")
    await statements.run(connection, "CLOSE studio_columns")
    return _columns(result)


def _explained(refused: Refused, sql: str) -> Refused:
    """Return what it means that no cursor could be made: of most statements, that they do not only read."""
    word = statements.first_word(sql)
    if word in {"select", "with", "values", "table", "("}:
        return refused
    hint = "start studio with --write to change data; EXPLAIN and SHOW work, too"
    return Refused(403, f"{word.upper()} is no query, and this console only reads", hint=hint, code="read_only")


async def _fetched(connection: Connection, sql: str, columns: Sequence[Shown]) -> tuple[list[list[Cell]], bool]:
    """Return the rows of a query, each value cut by the server, and whether there are more."""
    names = ", ".join(f"c{number}" for number in range(len(columns)))
    cut = ", ".join(_cut(f"q.c{number}", column) for number, column in enumerate(columns))
    ahead = f"DECLARE studio_rows NO SCROLL CURSOR FOR SELECT {cut or 'NULL, NULL'} FROM (\n"
    behind = f"\n) AS q({names})" if names else "\n) AS q"
    await statements.run(connection, sql + behind, ahead=ahead)
    found: list[list[Cell]] = []
    size = 0
    while len(found) <= ROWS and size < _LARGEST:
        result = await statements.run(connection, f"FETCH FORWARD {_BATCH} FROM studio_rows")
        for number in range(result.ntuples):
            found.append([_cell(result, number, 2 * at) for at in range(len(columns))])
            size += sum(len(result.get_value(number, at) or b"") for at in range(result.nfields))
        if result.ntuples < _BATCH:
            return found[:ROWS], len(found) > ROWS
    return found[:ROWS], True


def _cut(of: str, column: Shown) -> str:
    if column.oid in _PSEUDO:
        return "''::pg_catalog.text, 0"
    text = f"{of}::pg_catalog.text"
    return f'pg_catalog."left"({text}, {_LONGEST}), pg_catalog.octet_length({text})'


def _cell(result: PGresult, row: int, at: int) -> Cell:
    """Return a value and its size, which stand side by side."""
    text, size = result.get_value(row, at), result.get_value(row, at + 1)
    if text is None or size is None:
        return None
    return {"text": text.decode(), "cut": int(size)} if int(size) > len(text) else text.decode()


def _rows(result: PGresult, most: int) -> list[list[Cell]]:
    """Return the rows of a result that is here already."""
    return [[_whole(result, row, at) for at in range(result.nfields)] for row in range(min(result.ntuples, most))]


def _whole(result: PGresult, row: int, at: int) -> Cell:
    value = result.get_value(row, at)
    if value is None:
        return None
    text = value.decode()
    return {"text": text[:_LONGEST], "cut": len(value)} if len(text) > _LONGEST else text


def _columns(result: PGresult) -> list[Shown]:
    return [
        Shown((result.fname(at) or b"").decode(), result.ftype(at), result.fmod(at)) for at in range(result.nfields)
    ]


async def _answer(
    connection: Connection, columns: Sequence[Shown], found: list[list[Cell]], *, more: bool, began: float
) -> Answer:
    query = "SELECT pg_catalog.format_type(o, m) FROM ROWS FROM (unnest(%s::oid[]), unnest(%s::int[])) AS t(o, m)"
    types = await rows(connection, Sql(query, ([each.oid for each in columns], [each.modifier for each in columns])))
    return {
        "columns": [{"name": each.name, "type": type_} for each, (type_,) in zip(columns, types, strict=True)],
        "rows": found,
        "more": more,
        "ms": round((time.monotonic() - began) * 1000, 1),
    }
