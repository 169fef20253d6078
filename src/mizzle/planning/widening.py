"""Whether a column of another type takes and gives all that code for the old type writes and reads."""

from __future__ import annotations

from mizzle.planning.recipes.cast import base_type
from mizzle.planning.recipes.conversion import arguments, cuts, fits

# What drivers and operators take for one another; a name or a bit string is none of it.
_WIDER = {
    "smallint": "integer bigint numeric",
    "integer": "bigint numeric",
    "bigint": "numeric",
    "real": "double_precision",
    "character varying": "text",
    "character": "character_varying text",
    "text": "character_varying",
    "cidr": "inet",
}
_PAIRS = frozenset((old, new.replace("_", " ")) for old, targets in _WIDER.items() for new in targets.split())


def works_on(old: str, new: str) -> bool:
    """Say whether code written for a column of type `old` goes on working where it is `new`."""
    if old == new:
        return True
    if old.endswith("[]") != new.endswith("[]"):
        return False
    old, new = old.removesuffix("[]"), new.removesuffix("[]")
    before, after = base_type(old), base_type(new)
    if before != after and (before, after) not in _PAIRS:
        return False
    if "character" in after and arguments(new):
        return bool(arguments(old)) and arguments(old)[0] <= arguments(new)[0]
    return fits(old, new) and not cuts(old, new)
