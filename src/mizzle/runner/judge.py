"""Holds the folder against the history: what is pending, and what does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mizzle.errors import ConfigError, HistoryError
from mizzle.runner.history import Attempt
from mizzle.runner.units import State, Unit

MISSING = (
    "bring their folders back from version control: what a database has applied stays in the folder; "
    "or is it the database of another project? then correct its URL"
)
UNKNOWN = (
    "update this checkout, or deploy the release that they belong to; "
    "if their folders were deleted here, bring them back from version control"
)
PARTLY = "bring the database up with a release from before the squash, then run this one"
EDITED = "restore the files as they were applied, and put what was changed into a new migration (mizzle generate)"
OUT_OF_ORDER = "put your own migrations on top of those that are applied"
_LISTED = 4
HALF_REVERTED = "finish the rollback: mizzle rollback"


class OutOfOrderError(HistoryError):
    """Migrations are pending below one that is applied, and may not run after it."""


def state_of(unit: Unit, attempt: Attempt | None) -> State:
    """Return where a migration of the folder stands, by the latest attempt at it."""
    if attempt is None or attempt.state == "reverted":
        return "pending"
    if attempt.state == "applied":
        return "applied" if attempt.checksum == unit.checksum else "edited"
    return attempt.state


def strangers(units: Sequence[Unit], latest: Mapping[str, Attempt]) -> tuple[tuple[Attempt, State], ...]:
    """Return what the database has, in part or whole, and the folder has not, in the order of ids.

    It is unknown where its id is above all of the folder's, missing where it is not.
    """
    known = {unit.id for unit in units}
    top = max(known, default="")
    return tuple(
        (attempt, "unknown" if attempt.id > top else "missing")
        for _, attempt in sorted(latest.items())
        if attempt.id not in known and is_there(attempt)
    )


def pending(units: Sequence[Unit], latest: Mapping[str, Attempt], *, to: str | None = None) -> tuple[Unit, ...]:
    """Return what has to run, in order, up to and with `to`.

    Raises HistoryError where folder and history do not fit, ConfigError where there is no migration `to`.
    """
    check(units, latest)
    waiting = tuple(unit for unit in units if not _is_applied(unit, latest))
    _check_order(units, latest)
    for unit in waiting:
        _check_half_reverted(unit, latest)
    if to is None:
        return waiting
    ids = [unit.id for unit in units]
    if to not in ids:
        raise ConfigError(f"there is no migration {to}", hint="mizzle status lists them")
    return tuple(unit for unit in waiting if ids.index(unit.id) <= ids.index(to))


def check(units: Sequence[Unit], latest: Mapping[str, Attempt]) -> None:
    """Raise HistoryError where the folder has lost, does not know or has edited what is applied."""
    found = strangers(units, latest)
    for unit in units:
        if parts := [attempt.id for attempt, _ in found if attempt.id in unit.replaced()]:
            raise HistoryError(
                f"this database has only a part of what {unit.id} replaces, or has it changed: {_some(parts)}",
                hint=PARTLY,
            )
    if missing := [_told(attempt) for attempt, state in found if state == "missing"]:
        raise HistoryError(f"applied to this database, and not in the folder: {_some(missing)}", hint=MISSING)
    if unknown := [_told(attempt) for attempt, state in found if state == "unknown"]:
        raise HistoryError(
            f"applied to this database, and newer than all in the folder: {_some(unknown)}", hint=UNKNOWN
        )
    if edited := [unit.name for unit in units if state_of(unit, latest.get(unit.id)) == "edited"]:
        raise HistoryError(f"edited after it was applied to this database: {', '.join(edited)}", hint=EDITED)


def check_revertible(units: Sequence[Unit], latest: Mapping[str, Attempt], migration: str) -> None:
    """Raise HistoryError unless the migration is applied, wholly or half reverted, and nothing above it is."""
    check(units, latest)
    attempt = latest.get(migration)
    if attempt is None or (attempt.state != "applied" and attempt.direction == "up") or attempt.state == "reverted":
        raise HistoryError(f"{migration} is not applied to this database", hint="mizzle status lists what is")
    ids = [unit.id for unit in units]
    above = [unit.id for unit in units[ids.index(migration) + 1 :] if has_any(unit, latest)] if migration in ids else []
    if above:
        raise HistoryError(
            f"{migration} cannot be reverted before what comes after it: {', '.join(above)}",
            hint=f"revert {above[-1]} first",
        )


def has_any(unit: Unit, latest: Mapping[str, Attempt]) -> bool:
    """Tell whether the database has the migration, in part or whole."""
    attempt = latest.get(unit.id)
    return attempt is not None and is_there(attempt)


def is_there(attempt: Attempt) -> bool:
    """Tell whether something of a migration is there: all, where reverting it came to nothing."""
    reverting = attempt.direction == "down" and attempt.state in {"running", "failed"}
    return attempt.state == "applied" or attempt.touched or reverting


def _is_applied(unit: Unit, latest: Mapping[str, Attempt]) -> bool:
    attempt = latest.get(unit.id)
    return attempt is not None and attempt.state == "applied"


def _check_order(units: Sequence[Unit], latest: Mapping[str, Attempt]) -> None:
    below: list[Unit] = []
    for unit in units:
        if not _is_applied(unit, latest):
            below.append(unit)
        elif stray := [other.id for other in below if other.id not in unit.over]:
            raise OutOfOrderError(
                f"out of order: {', '.join(stray)} pending, and {unit.id}, which comes after, applied",
                hint=f"{OUT_OF_ORDER}: mizzle rebase, with the --url of this database",
            )


def _check_half_reverted(unit: Unit, latest: Mapping[str, Attempt]) -> None:
    attempt = latest.get(unit.id)
    if attempt is not None and (attempt.state, attempt.direction) == ("failed", "down"):
        raise HistoryError(f"{unit.id} is half reverted: {attempt.error.partition(chr(10))[0]}", hint=HALF_REVERTED)


def _some(told: Sequence[str]) -> str:
    more = f", and {len(told) - _LISTED} more" if len(told) > _LISTED else ""
    return ", ".join(told[:_LISTED]) + more


def _told(attempt: Attempt) -> str:
    when = attempt.finished or attempt.started
    how = "applied" if attempt.state == "applied" else "half applied"
    return f"{attempt.id} ({how} {when:%Y-%m-%d %H:%M} by {attempt.role})"
