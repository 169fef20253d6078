"""What advice is made of: a finding, with its evidence, what is won, what it costs, and what would do it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mizzle.advise.naming import Proposal


class Code(StrEnum):
    """The kinds of findings; docs/advise.md has a section on each. The words are stable."""

    FOREIGN_KEY_WITHOUT_INDEX = "foreign-key-without-index"
    MISSING_INDEX = "missing-index"
    READ_WHOLE = "read-whole"
    TENANT_COLUMN_WITHOUT_INDEX = "tenant-column-without-index"
    DUPLICATE_INDEX = "duplicate-index"
    OVERLAPPING_INDEX = "overlapping-index"
    UNUSED_INDEX = "unused-index"
    INVALID_INDEX = "invalid-index"
    SEQUENCE_NEAR_END = "sequence-near-end"
    WIDE_KEY = "wide-key"
    TIMESTAMP_WITHOUT_TIME_ZONE = "timestamp-without-time-zone"
    NEEDS_PARTITIONING = "needs-partitioning"
    BLOATED_TABLE = "bloated-table"
    BLOATED_INDEX = "bloated-index"
    GUESSABLE_KEY = "guessable-key"
    WITHOUT_ROW_SECURITY = "without-row-security"
    NULLABLE_TENANT_COLUMN = "nullable-tenant-column"


DECISIONS = frozenset(
    {
        Code.SEQUENCE_NEAR_END,
        Code.TIMESTAMP_WITHOUT_TIME_ZONE,
        Code.WITHOUT_ROW_SECURITY,
        Code.NULLABLE_TENANT_COLUMN,
        Code.UNUSED_INDEX,
    }
)
"""What the application must be ready for, or people must know more of than a database tells: written only by name."""


_COUNTED = frozenset(
    {
        Code.READ_WHOLE,
        Code.UNUSED_INDEX,
        Code.INVALID_INDEX,
        Code.SEQUENCE_NEAR_END,
        Code.WIDE_KEY,
        Code.NEEDS_PARTITIONING,
        Code.BLOATED_TABLE,
        Code.BLOATED_INDEX,
    }
)
"""What rests, or may rest, on what a database that is used holds."""


def certain(*, live: bool, queries: bool) -> frozenset[Code]:
    """Return the kinds of which all there is was found: of a used database or not, with what is asked of it or not."""
    unknown = frozenset[Code]() if live else _COUNTED
    return frozenset(Code) - unknown - (frozenset() if queries else {Code.MISSING_INDEX})


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of advice about `subject`, the dotted name of a table, a column, an index, or a constraint.

    `message` is a sentence; `evidence` what it rests on. `statements` are the DDL that would do it, as a migration has
    it in the end; `instead` is what to do where no migration does. `model` is what the models say then, `proposal` the
    index that is advised. `weight`, in bytes that are read, kept or written for nothing, orders findings of one kind.
    """

    code: Code
    subject: str
    message: str
    evidence: tuple[str, ...] = ()
    gain: str = ""
    cost: str = ""
    statements: tuple[str, ...] = ()
    instead: str = ""
    model: str = ""
    proposal: Proposal | None = None
    weight: float = 0

    @property
    def key(self) -> str:
        """By this the configuration answers it: `code subject`."""
        return f"{self.code} {self.subject}"


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by kind, in the order of Code, the weightiest first."""
    place = {code: number for number, code in enumerate(Code)}
    return tuple(sorted(findings, key=lambda each: (place[each.code], -each.weight, each.subject)))
