"""What PostgreSQL reads again when the type of a column changes: the whole table, some of its indexes, its checks."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, Constraint, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.recipes import constraint, conversion, index
from mizzle.planning.steps import Hazard, HazardCode


def rewrites(old: Column, new: Column, context: Context) -> bool:
    """Say whether the change of type may write the table anew."""
    return conversion.rewrites(old.type, new.type, domains=(context.old.domains, context.new.domains))


def looked_at(table: Table, old: Column, new: Column, context: Context) -> Iterator[Index | Constraint]:
    """Yield what PostgreSQL goes through the table for when a type changes that it does not write it anew for.

    These are indexes that it builds anew, as they compare in another way or are over more than columns, and checks.
    """
    domains = (context.old.domains, context.new.domains)
    anew = old.collation != new.collation or conversion.reindexes(old.type, new.type, domains=domains)
    there = context.old_tables.get(table.address)
    for where, part in there.parts() if there is not None else ():
        if isinstance(part, Column) or new.name not in part.columns or context.gone(where):
            continue
        match part:
            case Index():
                found = anew or not index.plain(part)
            case PrimaryKey() | Unique() | Exclusion():
                found = anew
            case Check():
                found = not constraint.is_lenient(part)
            case ForeignKey():
                found = False
        if found:
            yield part


def hazards(table: Table, old: Column, new: Column, context: Context) -> Iterator[Hazard]:
    """Yield the hazards of what PostgreSQL goes through the table for."""
    for part in looked_at(table, old, new, context):
        where = table.address_of(part)
        if isinstance(part, Check):
            message = f"{where} reads every row: nobody can use {table.address} meanwhile"
            yield Hazard(HazardCode.TABLE_SCAN, str(where), message)
        else:
            message = f"builds {where} anew: nobody can use {table.address} meanwhile"
            yield Hazard(HazardCode.INDEX_BUILD, str(where), message)
