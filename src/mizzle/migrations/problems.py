"""What can be wrong with a migrations folder, each kind with a stable word."""

from __future__ import annotations

from typing import Literal

import msgspec

from mizzle.errors import HistoryError

ProblemKind = Literal[
    "conflict",  # a file holds the markers of an unfinished merge
    "cycle",  # migrations are each other's parents
    "edited",  # a file is not what was proved
    "empty",  # made to be written by hand, and never filled in
    "fork",  # two migrations have the same parent
    "half",  # a file of the three is missing
    "leftover",  # a temporary folder that a killed process left
    "malformed",  # snapshot.json is not a snapshot
    "misnamed",  # a folder holds a migration and is not called like one, or its snapshot has another id
    "newer",  # snapshot.json is of a newer format
    "orphan",  # the parent is missing
    "roots",  # two migrations have no parent
    "unproved",  # written by hand, and not proved yet
    "unreadable",  # the file system or the encoding is in the way
]


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: the migrations it concerns by id (or folder name), what it is, what to do."""

    kind: ProblemKind
    migrations: tuple[str, ...]
    message: str
    hint: str


class FolderError(HistoryError):
    """A migrations folder that is not whole and linear; `problems` holds everything that is wrong with it."""

    def __init__(self, folder: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        if len(problems) == 1:
            super().__init__(problems[0].message, hint=problems[0].hint)
            return
        listed = "".join(f"\n- {problem.message}\n  hint: {problem.hint}" for problem in problems)
        super().__init__(f"{len(problems)} things are wrong in {folder}:{listed}")
