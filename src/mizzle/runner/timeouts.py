"""How long a step waits for a lock, and how often."""

from __future__ import annotations

import random
from typing import NamedTuple

from mizzle.errors import ConfigError

_UNITS = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_LONGEST = 2**31 - 1
_SHORTEST = 50
_UNNOTICED, _QUICK_TRIES = 40, 10
_UNLIMITED_TRIES = 3
_SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 1, 1, 1)


class Limits(NamedTuple):
    """How long a statement waits for a lock, and how long it runs, in milliseconds; 0 is no limit."""

    lock: int = 0
    statement: int = 0


UNLIMITED = Limits()


def milliseconds(duration: str) -> int:
    """Return a PostgreSQL duration, such as `4s`, `500ms`, `1min` or `0`, in milliseconds. Raises ConfigError."""
    digits = duration.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = duration[len(digits) :] or "ms"
    if not (digits.isascii() and digits.isdigit()) or unit not in _UNITS or int(digits) * _UNITS[unit] > _LONGEST:
        raise ConfigError(
            f"not a duration: {duration}", hint="write 500ms, 4s, 1min, 2h, 1d (24d at most), or 0 for no limit"
        )
    return int(digits) * _UNITS[unit]


def ladder(limit: int) -> tuple[int, ...]:
    """Return the lock timeouts to try one after another, in milliseconds: growing, and none longer than `limit`.

    Everybody else queues behind a lock request that waits; so the first ones are short. Where 0, no limit, is asked
    for, only a deadlock leads to a second try.
    """
    if not limit:
        return (0,) * _UNLIMITED_TRIES
    return tuple(min(limit, max(int(limit * share), _SHORTEST)) for share in _SHARES)


def quick(limit: int) -> tuple[int, ...]:
    """Return the lock timeouts that come before the ladder, in milliseconds: so short that nobody notices them.

    What is in the way of a lock is most often over soon. None where there is no `limit`.
    """
    return (min(limit, _UNNOTICED),) * _QUICK_TRIES if limit else ()


def pause_after(rung: int) -> float:
    """Return how many seconds to leave the others alone after a wait of `rung` milliseconds: about as long."""
    return max(rung, _SHORTEST) / 1000 * random.uniform(0.5, 1.5)  # noqa: S311 - only spreads the tries
