"""What a hand-written statement is told to do to others: the findings and their stable words."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

Level = Literal["error", "warning"]


class Code(StrEnum):
    """What the server shows, or the catalog; docs/lint.md has a chapter on each. The words are stable."""

    BLOCKING_REWRITE = "blocking-rewrite"
    BLOCKING_SCAN = "blocking-scan"
    BLOCKING_BUILD = "blocking-build"
    WHOLE_TABLE_WRITE = "whole-table-write"
    LOCKED_BY_HAND = "locked-by-hand"
    TABLE_EMPTIED = "table-emptied"
    KEEPS_INVALID_INDEX = "keeps-invalid-index"
    BREAKS_OLD_CODE = "breaks-old-code"


class Finding(msgspec.Struct, frozen=True):
    """One thing that a statement of a migration does to others.

    `rule` is a Code, or a rule of squawk; `squawk` are the rules by which squawk says the same. `line` and `column` are
    those in `file` (`ID/up.sql`), counted from 1.
    """

    file: str
    line: int
    column: int
    rule: str
    level: Level
    message: str
    hint: str
    squawk: tuple[str, ...] = ()
