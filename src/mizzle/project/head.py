"""What stands at the top of up.sql and down.sql: what it does, and what it may cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from mizzle.catalog.address import Address
from mizzle.differ.changes import Create, Drop
from mizzle.planning.plan import Plan
from mizzle.planning.steps import Hazard, HazardCode

_LISTED = 8
_ABOUT_ROLES = ("grants on ", "owner of ", "default privileges")
_PLURALS = {"index": "indexes"}


def up(migration: str, plan: Plan, *, kept: Sequence[Address] = ()) -> list[str]:
    """Return the lines of up.sql's head."""
    lines = [f"migration {migration}", *_summary(plan)]
    if kept:
        lines.append(f"kept, declared by no model: {_some(str(where) for where in kept)}")
    return [*lines, *_hazards(plan.hazards)]


def down(migration: str, plan: Plan, undo: Plan) -> list[str]:
    """Return the lines of down.sql's head: above all, what data cannot come back."""
    gone = [hazard for hazard in plan.hazards if hazard.code is HazardCode.DELETES_DATA]
    lost = [hazard for hazard in undo.hazards if hazard.code is HazardCode.DELETES_DATA]
    dependent = [hazard for hazard in undo.hazards if hazard.code is HazardCode.DATA_DEPENDENT]
    lines = [f"undoes migration {migration}"]
    if gone:
        lines.append("what the migration deleted does not come back:")
        lines += [f"  {hazard.message}" for hazard in gone]
    if lost:
        lines.append("data that was written since cannot be brought back by running the migration again:")
        lines += [f"  {hazard.message}" for hazard in lost]
    if dependent:
        lines.append("this may fail, and then changes nothing:")
        lines += [f"  {hazard.message}" for hazard in dependent]
    return lines


def custom(migration: str) -> list[str]:
    """Return the lines of an empty migration's up.sql."""
    return [
        f"migration {migration}, written by hand",
        "write SQL below, names with their schema: one step in a transaction, or several under lines such as",
        "  -- step 1: transaction",
        "  -- step 2: no transaction; lock_timeout 0; done when index public.orders_at_idx is valid",
        "  -- step 3: backfill public.orders by id",
        "and in down.sql what undoes it; then `mizzle rebase` proves both and records them",
    ]


def _summary(plan: Plan) -> list[str]:
    """Count what is created whole, list what is done to what is there."""
    changes = [change for change in plan.changes if not change.address.kind.startswith(_ABOUT_ROLES)]
    created = Counter(kind for change in changes if isinstance(change, Create) for kind in _kinds(change))
    lines: list[str] = []
    if created:
        lines.append("creates " + ", ".join(_counted(number, kind) for kind, number in created.items()))
    dropped = [str(change) for change in changes if isinstance(change, Drop)]
    other = [str(change) for change in changes if not isinstance(change, Create | Drop)]
    roles = [str(each.address) for each in plan.changes if each.address.kind.startswith(_ABOUT_ROLES)]
    lines += [_some(each) for each in (dropped, other, roles) if each]
    return lines


def _kinds(change: Create) -> Iterable[str]:
    yield change.address.kind
    parts = getattr(change.new, "parts", None)
    if parts is not None:
        yield from (where.kind for where, _ in parts() if where.kind == "index")
        yield from ("foreign key" for _ in getattr(change.new, "foreign_keys", ()))


def _counted(number: int, kind: str) -> str:
    return f"1 {kind}" if number == 1 else f"{number} {_PLURALS.get(kind, kind + 's')}"


def _hazards(hazards: Iterable[Hazard]) -> list[str]:
    listed = list(dict.fromkeys(str(hazard) for hazard in hazards))
    return ["hazards:", *(f"  {each}" for each in listed)] if listed else ["hazards: none"]


def _some(items: Iterable[str]) -> str:
    listed = list(items)
    more = f", and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return ", ".join(listed[:_LISTED]) + more
