"""Where each migration stands in one database, without changing anything there."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from mizzle.runner import contracts, judge
from mizzle.runner.activity import Holder
from mizzle.runner.connection import Connection
from mizzle.runner.history import ABANDONED, Attempt
from mizzle.runner.lock import lock_holder
from mizzle.runner.migrate import SCHEMA, open_ledger
from mizzle.runner.scope import WHOLE, Scope
from mizzle.runner.units import State, Unit, UnitStatus

_RUN_AGAIN = "run mizzle migrate again: it goes on where it stopped"
_HINTS: dict[State, str] = {
    "edited": judge.EDITED,
    "missing": judge.MISSING,
    "unknown": judge.UNKNOWN,
    "running": "wait for it",
}


def status(
    target: str | Connection, units: Sequence[Unit], *, schema: str = SCHEMA, scope: Scope = WHOLE
) -> tuple[UnitStatus, ...]:
    """Return where the migrations of `units` stand, in the folder's order, and then those that only the database has.

    Creates nothing and takes no lock. Raises ConfigError and DatabaseError; HistoryError only for a history that a
    newer version wrote.
    """
    with open_ledger(target, schema, scope) as ledger:
        latest = ledger.read(units)
        running = any(attempt.state == "running" for attempt in latest.values())
        holder = lock_holder(ledger.conn, schema, scope.tenant) if running else None
    pending = [unit for unit in units if judge.state_of(unit, latest.get(unit.id)) == "pending"]
    held = {each.id: each for each in contracts.apart(pending, latest, to=None, contract=False)[1]}
    known = [
        replace(
            _status(unit.id, judge.state_of(unit, latest.get(unit.id)), latest.get(unit.id), holder),
            contracts=unit.contracts,
        )
        for unit in units
    ]
    known = [replace(each, hint=str(held[each.id])) if each.id in held else each for each in known]
    parts = frozenset(each for unit in units for each in unit.replaced())
    others = [
        _status(attempt.id, state, attempt, holder, hint=judge.PARTLY if attempt.id in parts else "")
        for attempt, state in judge.strangers(units, latest)
    ]
    return (*known, *others)


def _status(
    migration: str, state: State, attempt: Attempt | None, holder: Holder | None, *, hint: str = ""
) -> UnitStatus:
    if attempt is None:
        return UnitStatus(migration, "pending")
    error = attempt.error
    if state == "running" and holder is None:
        state, error = "failed", ABANDONED
    hint = hint or _HINTS.get(state, "")
    if state == "failed":
        hint = _RUN_AGAIN if attempt.direction == "up" else judge.HALF_REVERTED
    return UnitStatus(
        migration,
        state,
        direction=attempt.direction,
        when=attempt.finished or attempt.started,
        seconds=(attempt.finished - attempt.started).total_seconds() if attempt.finished else None,
        role=attempt.role,
        host=attempt.host,
        version=attempt.version,
        error=f"{holder}" if state == "running" else error,
        hint=hint,
    )
