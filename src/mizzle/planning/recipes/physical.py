"""How columns, tables and indexes lie on disk, and what the planner is told of them."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, finishes
from mizzle.planning.recipes.cast import base_type
from mizzle.planning.recipes.storage import clause
from mizzle.planning.steps import Lock, Statement

_DEFAULT_STORAGE = 16
"""The version from which on SET STORAGE knows DEFAULT."""

_WITHOUT = frozenset({"FULL", "NOTHING"})
"""What a replica identity is called that has no index."""

_MAIN = frozenset({"numeric", "inet", "cidr"})
_PLAIN = frozenset(
    {"smallint", "integer", "bigint", "real", "double precision", "boolean", "uuid", "date", "oid", "money", "name"}
)


def altered(table: Address, old: Column, new: Column, *, major: int = 0) -> list[Statement]:
    """Return what brings storage, compression, statistics target and options of a column from `old` to `new`."""
    where = Address("column", (*table.names, new.name))

    def statement(action: str, lock: Lock) -> Statement:
        sql = f"ALTER TABLE {table.sql} ALTER COLUMN {names.ident(new.name)} {action}"
        return Statement(sql, lock=lock, relation=table.sql, change=f"alter {where}")

    result: list[Statement] = []
    if old.storage != new.storage:
        result.append(statement(f"SET STORAGE {new.storage or _storage(new, major)}", Lock.ACCESS_EXCLUSIVE))
    if old.compression != new.compression:
        result.append(statement(f"SET COMPRESSION {new.compression or 'DEFAULT'}", Lock.ACCESS_EXCLUSIVE))
    if old.statistics != new.statistics:
        result.append(statement(f"SET STATISTICS {new.statistics}", Lock.SHARE_UPDATE_EXCLUSIVE))
    if old.options != new.options:
        wanted = {option.partition("=")[0] for option in new.options}
        gone = [key for option in old.options if (key := option.partition("=")[0]) not in wanted]
        if gone:
            result.append(statement(f"RESET ({', '.join(gone)})", Lock.SHARE_UPDATE_EXCLUSIVE))
        if changed := tuple(option for option in new.options if option not in old.options):
            result.append(statement(f"SET ({clause(changed)})", Lock.SHARE_UPDATE_EXCLUSIVE))
    return result


def targets(index: Address, old: tuple[int, ...], new: tuple[int, ...]) -> list[Statement]:
    """Return what brings the statistics targets of an index from `old` to `new`."""
    pairs = zip(old or (-1,) * len(new), new or (-1,) * len(old), strict=True)
    return [
        Statement(
            f"ALTER INDEX {index.sql} ALTER COLUMN {place} SET STATISTICS {after}",
            lock=Lock.SHARE_UPDATE_EXCLUSIVE,
            relation=index.sql,
            change=f"alter {index}",
        )
        for place, (before, after) in enumerate(pairs, 1)
        if before != after
    ]


def chosen(old: Table, new: Table, context: Context) -> list[Operation]:
    """Return what says by which indexes a table is identified for replicas, and clustered; again where they are new."""
    where = new.address
    operations: list[Operation] = []
    index = new.replica_identity.removeprefix("USING INDEX ")
    again = index != new.replica_identity and _made_anew(new, index, context)
    if old.replica_identity != new.replica_identity or again:
        sql = f"ALTER TABLE {where.sql} REPLICA IDENTITY {new.replica_identity or 'DEFAULT'}"
        operations.append(_finish(new, sql, index, Lock.ACCESS_EXCLUSIVE))
    name = names.ident(new.clustered) if new.clustered else ""
    if old.clustered != new.clustered or (new.clustered and _made_anew(new, name, context)):
        action = f"CLUSTER ON {name}" if new.clustered else "SET WITHOUT CLUSTER"
        operations.append(_finish(new, f"ALTER TABLE {where.sql} {action}", name, Lock.SHARE_UPDATE_EXCLUSIVE))
    return operations


def leans_on_made_anew(table: Table, context: Context) -> bool:
    """Say whether a table is identified or clustered by an index that is dropped and made again."""
    index = table.replica_identity.removeprefix("USING INDEX ")
    clustered = names.ident(table.clustered) if table.clustered else ""
    return any(_made_anew(table, name, context) for name in (index, clustered))


def _made_anew(table: Table, index: str, context: Context) -> bool:
    fates = context.fates
    return any(where in fates.lost or where in fates.altered for where in _indexes(table, index))


def _finish(table: Table, sql: str, index: str, lock: Lock) -> Operation:
    statement = Statement(sql, lock=lock, relation=table.address.sql, change=f"alter {table.address}")
    return finishes([statement], table.address, *_indexes(table, index))


def _indexes(table: Table, index: str) -> list[Address]:
    """Return the addresses of an index, `index` in SQL, and of the constraint that may have it."""
    if not index or index in _WITHOUT:
        return []
    (name,) = names.parse(index)
    return [address.index(table.schema, name), address.constraint(table.schema, table.name, name)]


def _storage(column: Column, major: int) -> str:
    if major >= _DEFAULT_STORAGE:
        return "DEFAULT"
    base = base_type(column.type)
    return "MAIN" if base in _MAIN else "PLAIN" if base in _PLAIN else "EXTENDED"
