"""What `adopt` prints."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from mizzle.adopt.detect import Tool
from mizzle.adopt.effects import Verdict
from mizzle.adopt.findings import Kind


class AdoptedSource(Struct, frozen=True, kw_only=True):
    """What is taken over."""

    tool: Annotated[Tool, Meta(description="whose it was")]
    path: Annotated[str | None, Meta(description="where its files are; null without any")]
    said: Annotated[tuple[str, ...], Meta(description="what was found, for people")]
    notes: Annotated[tuple[str, ...], Meta(description="what is to be known besides")]


class AdoptedFile(Struct, frozen=True, kw_only=True):
    """A file of Drizzle's."""

    file: Annotated[str, Meta(description="as the folder has it")]
    verdict: Annotated[
        Verdict,
        Meta(
            description="what the database says of it; `unseen`: it changes nothing that a schema shows, `refused`: "
            "it does not run behind those before it"
        ),
    ]
    recorded: Annotated[bool, Meta(description="whether Drizzle's table has it")]


class AdoptFinding(Struct, frozen=True, kw_only=True):
    """What is out of order in the other tool's files."""

    kind: Annotated[Kind, Meta(description="one of the words of adopt.md")]
    file: Annotated[str, Meta(description="which one")]
    message: Annotated[str, Meta(description="what it is, for people")]
    lines: Annotated[tuple[str, ...], Meta(description="the objects that it is about")]


class Adopted(Struct, frozen=True, kw_only=True):
    """What was taken over, and what differs."""

    source: Annotated[AdoptedSource, Meta(description="the tool and its files")]
    files: Annotated[tuple[AdoptedFile, ...], Meta(description="each file of Drizzle's")]
    findings: Annotated[tuple[AdoptFinding, ...], Meta(description="what is out of order in them")]
    migration: Annotated[str | None, Meta(description="the first migration's id; null for a dry run")]
    path: Annotated[str | None, Meta(description="its folder; null for a dry run")]
    ignored: Annotated[tuple[str, ...], Meta(description="what the setting `ignore` has from now on")]
    drift: Annotated[tuple[str, ...], Meta(description="how the database differs from the models, one difference each")]
    kept: Annotated[tuple[str, ...], Meta(description="what the database alone has, and keeps")]
    unmanaged: Annotated[tuple[str, ...], Meta(description="what is in no migration: it is not managed")]


class Before(Struct, frozen=True, kw_only=True):
    """The migration by which it was taken over."""

    migration: Annotated[str, Meta(description="its id")]
    when: Annotated[str, Meta(description="when that was", extra_json_schema={"format": "date-time"})]


class AdoptedBefore(Struct, frozen=True, kw_only=True):
    """Where it was taken over before: nothing was done."""

    adopted_before: Annotated[Before, Meta(description="as what, and when")]
