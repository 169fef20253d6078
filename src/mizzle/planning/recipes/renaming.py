"""Another name, or another schema, for what stands by itself: all that uses it follows by itself."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.planning.operations import Operation, renames
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement

_WORDS = {"composite type": "TYPE", "range type": "TYPE"}
_LOCKED = frozenset({"table", "view", "materialized view", "sequence", "foreign table"})


def renamed(where: Address, to: Address) -> list[Operation]:
    """ALTER … RENAME TO, or SET SCHEMA where the schema is another one."""
    moves = where.names[:-1] != to.names[:-1]
    action = f"SET SCHEMA {names.ident(to.names[0])}" if moves else f"RENAME TO {names.ident(to.name)}"
    what = f"moves {where} to schema {names.ident(to.names[0])}" if moves else f"renames {where}"
    place = "where it was" if moves else "by the old name"
    lock = Lock.ACCESS_EXCLUSIVE if where.kind in _LOCKED else Lock.NONE
    statement = Statement(
        f"ALTER {_WORDS.get(where.kind, where.kind.upper())} {where.sql} {action}",
        lock=lock,
        relation=where.sql if lock is not Lock.NONE else "",
        hazards=(Hazard(HazardCode.BREAKS_OLD_CODE, str(where), f"{what}: code that looks for it {place} fails"),),
        change=f"rename {where}",
    )
    return [renames(statement)]
