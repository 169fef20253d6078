"""What a dry run says of each step: what it touches here, how large that is, and about how long it takes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mizzle.planning.steps import Backfill, HazardCode, Step
from mizzle.runner import notes
from mizzle.runner.connection import Connection
from mizzle.runner.pace import LARGEST
from mizzle.runner.timeouts import milliseconds
from mizzle.runner.units import Unit

# Bytes of a table (without its indexes) in a second, on one core with the table in memory: the medians of `make
# bench-rates`, rounded down. A disk that has to be read, or a busy server, takes longer.
RATES = {HazardCode.TABLE_SCAN: 500_000_000, HazardCode.INDEX_BUILD: 250_000_000, HazardCode.TABLE_REWRITE: 200_000_000}
BACKFILL_RATE = 30_000
"""Rows of a backfill in a second, with its pauses."""

_SIZES = """
SELECT name, pg_catalog.pg_table_size(r.oid), greatest(c.reltuples, 0)::int8
FROM unnest(%s::text[]) AS names (name)
CROSS JOIN pg_catalog.to_regclass(name) AS r (oid)
JOIN pg_catalog.pg_class AS c ON c.oid = r.oid
"""
_KILO = 1000


class Touched(msgspec.Struct, frozen=True):
    """A relation that a step locks: its size in bytes without indexes, and about how many rows it has.

    Both are None for one that is not there yet, or is not now.
    """

    name: str
    lock: str
    bytes: int | None = None
    rows: int | None = None

    def __str__(self) -> str:
        known = "" if self.bytes is None or self.rows is None else f" ({size(self.bytes)}, about {self.rows:,} rows)"
        return f"{self.lock} on {self.name}{known}"


class StepForecast(msgspec.Struct, frozen=True):
    """One step: what it touches, its hazards (code and sentence), and about how many seconds its long work takes.

    `seconds` is 0 for a step that only changes the catalog, None where nobody can say. `step` is what runs; `backfill`:
    it goes in batches through the table that it touches.
    """

    number: int
    transaction: bool
    touched: tuple[Touched, ...]
    hazards: tuple[tuple[str, str], ...]
    seconds: float | None
    step: Step
    backfill: bool = False


class Forecast(msgspec.Struct, frozen=True):
    """One pending migration, step by step."""

    id: str
    steps: tuple[StepForecast, ...]


def forecast(conn: Connection, units: Sequence[Unit], *, tenant: str = "") -> tuple[Forecast, ...]:
    """Return what running `units` would do in the database behind `conn`; changes nothing."""
    read = {unit.id: tuple(map(notes.read, unit.steps)) for unit in units}
    wanted = {name for found in read.values() for each in found for name in each.of_tenant(tenant)}
    rows = conn.execute(_SIZES.encode(), (sorted(wanted),)).fetchall() if wanted else []
    sizes = {name: (int(number), int(count)) for name, number, count in rows}
    return tuple(
        Forecast(
            unit.id,
            tuple(
                _step(number, step, found, tenant, sizes)
                for number, (step, found) in enumerate(zip(unit.steps, read[unit.id], strict=True), 1)
            ),
        )
        for unit in units
    )


def _step(number: int, step: Step, found: notes.Notes, tenant: str, sizes: dict[str, tuple[int, int]]) -> StepForecast:
    touched = tuple(
        Touched(name, str(lock), *sizes.get(name, (None, None))) for name, lock in found.of_tenant(tenant).items()
    )
    seconds = 0.0 if notes.is_brief(step) else _seconds(found, touched)
    if step.backfill is not None:
        seconds = _in_batches(step.backfill, max((each.rows or 0 for each in touched), default=0))
    in_batches = step.backfill is not None
    return StepForecast(number, step.transaction, touched, found.hazards, seconds, step, backfill=in_batches)


def _in_batches(backfill: Backfill, rows: int) -> float | None:
    """Return how long a backfill of so many rows takes: by its own batches and pauses, where these make it longer."""
    if not rows:
        return None
    pauses = milliseconds(backfill.pause or "0") / 1000 * rows / (backfill.batch or LARGEST)
    return max(rows / BACKFILL_RATE, pauses)


def _seconds(found: notes.Notes, touched: Sequence[Touched]) -> float | None:
    """Return how long the hazards' work takes: each goes once through the largest of the relations."""
    largest = max((each.bytes or 0 for each in touched), default=0)
    rates = [RATES[code] for code in found.long]
    return sum(largest / rate for rate in rates) if rates and touched else None


def size(number: int) -> str:
    """Return bytes as people say them: `8 kB`, `1.2 GB`."""
    amount, units = float(number), ("bytes", "kB", "MB", "GB", "TB")
    for unit in units:
        if amount < _KILO or unit == units[-1]:
            return f"{amount:.0f} {unit}" if amount >= 10 or unit == "bytes" else f"{amount:.1f} {unit}"  # noqa: PLR2004
        amount /= _KILO
    raise AssertionError
