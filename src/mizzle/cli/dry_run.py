"""What `migrate --dry-run` prints: the pending migrations, and what each step would do to this database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mizzle.runner.activity import age
from mizzle.runner.forecast import Forecast, StepForecast


def lines(forecasts: Iterable[Forecast]) -> Iterator[str]:
    """Yield the lines for a person: of each step what it locks that is there, and its long work."""
    for each in forecasts:
        yield f"pending  {each.id}"
        for step in each.steps:
            yield from _step(step, len(each.steps))


def as_json(forecasts: Iterable[Forecast]) -> list[dict[str, object]]:
    """Return the same for a program; bytes, rows and seconds as numbers, or null where nobody can say."""
    return [
        {
            "migration": each.id,
            "steps": [
                {
                    "step": step.number,
                    "transaction": step.transaction,
                    "backfill": step.backfill,
                    "locks": [
                        {"relation": t.name, "lock": t.lock, "bytes": t.bytes, "rows": t.rows} for t in step.touched
                    ],
                    "hazards": [{"code": code, "message": message} for code, message in step.hazards],
                    "seconds": None if step.seconds is None else round(step.seconds, 3),
                }
                for step in each.steps
            ],
        }
        for each in forecasts
    ]


def _step(step: StepForecast, of: int) -> Iterator[str]:
    how = ", in batches" if step.backfill else "" if step.transaction else ", outside a transaction"
    named = f"step {step.number} of {of}{how}"
    there = [touched for touched in step.touched if touched.bytes is not None]
    if not there:
        return
    yield f"         {named}"
    for touched in there:
        yield f"           {touched}"
    codes = ", ".join(dict.fromkeys(code for code, _ in step.hazards))
    match step.seconds:
        case None:
            long = ""
        case 0.0:
            long = "only changes the catalog"
        case seconds:
            long = f"about {age(max(seconds, 0.001))}"
    said = "; ".join(part for part in (codes, long) if part)
    if said:
        yield f"           {said}"
