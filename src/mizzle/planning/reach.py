"""How far a statement reaches: what is done to a table is done to those below it, which are locked alike.

Of a partitioned table it is the partitions that are read, written anew, and have the indexes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from mizzle import names
from mizzle.catalog import inheritance
from mizzle.catalog.constraint import Check
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation
from mizzle.planning.steps import Lock, Statement

# What PostgreSQL does to a table alone: its name, comment, parameters, persistence, row security, policies, rules.
_ALONE = re.compile(
    r"COMMENT |CREATE (?:POLICY|RULE|STATISTICS|PUBLICATION|OR REPLACE)|(?:ALTER|DROP) POLICY|DROP (?:RULE|STATISTICS)"
    r"|ALTER TABLE \S+ (?:RENAME TO|SET \(|RESET|SET LOGGED|SET UNLOGGED|ENABLE ROW|DISABLE ROW|FORCE|NO FORCE|REPLICA)"
    r"|ALTER TABLE \S+ (?:NO )?INHERIT|ALTER INDEX|SELECT|CREATE TABLE"
    r'|ALTER TABLE ONLY |CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|\S+) ON ONLY '
)


# What it does to a table alone unless that is partitioned: only partitions have parts of an index.
_OF_INDEXES = re.compile(r"(?:CREATE (?:UNIQUE )?|DROP )INDEX ")

Below = dict[str, tuple[str, ...]]


def passed_down(operations: Iterable[Operation], context: Context) -> list[Operation]:
    """Return `operations` in which each statement names the tables below that it locks."""
    below: Below = {}
    unparted: list[Table] = []
    for table in context.old.tables if context.old_children else ():
        found = tuple(each.address.sql for each in inheritance.descendants(table, context.old_children))
        if found:
            below[table.address.sql] = found
            after = context.new_tables.get(table.address)
            indexes = (*table.indexes, *(after.indexes if after is not None else ()))
            below |= {table.address_of(part).sql: found for part in indexes if table.partition_by is not None}
            if table.partition_by is None:
                unparted += [table, *((after,) if after is not None else ())]
    if not below:
        return list(operations)
    alone = frozenset(statement for table in unparted for statement in _of_keys(table))
    return list(_all_told(operations, below, alone, frozenset(each.address.sql for each in unparted)))


def _of_keys(table: Table) -> Iterator[str]:
    """Yield the statements about keys and foreign keys, which no table that inherits has from its parent."""
    for each in table.constraints:
        if not isinstance(each, Check):
            for action in ("DROP", "VALIDATE"):
                yield f"ALTER TABLE {table.address.sql} {action} CONSTRAINT {names.ident(each.name)}"


def _all_told(
    operations: Iterable[Operation], below: Below, alone: frozenset[str], unparted: frozenset[str]
) -> Iterator[Operation]:
    """Yield the operations, each told of those tables that are not dropped by then."""
    gone: set[str] = set()
    for each in operations:
        there = {name: tuple(n for n in found if n not in gone) for name, found in below.items()} if gone else below
        told = (s if _stays(s, alone, unparted) else _told(s, there) for s in each.statements)
        yield replace(each, statements=tuple(told))
        gone |= {where.sql for where in each.drops - each.makes if where.kind == "table"}


def _stays(statement: Statement, alone: frozenset[str], unparted: frozenset[str]) -> bool:
    if statement.sql in alone or _ALONE.match(statement.sql):
        return True
    return statement.relation in unparted and _OF_INDEXES.match(statement.sql) is not None


def _told(statement: Statement, below: Below) -> Statement:
    relations = (statement.relation, *statement.also)
    reached = [below[relation] for relation in relations if relation in below]
    # A partition that is dropped takes a lock on its parent, and none on its siblings.
    more = [name for found in reached if not _drops(statement, found) for name in found]
    if statement.lock is Lock.NONE or not more:
        return statement
    return msgspec.structs.replace(statement, also=tuple(dict.fromkeys((*statement.also, *more))))


def _drops(statement: Statement, below: tuple[str, ...]) -> bool:
    return statement.relation in below and statement.sql.startswith("DROP TABLE ")
