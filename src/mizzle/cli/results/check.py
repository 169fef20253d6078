"""What `check` prints."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from mizzle.lint.findings import Level


class CheckFinding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong, or may be."""

    kind: Annotated[str, Meta(description="a word of commands.md or of format.md, such as `drift` or `edited`")]
    message: Annotated[str, Meta(description="what it is")]
    hint: Annotated[str, Meta(description="what to do; may be empty")]
    lines: Annotated[tuple[str, ...], Meta(description="what differs, one object each")]
    file: Annotated[
        str | UnsetType,
        Meta(
            description="the file that it is about, where there is one: of a migration as `ID/up.sql`, of models and "
            "SQL by its path; of several the first"
        ),
    ] = UNSET
    line: Annotated[int | UnsetType, Meta(description="the line in that file, from 1")] = UNSET
    undo: Annotated[
        str | UnsetType, Meta(description="of a `drift`: the SQL that makes the database what its migrations say")
    ] = UNSET
    adopt: Annotated[
        str | UnsetType, Meta(description="of a `drift`: the SQL that makes the migrations what the database is")
    ] = UNSET
    column: Annotated[int | UnsetType, Meta(description="of `lint`: the column in that line, from 1")] = UNSET
    rule: Annotated[str | UnsetType, Meta(description="of `lint`: the rule (lint.md)")] = UNSET
    level: Annotated[
        Level | UnsetType, Meta(description="of `lint`: a `warning` leaves the exit code 0; all else is an error")
    ] = UNSET
    squawk: Annotated[
        tuple[str, ...] | UnsetType, Meta(description="of `lint`: the rules by which squawk says the same")
    ] = UNSET


class Checked(Struct, frozen=True, kw_only=True):
    """What was checked, and what was found."""

    passed: Annotated[tuple[str, ...], Meta(description="what is as it should be, for people")]
    findings: Annotated[tuple[CheckFinding, ...], Meta(description="what is not, or may not be")]
