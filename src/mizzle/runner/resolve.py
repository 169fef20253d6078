"""What a person tells the history: that a migration is applied or reverted, though no run of ours made it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mizzle.errors import ConfigError, HistoryError
from mizzle.runner import judge
from mizzle.runner.connection import Connection
from mizzle.runner.events import Listener, ignore
from mizzle.runner.history import Attempt, Ledger, Origin
from mizzle.runner.migrate import SCHEMA, open_ledger
from mizzle.runner.scope import WHOLE, Scope
from mizzle.runner.units import Direction, Unit
from mizzle.runner.work import opened


def resolve(  # noqa: PLR0913 - one keyword for each setting
    target: str | Connection,
    units: Sequence[Unit],
    migration: str,
    direction: Direction,
    *,
    reason: str,
    schema: str = SCHEMA,
    scope: Scope = WHOLE,
    wait: float = 60.0,
    on_event: Listener | None = None,
) -> None:
    """Record `migration` as applied (up) or as reverted (down), with the reason; nothing of it is run.

    What is applied has to be in the folder, whose checksum is recorded: a file that was edited counts as it is. Raises
    ConfigError for a migration that neither folder nor history has, or for no reason; HistoryError where it stands so
    already; LockedError.
    """
    if not reason.strip():
        raise ConfigError("no reason is given", hint="say why, for those who read the history: --reason TEXT")
    by_id = {unit.id: unit for unit in units}
    with (
        open_ledger(target, schema, scope) as ledger,
        opened(ledger, units, wait=wait, on_event=on_event or ignore) as latest,
    ):
        unit, attempt = by_id.get(migration), latest.get(migration)
        if unit is None and (attempt is None or direction == "up"):
            raise ConfigError(f"there is no migration {migration} in the folder", hint="mizzle status lists them")
        _refuse_same(migration, unit, attempt, direction)
        checksum = unit.checksum if unit is not None else attempt.checksum if attempt is not None else ""
        ledger.tell(migration, direction, checksum, origin="resolve", reason=reason)


def record(
    ledger: Ledger,
    units: Sequence[Unit],
    latest: Mapping[str, Attempt],
    *,
    origin: Origin,
    reason: str | None = None,
) -> tuple[str, ...]:
    """Record those of `units` as applied that the history, `latest`, has not; return their ids.

    Only for who holds the lock.
    """
    judge.check(units, latest)
    told = [unit for unit in units if not _is_applied(latest, unit.id)]
    with ledger.conn.transaction():
        for unit in told:
            ledger.tell(unit.id, "up", unit.checksum, origin=origin, reason=reason)
    return tuple(unit.id for unit in told)


def _refuse_same(migration: str, unit: Unit | None, attempt: Attempt | None, direction: Direction) -> None:
    state = judge.state_of(unit, attempt) if unit is not None else "applied"
    if direction == "up" and state == "applied":
        raise HistoryError(f"{migration} is recorded as applied already", hint="mizzle status shows it")
    if direction == "down" and (attempt is None or attempt.state == "reverted"):
        raise HistoryError(f"{migration} is not recorded as applied", hint="mizzle status shows where it stands")


def _is_applied(latest: Mapping[str, Attempt], migration: str) -> bool:
    attempt = latest.get(migration)
    return attempt is not None and attempt.state == "applied"
