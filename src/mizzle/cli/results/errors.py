"""What a command that fails prints in place of its result."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, convert

from mizzle.cli.results.database import Ran
from mizzle.errors import DatabaseError, ForbiddenError, MizzleError, ProofError, RowsError, Unsupported
from mizzle.migrations.problems import FolderError, ProblemKind
from mizzle.runner.redaction import without_passwords

_REPORT = "report it, with the traceback that is on stderr"


class Where(Struct, frozen=True, kw_only=True):
    """Where a run of migrations was when it ended; fields that nobody knows are left out."""

    command: Annotated[str | UnsetType, Meta(description="`migrate` or `rollback`")] = UNSET
    database: Annotated[str | UnsetType, Meta(description="the URL, without a password")] = UNSET
    schema: Annotated[str | UnsetType, Meta(description="that of the history")] = UNSET
    tenant: Annotated[str | UnsetType, Meta(description="the tenant's schema")] = UNSET
    role: Annotated[str | UnsetType, Meta(description="what was taken by SET ROLE")] = UNSET
    version: Annotated[str | UnsetType, Meta(description="of mizzle")] = UNSET
    migration: Annotated[str | UnsetType, Meta(description="its id")] = UNSET
    of: Annotated[int | UnsetType, Meta(description="how many steps that has")] = UNSET
    step: Annotated[int | UnsetType, Meta(description="the step's number, from 1")] = UNSET


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with the migrations folder."""

    kind: Annotated[ProblemKind, Meta(description="one of the words of format.md")]
    migrations: Annotated[tuple[str, ...], Meta(description="the migrations that it is about")]
    message: Annotated[str, Meta(description="what is wrong")]
    hint: Annotated[str, Meta(description="what to do")]


class InTheWay(Struct, frozen=True, kw_only=True):
    """Rows that do not fulfil what a migration requires."""

    requires: Annotated[str, Meta(description="what is required, for people")]
    rows: Annotated[int, Meta(description="how many rows are against it")]


class Error(Struct, frozen=True, kw_only=True):
    """What went wrong, and what to do."""

    kind: Annotated[
        str,
        Meta(
            description="the class in Python (errors.md); `Interrupted` after Ctrl-C; another word for "
            "a fault of Mizzle's"
        ),
    ]
    message: Annotated[str, Meta(description="what happened to which object; its words may change")]
    hint: Annotated[str, Meta(description="what to do about it; may be empty")]
    exit: Annotated[int, Meta(description="the exit code")]
    file: Annotated[str | UnsetType, Meta(description="the file that it is about, where there is one")] = UNSET
    line: Annotated[int | UnsetType, Meta(description="the line in that file, from 1")] = UNSET
    where: Annotated[Where | UnsetType, Meta(description="where a run of migrations was, if it had begun")] = UNSET
    done: Annotated[
        tuple[Ran, ...] | UnsetType,
        Meta(description="of a run of migrations, if it had begun: what it had applied or reverted before, in order"),
    ] = UNSET
    sqlstate: Annotated[
        str | UnsetType, Meta(description="of DatabaseError: PostgreSQL's code; empty where it gave none")
    ] = UNSET
    rows: Annotated[tuple[InTheWay, ...] | UnsetType, Meta(description="of RowsError: which rows are in the way")] = (
        UNSET
    )
    objects: Annotated[tuple[str, ...] | UnsetType, Meta(description="of Unsupported: what is not managed")] = UNSET
    differences: Annotated[
        tuple[str, ...] | UnsetType, Meta(description="of ProofError: what was different, one object each")
    ] = UNSET
    codes: Annotated[
        tuple[str, ...] | UnsetType, Meta(description="of ForbiddenError: the hazards that the configuration forbids")
    ] = UNSET
    problems: Annotated[
        tuple[Problem, ...] | UnsetType, Meta(description="of FolderError: all that is wrong with the folder")
    ] = UNSET


class Failed(Struct, frozen=True, kw_only=True):
    """What any command prints in place of its result when it fails."""

    error: Annotated[Error, Meta(description="what went wrong")]


def failed(error: MizzleError) -> Failed:
    """Return an error as it is printed, without passwords."""
    file, line = error.at or (UNSET, UNSET)
    return Failed(
        error=Error(
            kind=type(error).__name__,
            message=without_passwords(error.message),
            hint=without_passwords(error.hint),
            exit=error.exit_code,
            file=file,
            line=line,
            where=convert(error.where, Where) if error.where else UNSET,
            done=_done(error) if error.where else UNSET,
            sqlstate=error.sqlstate if isinstance(error, DatabaseError) else UNSET,
            rows=_rows(error) if isinstance(error, RowsError) else UNSET,
            objects=error.objects if isinstance(error, Unsupported) else UNSET,
            differences=_clean(error.differences) if isinstance(error, ProofError) else UNSET,
            codes=error.codes if isinstance(error, ForbiddenError) else UNSET,
            problems=_problems(error) if isinstance(error, FolderError) else UNSET,
        )
    )


def interrupted(code: int) -> Failed:
    """Return what is printed after Ctrl-C."""
    return Failed(error=Error(kind="Interrupted", message="interrupted", hint="", exit=code))


def crashed(error: Exception) -> Failed:
    """Return what is printed for a fault of Mizzle's own, whose traceback is on stderr."""
    said = without_passwords(str(error).partition("\n")[0])
    return Failed(error=Error(kind=type(error).__name__, message=f"a fault of mizzle: {said}", hint=_REPORT, exit=1))


def _done(error: MizzleError) -> tuple[Ran, ...]:
    return tuple(Ran(migration=each, seconds=round(seconds, 3)) for each, seconds in error.done)


def _rows(error: RowsError) -> tuple[InTheWay, ...]:
    return tuple(InTheWay(requires=sentence, rows=number) for sentence, number in error.rows)


def _clean(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(without_passwords, lines))


def _problems(error: FolderError) -> tuple[Problem, ...]:
    return tuple(
        Problem(kind=each.kind, migrations=each.migrations, message=each.message, hint=each.hint)
        for each in error.problems
    )
