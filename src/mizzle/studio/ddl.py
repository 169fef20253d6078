"""The SQL that would make a relation as it is: planned by the same code that writes migrations."""

from __future__ import annotations

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.catalog.prune import keep
from mizzle.errors import Unsupported
from mizzle.planning.plan import NEWEST, plan
from mizzle.studio.relations import Relation

_ATTACHED = frozenset({"column", "constraint", "trigger", "policy", "rule"})
"""What is addressed by schema, table and name."""


def ddl(catalog: Catalog, relation: Relation) -> str:
    """Return the statements that make `relation`, with what belongs to it; a comment where there is no plan for it."""
    own = {where for where, _ in catalog.objects() if _belongs(where, relation)}
    own |= {
        Address("index", (relation.schema, index.name))
        for table in catalog.tables
        if (table.schema, table.name) == relation.where
        for index in table.indexes
    }
    part = keep(catalog, own.__contains__)
    try:
        planned = plan(EMPTY, part, major=min(catalog.major or NEWEST, NEWEST))
    except Unsupported as error:
        return f"-- {error.message}\n"
    statements = [statement.sql for step in planned.steps for statement in step.statements]
    return "".join(f"{each};\n\n" for each in statements).rstrip("\n") + "\n"


def _belongs(where: Address, relation: Relation) -> bool:
    if where.kind in _ATTACHED:
        return where.names[:2] == relation.where
    kinds = {"table", "view", "materialized view", "foreign table"}
    return where.kind in kinds and where.names == relation.where
