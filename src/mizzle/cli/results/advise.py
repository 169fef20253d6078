"""What `advise` prints."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from mizzle.advise.findings import Code


class Advice(Struct, frozen=True, kw_only=True):
    """One piece of advice."""

    code: Annotated[Code, Meta(description="its kind: one of the words of advise.md")]
    subject: Annotated[str, Meta(description="the table, column, index or constraint")]
    message: Annotated[str, Meta(description="what it is, for people")]
    evidence: Annotated[tuple[str, ...], Meta(description="what it rests on")]
    gain: Annotated[str, Meta(description="what is won; may be empty")]
    cost: Annotated[str, Meta(description="what that costs; may be empty")]
    statements: Annotated[tuple[str, ...], Meta(description="the DDL that does it")]
    instead: Annotated[str, Meta(description="what to do where no migration does it; may be empty")]
    model: Annotated[str, Meta(description="what the models say then; may be empty")]


class AcceptedAdvice(Advice, frozen=True, kw_only=True):
    """Advice that the setting `accept` has answered."""

    reason: Annotated[str, Meta(description="why it is so on purpose")]


class Advised(Struct, frozen=True, kw_only=True):
    """What was found."""

    source: Annotated[str, Meta(description="what was looked at")]
    findings: Annotated[tuple[Advice, ...], Meta(description="by kind, the weightiest first")]
    accepted: Annotated[tuple[AcceptedAdvice, ...], Meta(description="what the setting `accept` answers")]
    stale: Annotated[tuple[str, ...], Meta(description="answers to nothing that is there")]
    notes: Annotated[tuple[str, ...], Meta(description="what is to be known besides")]
    migration: Annotated[str | None, Meta(description="with --write: the id of the migration; null where none")]
