"""What each finding means: how bad it is, by which hazards a step states that it knows of it, and the way out."""

from __future__ import annotations

import msgspec

from mizzle.lint.findings import Code, Level
from mizzle.planning.steps import HazardCode


class Meaning(msgspec.Struct, frozen=True):
    """How bad a finding is, by which hazards a step states that it knows of it, and the way out."""

    level: Level
    hazards: tuple[HazardCode, ...]
    hint: str


MEANINGS = {
    Code.BLOCKING_REWRITE: Meaning(
        "error",
        (HazardCode.TABLE_REWRITE,),
        "add a new column without a default, fill it in batches, and swap the names in a short step",
    ),
    Code.BLOCKING_SCAN: Meaning(
        "error",
        (HazardCode.TABLE_SCAN,),
        "add the constraint NOT VALID, and VALIDATE it in a step of its own: others read and write meanwhile",
    ),
    Code.BLOCKING_BUILD: Meaning(
        "error",
        (HazardCode.INDEX_BUILD,),
        "build it with CREATE INDEX CONCURRENTLY in a step outside a transaction; a key takes it USING INDEX",
    ),
    Code.WHOLE_TABLE_WRITE: Meaning(
        "warning",
        (HazardCode.TABLE_SCAN, HazardCode.TABLE_REWRITE, HazardCode.DELETES_DATA),
        "make it a backfill (`-- step 1: backfill TABLE by KEY`): it goes in batches, each in a transaction of its own",
    ),
    Code.LOCKED_BY_HAND: Meaning(
        "warning", (), "take the lock out: each statement takes the one that it needs, for as short as it can"
    ),
    Code.TABLE_EMPTIED: Meaning("warning", (HazardCode.DELETES_DATA,), "see that nobody needs the rows any more"),
    Code.KEEPS_INVALID_INDEX: Meaning(
        "warning",
        (HazardCode.INDEX_BUILD,),
        "take IF NOT EXISTS out: the runner knows whether the step is done, and drops what a failed build left",
    ),
    Code.BREAKS_OLD_CODE: Meaning(
        "warning",
        (HazardCode.BREAKS_OLD_CODE, HazardCode.DELETES_DATA),
        "first deploy code that does without it, or leave a view that looks as it did",
    ),
}
REFRESH_HINT = "REFRESH MATERIALIZED VIEW CONCURRENTLY, which takes a unique index"
VACUUM_HINT = "leave it out of migrations: pg_repack does it while others work"
