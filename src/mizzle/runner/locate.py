"""Says where in a migration file PostgreSQL found an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from mizzle.errors import DatabaseError
from mizzle.planning.script import line_of
from mizzle.planning.steps import Step
from mizzle.runner import notes
from mizzle.runner.wire import Refusal
from mizzle.sqltext import Fragment, split, tokens

if TYPE_CHECKING:
    from psycopg import Error

_WIDTH = 100
_HINTS = {
    "25001": "put the statement into a step of its own, under a header that says `no transaction`",
    "25006": "this session may only read: give the URL of the primary, of a role without default_transaction_read_only",
    "3F000": "search_path is empty while migrations run: write names with their schema, such as public.users",
    "42501": "run migrations as the role that owns these objects; in a schema of another's it needs USAGE and CREATE",
    "42601": "correct the file; what was done before this step stays, and the next run goes on here",
    "53100": "make room on the server's disk, then run this again: it goes on where it stopped",
    "57P01": "somebody ended the session; run this again: it goes on where it stopped",
    "57014": "it was cancelled; if statement_timeout did it, give the step a longer one in its header",
}
_DATA = ("22", "23")
"""The classes of errors that are about values: they do not convert, or a constraint forbids them."""
_CORRECT = "the data do not allow this: correct them (or the file), then run this again"
_THERE = frozenset({"42701", "42710", "42723", "42P06", "42P07"})
_MADE_BY_OTHERS = (
    "the database has it, and not from this migration, but from `push`, create_all or a person: begin with an empty "
    "database, drop it there, or, where all is there that the migrations make, record that with `mizzle baseline`; or, "
    "where the file makes it twice, correct the file"
)
_OTHERWISE = "correct the file, or what it meets in the database, then run this again"
_UNDEFINED = frozenset({"42P01", "42883", "42704"})
_QUALIFY = "is it spelled right, and written with its schema? search_path is empty while migrations run"
_TWO_STATEMENTS = "a step outside a transaction is one statement: give each a header of its own"
_FOR_NEWER = (
    "was it planned for a newer PostgreSQL than this one? set `postgres` in the configuration to the oldest that it "
    "must run on, and write the migration again; what was done before this step stays"
)
_ENDINGS = frozenset({"commit", "rollback", "end", "abort", "prepare"})


class Place(msgspec.Struct, frozen=True):
    """A step of a file: `name` the file, `number` counted from 1, `of` how many there are."""

    name: str
    number: int
    of: int
    step: Step

    def __str__(self) -> str:
        return f"{self.name}, step {self.number} of {self.of}"

    def at(self, offset: int) -> str:
        """Return file and line of a character of the step's SQL, counted from 0; one of no file has its own lines."""
        line = line_of(self.step, offset)
        return f"{self}, line {line}" if self.step.statements else f"{self.name}:{line}"


def refused(place: Place, refusal: Refusal, *, at: Callable[[int], int] = int) -> DatabaseError:
    """Return the error of a statement that PostgreSQL refused: file, line, message, excerpt, detail and hint.

    `at` returns where in the step's SQL a place of what was sent is, where these are not the same.
    """
    error = refusal.error
    position = error.diag.statement_position
    if position is not None:
        offset = at(int(position) - 1)
        return _at(place, offset, error, _line(place.step.sql, offset))
    statement = _statement(place.step.sql, refusal.statement)
    return _at(place, statement.offset, error, _shown(statement.sql))


def ahead(place: Place, error: Error, statement: str) -> DatabaseError:
    """Return the error of a step that did not come to begin, for a statement that the runner has before it."""
    return _error(str(place), error, _shown(statement), place)


def at_the_end(place: Place, error: Error) -> DatabaseError:
    """Return the error of a step whose statements all ran, and that a deferred constraint or its commit stopped."""
    return _error(f"{place}, at its end", error, "", place)


def ending(sql: str) -> tuple[int, str] | None:
    """Return offset and text of the first statement that looks as if it ended the transaction."""
    for statement in split(sql):
        words = [token.text.lower() for token in tokens(statement.sql[:_WIDTH]) if token.significant]
        if words[0] in _ENDINGS and (words[0] != "prepare" or words[1:2] == ["transaction"]):
            return statement.offset, " ".join(statement.sql.split())
    return None


def _at(place: Place, offset: int, error: Error, excerpt: str) -> DatabaseError:
    found = _error(place.at(offset), error, excerpt, place)
    found.at = (place.name, line_of(place.step, offset))
    return found


def _error(where: str, error: Error, excerpt: str, place: Place) -> DatabaseError:
    diag = error.diag
    message = (diag.message_primary or str(error)).strip()
    lines = [f"{where}: {message}"]
    lines += [excerpt] if excerpt else []
    lines += [f"detail: {diag.message_detail}"] if diag.message_detail else []
    lines += [f"context: {diag.context.splitlines()[0]}"] if diag.context else []
    hint = "; ".join(filter(None, (diag.message_hint, _hint(error, place))))
    found = DatabaseError("\n".join(lines), hint=hint, sqlstate=error.sqlstate or "")
    found.at = (place.name, place.step.line)
    return found


def _hint(error: Error, place: Place) -> str:
    if error.sqlstate == "42601" and "multiple commands" in str(error) and not place.step.transaction:
        return _TWO_STATEMENTS
    if error.sqlstate == "42601" and notes.read(place.step).planned:
        return _FOR_NEWER
    code = error.sqlstate or ""
    if code in _THERE:
        return _MADE_BY_OTHERS
    if code in _UNDEFINED:
        return _QUALIFY
    return _HINTS.get(code) or (_CORRECT if code.startswith(_DATA) else "" if error.diag.message_hint else _OTHERWISE)


def _statement(sql: str, number: int) -> Fragment:
    found = split(sql)
    return found[number] if number < len(found) else Fragment(sql, 0, 1)


def _line(sql: str, offset: int) -> str:
    """Return the line of a character with a mark below it."""
    start = sql.rfind("\n", 0, offset) + 1
    line = sql[start:].partition("\n")[0]
    column = offset - start
    begin = max(0, column - _WIDTH // 2)
    shown = line[begin : begin + _WIDTH].replace("\t", " ")
    return f"  {shown.rstrip()}\n  {' ' * (column - begin)}^"


def _shown(statement: str) -> str:
    first, _, more = statement.partition("\n")
    return f"  {first[:_WIDTH].rstrip()}{' ...' if more or len(first) > _WIDTH else ''}"
