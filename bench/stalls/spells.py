"""What clients waited for in a stretch of time."""

from __future__ import annotations

from bench.stalls.crowd import Crowd
from bench.stalls.results import Spell

_MOST = 0.999


def spell(crowd: Crowd, begun: float, ended: float, *, whole: bool = False) -> Spell:
    """Return the waits of all statements that ran between two moments of perf_counter.

    `whole` leaves out those that only began or only ended there. Without any, all is 0.
    """
    if whole:
        waits = [wait for wait in crowd.waits if begun <= wait.begun and wait.ended <= ended]
    else:
        waits = [wait for wait in crowd.waits if wait.begun < ended and wait.ended > begun]
    if not waits:
        return Spell(0, 0, 0)
    waits.sort(key=lambda wait: wait.seconds)
    failed = sum(wait.failed for wait in waits)
    return Spell(
        worst=round(1000 * waits[-1].seconds, 3),
        p999=round(1000 * waits[min(len(waits) - 1, int(_MOST * len(waits)))].seconds, 3),
        statements=len(waits),
        slowest=waits[-1].statement,
        failed=failed,
        error=crowd.error if failed else "",
        at=round(waits[-1].begun - begun, 3),
    )
