"""What triggers and policies have in common: a table or a view that holds them."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.policy import Policy
from mizzle.catalog.trigger import Trigger
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, renames_part
from mizzle.planning.steps import Lock, Statement


def rename(thing: Trigger | Policy, to: Address, context: Context) -> list[Operation]:
    """ALTER TRIGGER or ALTER POLICY … RENAME TO."""
    where, holder = thing.address, names.dotted(thing.schema, thing.table)

    def renamed(before: str, after: str) -> Statement:
        sql = f"ALTER {where.kind.upper()} {names.ident(before)} ON {holder} RENAME TO {names.ident(after)}"
        return Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=holder, change=f"rename {where}")

    return renames_part(renamed, where, to, context)
