"""A step of a plan or of a migration."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

LockMode = Literal[
    "none",
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]
"""The values of planning.steps.Lock."""


class Lock(Struct, frozen=True, kw_only=True):
    """A lock on a relation that was there before the step."""

    relation: Annotated[str, Meta(description="the relation, as SQL writes its name")]
    lock: Annotated[LockMode, Meta(description="the strongest lock that the step takes on it")]


class SizedLock(Lock, frozen=True, kw_only=True):
    """A lock on a relation, and how large that is in this database."""

    bytes: Annotated[int | None, Meta(description="its size without indexes; null where it is not there yet")]
    rows: Annotated[int | None, Meta(description="about how many rows it has; null where it is not there yet")]


class Work(Struct, frozen=True, kw_only=True):
    """What a step goes through; three empty lists where it only changes the catalog."""

    rewrites: Annotated[tuple[str, ...], Meta(description="tables that are written anew")]
    scans: Annotated[tuple[str, ...], Meta(description="tables that are read whole")]
    builds: Annotated[tuple[str, ...], Meta(description="indexes that are built")]


class Hazard(Struct, frozen=True, kw_only=True):
    """What may go wrong: hazards.md has a chapter on each code."""

    code: Annotated[str, Meta(description="one of the words of hazards.md, or what somebody has written by hand")]
    subject: Annotated[
        str | None, Meta(description="what it threatens, such as `table public.users`; null for a migration on disk")
    ]
    message: Annotated[str, Meta(description="one sentence for people")]


class Requirement(Struct, frozen=True, kw_only=True):
    """What the rows must fulfil before the migration runs."""

    sentence: Annotated[str, Meta(description="what it is, for people")]
    query: Annotated[str, Meta(description="a SELECT that counts the rows that are against it")]
    hint: Annotated[str, Meta(description="what to do about them; may be empty")]


class Backfill(Struct, frozen=True, kw_only=True):
    """How a step goes through a table in batches."""

    table: Annotated[str, Meta(description="the table, as SQL writes its name")]
    key: Annotated[tuple[str, ...], Meta(description="the columns that it goes by")]
    batch: Annotated[int | None, Meta(description="the most rows of a batch; null where the runner finds its own")]
    pause: Annotated[str | None, Meta(description="what stands between two batches; null where the runner's own")]


class Step(Struct, frozen=True, kw_only=True):
    """What runs, is recorded and is resumed as one."""

    step: Annotated[int, Meta(description="its number, from 1")]
    transaction: Annotated[
        bool, Meta(description="whether it runs in one; a backfill runs in one for each batch, and says `false`")
    ]
    lock_timeout: Annotated[
        str | None, Meta(description="what its header says: `0` is no limit; null where the runner's own counts")
    ]
    statement_timeout: Annotated[str | None, Meta(description="as `lock_timeout`")]
    lock: Annotated[LockMode, Meta(description="the strongest of all of `locks`")]
    locks: Annotated[tuple[Lock, ...], Meta(description="on each relation that was there before, the strongest first")]
    work: Annotated[Work, Meta(description="what it goes through")]
    old_code: Annotated[
        bool | None, Meta(description="whether code that ran before works after it; null where nobody has said")
    ]
    hazards: Annotated[tuple[Hazard, ...], Meta(description="what may go wrong")]
    requires: Annotated[
        tuple[Requirement, ...], Meta(description="what the rows must fulfil before the migration runs")
    ]
    backfill: Annotated[Backfill | None, Meta(description="how it goes in batches; null for any other step")]
    done_when: Annotated[
        str | None, Meta(description="the condition that says that it is done, as format.md writes it; null for none")
    ]
    sql: Annotated[str, Meta(description="what runs, without comments and header")]


class SizedStep(Step, frozen=True, kw_only=True):
    """A step, and what it would do to this database."""

    locks: Annotated[
        tuple[SizedLock, ...], Meta(description="on each relation that was there before, the strongest first")
    ]
    seconds: Annotated[
        float | None, Meta(description="about how long it takes; 0 for the catalog alone; null where nobody can say")
    ]
