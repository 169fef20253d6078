"""What `migrate --dry-run` prints: the pending migrations, and what each step would do to this database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from msgspec.structs import asdict

from mizzle.cli.results.database import Foreseen
from mizzle.cli.results.steps import LockMode, SizedLock, SizedStep
from mizzle.cli.steps import tell
from mizzle.migrations.folder import Migration
from mizzle.runner import notes
from mizzle.runner.activity import age
from mizzle.runner.forecast import Forecast, StepForecast


def lines(forecasts: Iterable[Forecast]) -> Iterator[str]:
    """Yield the lines for a person: of each step what it locks that is there, and its long work."""
    for each in forecasts:
        yield f"pending  {each.id}"
        for step in each.steps:
            yield from _step(step, len(each.steps))


def as_json(forecasts: Iterable[Forecast], *, tenant: str = "") -> tuple[Foreseen, ...]:
    """Return the same for a program; bytes, rows and seconds as numbers, or None where nobody can say."""
    return tuple(
        Foreseen(migration=each.id, steps=tuple(_as_json(step, tenant) for step in each.steps)) for each in forecasts
    )


def as_markdown(forecasts: Iterable[Forecast], chain: Iterable[Migration], *, tenant: str = "") -> str:
    """Return the same for a comment on a pull request; `chain` has the files of what is pending."""
    from mizzle.cli import markdown  # noqa: PLC0415 - who reads text needs none
    from mizzle.cli.show import about  # noqa: PLC0415 - nor this

    files = {each.id: each for each in chain}
    told = [(files[each.id], [_as_json(step, tenant) for step in each.steps]) for each in forecasts]
    parts = [markdown.Part(markdown.summary(m.id, len(s)), about(m), s, m.up_sql) for m, s in told]
    return markdown.page(parts, headline=f"{markdown.count(len(parts), 'migration')} pending")


def _as_json(step: StepForecast, tenant: str) -> SizedStep:
    locks = tuple(
        SizedLock(relation=t.name, lock=cast("LockMode", t.lock), bytes=t.bytes, rows=t.rows) for t in step.touched
    )
    said: dict[str, Any] = asdict(tell(step.number, step.step, tenant=tenant))
    said |= {"locks": locks, "seconds": None if step.seconds is None else round(step.seconds, 3)}
    return SizedStep(**said)


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
    work = (f"{kind} {', '.join(listed)}" for kind, listed in asdict(notes.read(step.step).work).items() if listed)
    match step.seconds:
        case None:
            long = ""
        case 0.0:
            long = "only changes the catalog"
        case seconds:
            long = f"about {age(max(seconds, 0.001))}"
    said = "; ".join(part for part in (codes, *work, long) if part)
    if said:
        yield f"           {said}"
