"""What the commands print that ask or change a database: status, migrate, rollback, resolve, baseline, push."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from mizzle.cli.results.steps import SizedStep, Step
from mizzle.runner.units import Direction, State

_MOMENT = {"format": "date-time"}


class MigrationStatus(Struct, frozen=True, kw_only=True):
    """Where one migration stands in the database."""

    migration: Annotated[str, Meta(description="its id")]
    state: Annotated[State, Meta(description="where it stands; commands.md says what each word means")]
    direction: Annotated[Direction, Meta(description="of the latest attempt: `up`, or `down` for a rollback")]
    when: Annotated[
        str | None,
        Meta(
            description="when the latest attempt ended, or began where it has not ended; null without one",
            extra_json_schema=_MOMENT,
        ),
    ]
    seconds: Annotated[float | None, Meta(description="how long it took; null where it has not ended")]
    role: Annotated[str, Meta(description="who made it; empty without an attempt, as the next two")]
    host: Annotated[str, Meta(description="on which host")]
    version: Annotated[str, Meta(description="with which mizzle")]
    error: Annotated[str, Meta(description="why it failed, or who is at it now; else empty")]
    hint: Annotated[str, Meta(description="what to do; empty where there is nothing to do")]
    contracts: Annotated[str | None, Meta(description="the expand migration whose contract it is; null for any other")]


class Status(Struct, frozen=True, kw_only=True):
    """Where each migration stands, in the order of the migrations."""

    migrations: Annotated[tuple[MigrationStatus, ...], Meta(description="each of them")]


class TargetOutcome(Struct, frozen=True, kw_only=True):
    """What became of one target of a fleet."""

    target: Annotated[str, Meta(description="its name, without a password")]
    state: Annotated[
        Literal["applied", "current", "pending", "failed", "left"],
        Meta(
            description="`current`: nothing was to be done; `pending`: something is, and nobody was to do it; "
            "`left`: nobody began"
        ),
    ]
    migrations: Annotated[
        tuple[str, ...], Meta(description="the ids that were applied, or that are pending where it was only looked at")
    ]
    seconds: Annotated[float, Meta(description="how long it took")]
    waits: Annotated[tuple[str, ...], Meta(description="the ids that wait for --contract")]
    error: Annotated[str, Meta(description="why it failed; else empty")]
    hint: Annotated[str, Meta(description="what to do about it; else empty")]


class Fleet(Struct, frozen=True, kw_only=True):
    """With `--fleet`: what became of each target."""

    targets: Annotated[tuple[TargetOutcome, ...], Meta(description="each of them, in the order of the list")]
    counts: Annotated[dict[str, int], Meta(description="how many targets are in each state that there is")]


class Ran(Struct, frozen=True, kw_only=True):
    """A migration that was applied or reverted."""

    migration: Annotated[str, Meta(description="its id")]
    seconds: Annotated[float, Meta(description="how long it took")]


class Waits(Struct, frozen=True, kw_only=True):
    """A migration that waits until no old code runs any more."""

    migration: Annotated[str, Meta(description="its id")]
    contracts: Annotated[
        str | None,
        Meta(description="the expand migration whose contract it is; null for one that comes behind a contract"),
    ]


class Foreseen(Struct, frozen=True, kw_only=True):
    """What a pending migration would do to this database."""

    migration: Annotated[str, Meta(description="its id")]
    steps: Annotated[tuple[SizedStep, ...], Meta(description="its steps, with sizes and seconds")]


class Migrated(Struct, frozen=True, kw_only=True):
    """What ran, and what is left."""

    applied: Annotated[tuple[Ran, ...], Meta(description="what ran, in order")]
    pending: Annotated[tuple[str, ...], Meta(description="of a dry run: the ids that would run")]
    waits: Annotated[tuple[Waits, ...], Meta(description="what waits for --contract")]
    plan: Annotated[
        tuple[Foreseen, ...] | UnsetType, Meta(description="of a dry run: what each that is pending would do")
    ] = UNSET


class Loss(Struct, frozen=True, kw_only=True):
    """What is deleted, or would be."""

    object: Annotated[str, Meta(description="the table or column, such as `column public.users.name`")]
    rows: Annotated[int, Meta(description="how many rows hold something there")]


class RolledBack(Struct, frozen=True, kw_only=True):
    """What was reverted, and what that deletes."""

    reverted: Annotated[tuple[Ran, ...], Meta(description="what ran, in order; empty for a dry run")]
    migrations: Annotated[tuple[str, ...], Meta(description="the ids that were to be reverted, in order")]
    losses: Annotated[tuple[Loss, ...], Meta(description="what that deletes")]
    uncounted: Annotated[
        tuple[str, ...], Meta(description="the migrations written by hand, of which nobody can say what they delete")
    ]
    never_run: Annotated[
        tuple[str, ...], Meta(description="those that `baseline` recorded: what they would drop was there before")
    ]


class Resolved(Struct, frozen=True, kw_only=True):
    """What was recorded, though nothing ran."""

    migration: Annotated[str, Meta(description="its id")]
    state: Annotated[Literal["applied", "reverted"], Meta(description="as what it was recorded")]
    reason: Annotated[str, Meta(description="why, as it was given")]


class Baselined(Struct, frozen=True, kw_only=True):
    """What was recorded as applied, though nothing ran."""

    recorded: Annotated[tuple[str, ...], Meta(description="the ids, in order")]


class Pushed(Struct, frozen=True, kw_only=True):
    """The plan, and whether it ran."""

    applied: Annotated[bool, Meta(description="whether anything was changed")]
    changes: Annotated[tuple[str, ...], Meta(description="what is changed, such as `create table public.users`")]
    sql: Annotated[str, Meta(description="the whole plan, as it was shown")]
    steps: Annotated[tuple[Step, ...], Meta(description="the plan, step by step")]
    losses: Annotated[tuple[Loss, ...], Meta(description="what it deletes")]
    left_alone: Annotated[
        tuple[str, ...], Meta(description="objects that no model has, or that are not managed: they stay")
    ]
