"""How a folder whose old migrations were squashed reads the history of a database that has run them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from mizzle.runner.history import Attempt
    from mizzle.runner.units import Replaced, Unit


def as_read_by(units: Sequence[Unit], latest: Mapping[str, Attempt]) -> Mapping[str, Attempt]:
    """Return the latest attempts as `units` read them: whoever has all that one of them replaces has that one.

    What a database has only in part is left as it is: those are then missing in the folder.
    """
    found = dict(latest)
    for unit in units:
        own = latest.get(unit.id)
        if not unit.replaces or own is None:  # the last one that it replaces has its id
            continue
        itself = own.checksum == unit.checksum and own.state == "applied"
        wholly = all(_has(each, latest) for each in unit.replaces)
        reverting = own.direction == "down" and own.state in {"running", "failed"}
        if itself or wholly or (reverting and all(_has(e, latest) for e in unit.replaces if e.id != unit.id)):
            for each in unit.replaced() - {unit.id}:
                found.pop(each, None)
        if wholly:
            found[unit.id] = replace(own, checksum=unit.checksum)
    return found


def _has(replaced: Replaced, latest: Mapping[str, Attempt]) -> bool:
    """Say whether a database has a replaced migration as it was, or all that this one has replaced."""
    attempt = latest.get(replaced.id)
    if attempt is not None and attempt.state == "applied" and attempt.checksum == replaced.up:
        return True
    return bool(replaced.replaces) and all(_has(each, latest) for each in replaced.replaces)
