"""What the commands print that write or read migrations and models: init, generate, show, diff, pull and the like."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from mizzle.cli.results.steps import Hazard, Step

_REVISIONS = "with --format alembic: the files of Alembic's revisions that were written"


class Initialised(Struct, frozen=True, kw_only=True):
    """What was written."""

    config: Annotated[str, Meta(description="the file with the configuration")]
    migrations: Annotated[str, Meta(description="the migrations folder")]
    models: Annotated[str, Meta(description="where the models are, as the configuration says it now")]


class Break(Struct, frozen=True, kw_only=True):
    """Something that code of the release before can no longer do."""

    relation: Annotated[str, Meta(description="the table or view, by its old name")]
    model: Annotated[str | None, Meta(description="its class, where the models still have it")]
    subject: Annotated[str, Meta(description="what it fails on, such as `column public.users.name`")]
    what: Annotated[str, Meta(description="how, for people")]


class Generated(Struct, frozen=True, kw_only=True):
    """A migration that was written."""

    migration: Annotated[str, Meta(description="its id")]
    path: Annotated[str, Meta(description="its folder")]
    changes: Annotated[tuple[str, ...], Meta(description="what it changes, such as `create table public.users`")]
    hazards: Annotated[tuple[Hazard, ...], Meta(description="those of all its steps")]
    steps: Annotated[tuple[Step, ...], Meta(description="its up.sql, step by step")]
    kept: Annotated[tuple[str, ...], Meta(description="objects that no model ever declared: they are never dropped")]
    breaks: Annotated[tuple[Break, ...], Meta(description="on what code of the release before fails")]
    revisions: Annotated[tuple[str, ...] | UnsetType, Meta(description=_REVISIONS)] = UNSET


class GeneratedInTwo(Struct, frozen=True, kw_only=True):
    """With `--expand-contract`, where old code would break: both migrations that were written."""

    migrations: Annotated[tuple[Generated, ...], Meta(description="expand, then contract")]
    revisions: Annotated[tuple[str, ...] | UnsetType, Meta(description=_REVISIONS)] = UNSET


class GeneratedByHand(Struct, frozen=True, kw_only=True):
    """With `--custom`: the empty migration that was written."""

    migration: Annotated[str, Meta(description="its id")]
    path: Annotated[str, Meta(description="its folder")]


class NothingGenerated(Struct, frozen=True, kw_only=True):
    """Where nothing has changed: no migration was written."""

    migration: Annotated[None, Meta(description="null")] = None
    revisions: Annotated[tuple[str, ...] | UnsetType, Meta(description=_REVISIONS)] = UNSET


class ShownMigration(Struct, frozen=True, kw_only=True):
    """What one migration does."""

    migration: Annotated[str, Meta(description="its id")]
    steps: Annotated[tuple[Step, ...], Meta(description="its up.sql, step by step")]


class Shown(Struct, frozen=True, kw_only=True):
    """What migrations do."""

    migrations: Annotated[tuple[ShownMigration, ...], Meta(description="those that were asked for, in order")]


class Diffed(Struct, frozen=True, kw_only=True):
    """The plan from A to B."""

    equal: Annotated[bool, Meta(description="whether there is nothing to change")]
    proved: Annotated[bool, Meta(description="with --prove: the plan and its undo ran on scratch")]
    changes: Annotated[tuple[str, ...], Meta(description="what differs, such as `create table public.users`")]
    steps: Annotated[tuple[Step, ...], Meta(description="the plan, step by step")]


class Pulled(Struct, frozen=True, kw_only=True):
    """What was written, and whether it reads back as what was pulled."""

    files: Annotated[tuple[str, ...], Meta(description="the files that were written")]
    settings: Annotated[
        dict[str, str | list[str]], Meta(description="what to write into the configuration, by setting")
    ]
    classes: Annotated[int, Meta(description="how many tables are classes")]
    tables: Annotated[int, Meta(description="how many tables are a `Table`, having no primary key")]
    in_sql: Annotated[tuple[str, ...], Meta(description="tables and parts of tables that only the SQL says")]
    unmanaged: Annotated[tuple[str, ...], Meta(description="what cannot be written")]
    different: Annotated[tuple[str, ...], Meta(description="what reads back otherwise")]
    equal: Annotated[bool, Meta(description="whether both of these are empty")]


class Squashed(Struct, frozen=True, kw_only=True):
    """The migration that stands for many."""

    migration: Annotated[str, Meta(description="its id")]
    replaced: Annotated[tuple[str, ...], Meta(description="the ids of those that it stands for, in order")]


class RebasedMigration(Struct, frozen=True, kw_only=True):
    """A migration that was put on top of another and proved again."""

    migration: Annotated[str, Meta(description="its id")]
    parent: Annotated[str | None, Meta(description="the migration below it; null for the first")]
    over: Annotated[
        tuple[str, ...], Meta(description="the migrations below it that a database may also apply after it")
    ]
    apart: Annotated[
        tuple[str, ...],
        Meta(description="those with which the order matters: a database that has this one without them cannot go on"),
    ]


class Rebased(Struct, frozen=True, kw_only=True):
    """What moved, or was proved again."""

    rebased: Annotated[tuple[RebasedMigration, ...], Meta(description="each of them, in order")]


class Serving(Struct, frozen=True, kw_only=True):
    """Where the pages are. It is printed once they are there; the command then runs until Ctrl-C."""

    address: Annotated[str, Meta(description="lets one browser in, once")]
    database: Annotated[
        str | UnsetType, Meta(description="of dev: the URL by which other programs reach the database")
    ] = UNSET


class Versions(Struct, frozen=True, kw_only=True):
    """What `mizzle --version` says."""

    mizzle: Annotated[str, Meta(description="its version")]
    python: Annotated[str, Meta(description="the version of Python that runs it")]
    libraries: Annotated[dict[str, str | None], Meta(description="versions; null: it is not installed")]


class HelpPage(Struct, frozen=True, kw_only=True):
    """What `--help` says of a command."""

    command: Annotated[str | None, Meta(description="which; null for mizzle itself")]
    text: Annotated[str, Meta(description="the page, for people")]


class Completion(Struct, frozen=True, kw_only=True):
    """What makes a shell complete."""

    shell: Annotated[str, Meta(description="which one")]
    script: Annotated[str, Meta(description="what it evaluates")]
