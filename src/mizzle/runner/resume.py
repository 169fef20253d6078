"""What an attempt finds of the earlier ones: whether the file still says what ran, and how far that got."""

from __future__ import annotations

from collections.abc import Mapping

from mizzle.errors import HistoryError
from mizzle.planning.steps import Step
from mizzle.runner.history import StepRecord, step_checksum
from mizzle.runner.locate import Place
from mizzle.runner.units import Unit


def places(unit: Unit) -> tuple[Place, ...]:
    """Return the steps of a migration, each with where it stands."""
    return tuple(Place(unit.name, number, len(unit.steps), step) for number, step in enumerate(unit.steps, 1))


def check(unit: Unit, progress: Mapping[int, StepRecord]) -> None:
    """Raise HistoryError where what ran before is not what the file says, or where nobody can say what it did."""
    there = {place.number: place for place in places(unit)}
    for number, record in progress.items():
        place = there.get(number)
        if record.state == "done" and (place is None or step_checksum(place.step) != record.checksum):
            raise HistoryError(
                f"{unit.name}, step {number}: it ran in an earlier attempt, and was edited or taken out since",
                hint="restore the step as it ran, and change the steps behind it only",
            )
        if record.state == "started" and place and _is_unknown(place.step, record):
            raise HistoryError(
                f"{place}: it was begun in an earlier attempt, and nobody can say whether it was done",
                hint="look, then state `done when ...` in its header, or tell with mizzle resolve",
            )


def _is_unknown(step: Step, record: StepRecord) -> bool:
    """Say whether nobody can tell how far a step is that was begun: a backfill says so itself."""
    if (step.backfill is None) != (record.position is None):
        return True
    return step.backfill is None and not step.transaction and step.done_when is None
