"""Indexes that no constraint owns."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.index import Index
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, drops, finishes, makes, renames_part
from mizzle.planning.recipes import physical
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement
from mizzle.sqltext import tokens

_PLAIN = frozenset({"(", ",", ")", "DESC", "NULLS", "FIRST", "LAST", "INCLUDE"})


def create(table: Address, index: Index, *, fresh: bool) -> list[Operation]:
    """CREATE INDEX; on a table made in the same plan (`fresh`) there is nothing to scan and nobody to wait."""
    where = address.index(table.names[0], index.name)
    unique = "UNIQUE " if index.unique else ""
    sql = f"CREATE {unique}INDEX {names.ident(index.name)} ON {table.sql} {index.definition}"
    statement = Statement(
        sql,
        lock=Lock.NONE if fresh else Lock.SHARE,
        relation="" if fresh else table.sql,
        hazards=() if fresh else tuple(_hazards(table, index)),
        change=f"create {where}",
    )
    more = [*physical.targets(where, (), index.statistics), *created("INDEX", where.sql, index.comment)]
    return [makes(Phase.CREATE_PART, [statement, *more], where)]


def drop(table: Address, index: Index) -> list[Operation]:
    """DROP INDEX."""
    where = address.index(table.names[0], index.name)
    hazard = Hazard(HazardCode.INDEX_DROPPED, str(where), f"drops {where}: queries that use it slow down")
    statement = Statement(
        f"DROP INDEX {where.sql}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.sql,
        hazards=(hazard,),
        change=f"drop {where}",
    )
    return [drops(Phase.DROP_PART, [statement], where)]


def alter(table: Address, old: Index, new: Index) -> list[Operation]:
    """A comment and statistics targets are changed in place; anything else is another index of the same name."""
    where = address.index(table.names[0], new.name)
    if (old.definition, old.unique, old.valid) != (new.definition, new.unique, new.valid):
        return [*drop(table, old), *create(table, new, fresh=False)]
    statements = physical.targets(where, old.statistics, new.statistics)
    if old.comment != new.comment:
        statements.append(comment("INDEX", where.sql, new.comment, relation=where.sql))
    return [finishes(statements, where)]


def rename(table: Address, old: Index, to: Address, context: Context) -> list[Operation]:
    """ALTER INDEX … RENAME TO."""
    where = address.index(table.names[0], old.name)

    def statement(before: str, after: str) -> Statement:
        name = names.dotted(*where.names[:-1], before)
        return Statement(
            f"ALTER INDEX {name} RENAME TO {names.ident(after)}",
            lock=Lock.SHARE_UPDATE_EXCLUSIVE,
            relation=name,
            change=f"rename {where}",
        )

    return renames_part(statement, where, to, context)


def plain(index: Index) -> bool:
    """Say whether its keys are columns and nothing else: PostgreSQL keeps or rebuilds it when a type changes."""
    allowed = _PLAIN | {names.ident(column) for column in index.columns}
    _, method, *keys = [token.text for token in tokens(index.definition) if token.significant]
    return method.isidentifier() and all(key in allowed for key in keys)


def _hazards(table: Address, index: Index) -> list[Hazard]:
    where = address.index(table.names[0], index.name)
    hazards = [Hazard(HazardCode.INDEX_BUILD, str(where), f"builds {where}: writes to {table.sql} wait meanwhile")]
    if index.unique:
        message = f"fails if rows of {table.sql} have the same values in {where}"
        hazards.append(Hazard(HazardCode.DATA_DEPENDENT, str(where), message))
    return hazards
