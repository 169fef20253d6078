"""Changes of rows, each as the SQL that will run: what is shown is what is run.

A row is changed or deleted only if it is still as it was shown: its old values stand in the condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from mizzle.names import dotted, ident, literal
from mizzle.studio import statements
from mizzle.studio.database import Connection
from mizzle.studio.refused import Refused
from mizzle.studio.relations import Column, Relation

MOST = 1_000
"""Changes at a time."""


class Change(msgspec.Struct):
    """One row: `key` tells which (none for a new one), `values` its new values, `old` those that were shown."""

    op: Literal["insert", "update", "delete"]
    key: list[str] | None = None
    values: dict[str, str | None] = {}
    old: dict[str, str | None] = {}


def statements_of(relation: Relation, changes: list[Change]) -> list[str]:
    """Return each change as a statement. Raises Refused for what no such statement can be made of."""
    if not changes or len(changes) > MOST:
        raise Refused(400, f"there are {len(changes)} changes: from 1 to {MOST:,} are made at a time", code="changes")
    if not relation.key or relation.kind not in {"table", "partitioned", "partition"}:
        message = f"rows of {relation.schema}.{relation.name} cannot be changed here: nothing tells them apart"
        raise Refused(400, message, hint="write the statement in the console", code="changes")
    return [_statement(relation, change) for change in changes]


async def run(connection: Connection, made: list[str]) -> None:
    """Run the statements. Raises Refused where one of them does not meet exactly one row."""
    for number, sql in enumerate(made, 1):
        result = await statements.run(connection, sql)
        if result.command_tuples != 1:
            message = f"statement {number} met {result.command_tuples or 0} rows instead of one, and nothing is changed"
            raise Refused(409, message, hint="the row was changed or deleted meanwhile: read it again", code="changed")


def _statement(relation: Relation, change: Change) -> str:
    table = dotted(*relation.where)
    for each in (*change.values, *change.old):
        if not relation.column(each).writable and each in change.values:
            raise Refused(400, f"column {each} is made by PostgreSQL itself", code="changes")
    match change.op:
        case "insert":
            return _insert(table, change.values)
        case "update":
            if not change.values:
                raise Refused(400, "nothing of this row is to be changed", code="changes")
            pairs = ", ".join(f"{ident(name)} = {_value(to)}" for name, to in change.values.items())
            return f"UPDATE {table} SET {pairs} WHERE {_condition(relation, change)}"
        case "delete":
            return f"DELETE FROM {table} WHERE {_condition(relation, change)}"


def _insert(table: str, values: Mapping[str, str | None]) -> str:
    if not values:
        return f"INSERT INTO {table} DEFAULT VALUES"
    listed = ", ".join(map(_value, values.values()))
    return f"INSERT INTO {table} ({', '.join(map(ident, values))}) VALUES ({listed})"


def _value(to: str | None) -> str:
    if to is not None and "\0" in to:
        raise Refused(400, "a value holds a zero byte, which no text in PostgreSQL can", code="changes")
    return "NULL" if to is None else literal(to)


def _condition(relation: Relation, change: Change) -> str:
    if change.key is None or len(change.key) != len(relation.key):
        raise Refused(400, "this is no row of the table", code="key")
    keys = [f"{ident(name)} = {_value(part)}" for name, part in zip(relation.key, change.key, strict=True)]
    return " AND ".join([*keys, *_unchanged(relation, change.old)])


def _unchanged(relation: Relation, old: Mapping[str, str | None]) -> Iterator[str]:
    for name, text in old.items():
        column: Column = relation.column(name)
        if text is None:
            yield f"{ident(name)} IS NULL"
        elif column.ordered:
            yield f"{ident(name)} = {_value(text)}"
        else:  # json, xml, points: without an equality that could be asked for
            yield f"{ident(name)}::text = {_value(text)}"


def answer(made: list[str]) -> dict[str, Any]:
    """Return the statements as a page shows them."""
    return {"sql": "".join(f"{each};\n" for each in made)}
