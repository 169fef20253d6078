"""One tree of errors: each says what happened to which object, and what to do.

A message is lower case and names its object; the hint tells the way out. The class decides the
exit code of the command line (see docs/commands.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar


class MizzleError(Exception):
    """The root of everything Mizzle raises on purpose.

    `message` says what happened to which object, `hint` what to do about it (may be empty). `where` is where a run of
    migrations was when it ended with this error, as the log says it: `database`, `migration`, `step` and so on.
    `at` is the file that it is about, as the message calls it, and the line in it, where there is one.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where: dict[str, Any] = {}
        self.at: tuple[str, int] | None = None

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class ConfigError(MizzleError):
    """Wrong use or configuration: a setting, an argument, a name that is no metadata."""


class Unsupported(MizzleError):
    """Something PostgreSQL has and Mizzle does not manage, named instead of guessed or skipped.

    `objects` names each of them, such as `view public.active_users`.
    """

    def __init__(self, message: str, *, hint: str = "", objects: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.objects = objects


class HistoryError(MizzleError):
    """The migrations folder or the history in a database is not whole and linear."""

    exit_code = 1


class ProofError(MizzleError):
    """A plan did not reach the wanted catalog, or its undo did not lead back.

    `differences` lists what was different, one object a line.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", differences: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.differences = differences


class ForbiddenError(MizzleError):
    """A plan has hazards that the setting `forbid` names: `codes`."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", codes: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.codes = codes


class DecisionNeeded(MizzleError):
    """A question only a person can answer, and nobody to ask; the hint names the flag to answer it."""

    exit_code = 3


class ImportFailed(MizzleError):
    """The models could not be imported; `message` carries the user's own frames of the traceback."""

    exit_code = 4


class ScratchError(MizzleError):
    """The scratch server cannot start or lacks something that is needed."""

    exit_code = 4


class DatabaseError(MizzleError):
    """PostgreSQL refused a statement, or cannot be reached.

    `sqlstate` is PostgreSQL's five-letter code, or empty where none was given.
    """

    exit_code = 4

    def __init__(self, message: str, *, hint: str = "", sqlstate: str = "") -> None:
        super().__init__(message, hint=hint)
        self.sqlstate = sqlstate


class RowsError(DatabaseError):
    """Rows are in the way of a migration that has not begun: `rows` is what it requires, and how many are against."""

    def __init__(self, message: str, *, hint: str = "", rows: tuple[tuple[str, int], ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.rows = rows


class LockedError(DatabaseError):
    """Another migrator holds the lock, or a table's lock was not to be had in time."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean NAME?` with the one of `known` that looks like `name`; empty where none does."""
    from difflib import get_close_matches  # noqa: PLC0415 - only what is misspelt needs it

    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""
