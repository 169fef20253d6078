"""How many rows a backfill takes at a time, and how long it leaves the others alone in between."""

from __future__ import annotations

from typing import Self

import msgspec

from mizzle.planning.steps import Backfill
from mizzle.runner.timeouts import milliseconds

_FIRST = 500
LARGEST = 5_000
"""Rows of a batch, where none are stated."""

_TARGET = 0.02
"""Seconds that a batch works: about as long as somebody waits for a row of it."""
_LONGEST_PAUSE = 0.05
_GROWTH, _SHRINKING = 2, 8


class Pace(msgspec.Struct, frozen=True):
    """The rows of the next batch, the most that they may become, and the seconds of a pause where these are stated."""

    rows: int
    most: int
    pause: float | None

    @classmethod
    def of(cls, backfill: Backfill) -> Self:
        """Return the pace to begin with: a small batch, which tells how long a larger one would take."""
        most = backfill.batch or LARGEST
        return cls(min(_FIRST, most), most, None if backfill.pause is None else milliseconds(backfill.pause) / 1000)

    def after(self, seconds: float) -> Pace:
        """Return the pace after a batch of `rows` worked for `seconds`: at most twice as many rows."""
        fit = self.rows * _TARGET / max(seconds, _TARGET / _GROWTH)
        return msgspec.structs.replace(self, rows=max(1, min(int(fit), self.most)))

    def smaller(self) -> Pace:
        """Return the pace after a batch that met a lock: the fewer rows it holds, the fewer wait for it meanwhile."""
        return msgspec.structs.replace(self, rows=max(1, self.rows // _SHRINKING))

    def rest(self, seconds: float) -> float:
        """Return how many seconds to pause after a batch that took `seconds`: about as long, unless that is stated."""
        return min(seconds, _LONGEST_PAUSE) if self.pause is None else self.pause
