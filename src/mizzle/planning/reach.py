"""How far a statement reaches: what is done to a table is done to those below it, which are locked alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from mizzle.catalog import inheritance
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation
from mizzle.planning.steps import Lock, Statement

# What PostgreSQL does to a table alone: its name, comment, parameters, persistence, row security, policies, rules.
_ALONE = re.compile(
    r"COMMENT |CREATE (?:POLICY|RULE|STATISTICS|PUBLICATION|OR REPLACE)|(?:ALTER|DROP) POLICY|DROP (?:RULE|STATISTICS)"
    r"|ALTER TABLE \S+ (?:RENAME TO|SET \(|RESET|SET LOGGED|SET UNLOGGED|ENABLE ROW|DISABLE ROW|FORCE|NO FORCE|REPLICA)"
    r"|ALTER TABLE \S+ (?:NO )?INHERIT|ALTER INDEX|SELECT|CREATE TABLE"
)


def passed_down(operations: Iterable[Operation], context: Context) -> list[Operation]:
    """Return `operations` in which each statement names the tables below that it locks."""
    below: dict[str, tuple[str, ...]] = {}
    for table in context.old.tables if context.old_children else ():
        found = tuple(each.address.sql for each in inheritance.descendants(table, context.old_children))
        if found:
            below[table.address.sql] = found
            after = context.after.get(table.address)
            for part in (*table.indexes, *(after.indexes if isinstance(after, type(table)) else ())):
                below[table.address_of(part).sql] = found
    if not below:
        return list(operations)
    return list(_all_told(operations, below))


def _all_told(operations: Iterable[Operation], below: dict[str, tuple[str, ...]]) -> Iterator[Operation]:
    """Yield the operations, each told of those tables that are not dropped by then."""
    gone: set[str] = set()
    for each in operations:
        there = {name: tuple(n for n in found if n not in gone) for name, found in below.items()} if gone else below
        yield replace(each, statements=tuple(_told(s, there) for s in each.statements))
        gone |= {where.sql for where in each.drops if where.kind == "table"}


def _told(statement: Statement, below: dict[str, tuple[str, ...]]) -> Statement:
    relations = (statement.relation, *statement.also)
    reached = [below[relation] for relation in relations if relation in below]
    # A partition that is dropped takes a lock on its parent, and none on its siblings.
    more = [name for names in reached if not _drops(statement, names) for name in names]
    if statement.lock is Lock.NONE or not more or _ALONE.match(statement.sql):
        return statement
    return msgspec.structs.replace(statement, also=tuple(dict.fromkeys((*statement.also, *more))))


def _drops(statement: Statement, below: tuple[str, ...]) -> bool:
    return statement.relation in below and statement.sql.startswith("DROP TABLE ")
