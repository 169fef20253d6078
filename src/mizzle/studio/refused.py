"""What a request is answered with that cannot be served: a status, words for a person, a stable code."""

from __future__ import annotations

import psycopg

from mizzle.errors import MizzleError
from mizzle.runner.redaction import without_passwords

CANCELED = "57014"
LOCKED = "55P03"
READ_ONLY = "25006"
_HINTS = {
    "42501": "the role that studio connects as may not do this: grant it, or connect as another one",
    LOCKED: "another session holds the table for itself: try again when its transaction has ended",
    READ_ONLY: "studio was started to read only: start it with --write to change data",
    "22P02": "write the value as PostgreSQL would read it for this type",
    "42P01": "was it dropped meanwhile? reload the page",
    "42703": "was it dropped meanwhile? reload the page",
}
_SHORTEST = 5


class Refused(Exception):
    """A request that is not served. `code` is a word of ours or a SQLSTATE; `position` where in the SQL, from 1."""

    def __init__(self, status: int, message: str, *, hint: str = "", code: str = "", position: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.hint = hint
        self.code = code
        self.position = position

    def answer(self) -> dict[str, object]:
        """Return what the page is told."""
        told: dict[str, object] = {
            "message": without_passwords(self.message),
            "hint": without_passwords(self.hint),
            "code": self.code,
        }
        return {**told, "position": self.position} if self.position else told


def of_database(error: psycopg.Error) -> Refused:
    """Return what PostgreSQL's refusal means for the page."""
    diag = error.diag
    code = error.sqlstate or ""
    message = (diag.message_primary or str(error)).strip()
    hint = _HINTS.get(code) or diag.message_hint or ""
    detail = f" ({diag.message_detail})" if diag.message_detail else ""
    if code == CANCELED:
        return Refused(503, "this takes longer than the page may wait", hint="run it with more time", code="slow")
    if not code and isinstance(error, psycopg.DataError):  # the driver's own: a zero byte, a number too large
        return Refused(400, message, code="value")
    if not code:
        return Refused(503, "the database cannot be reached", hint=_first_line(error), code="unreachable")
    position = int(diag.statement_position or 0)
    return Refused(400, message + detail, hint=hint, code=code, position=position)


def of_mizzle(error: MizzleError) -> Refused:
    """Return what an error of a use case means for the page."""
    return Refused(409, error.message, hint=error.hint, code=type(error).__name__)


def _first_line(error: psycopg.Error) -> str:
    text = str(error).strip().partition("\n")[0]
    return text if len(text) > _SHORTEST else "is it running?"
