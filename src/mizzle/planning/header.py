"""The clauses of a step's header: how it runs, with which timeouts, and what says that it is done (docs/format.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from mizzle.errors import ConfigError
from mizzle.planning.condition import format_condition, parse_condition
from mizzle.planning.steps import Backfill, Step
from mizzle.planning.written import dotted_name, listed_names
from mizzle.sqltext import one_line_name, tokens

# Compiled when it is first used (and kept, by `re`): most runs read no script.
_DURATION = r"([0-9]{1,10})(ms|s|min|h|d)?"
_MILLISECONDS = {None: 1, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_LONGEST = 2**31 - 1
_LARGEST = 1_000_000
CLAUSES = (
    "a clause is transaction, no transaction, backfill TABLE by COLUMN, batch 5000, pause 20ms, lock_timeout 4s, "
    "statement_timeout 0 or done when CONDITION"
)
"""What a header may say, for hints."""

_BACKFILL = "write backfill TABLE by COLUMN, or COLUMN, COLUMN: those of a unique key without NULL"
_PARTS = 2
_NOWHERE = Backfill(("", ""), ())


def read(text: str) -> Step:
    """Read what follows the colon of a header into a step without SQL. Raises ConfigError without a place."""
    step, seen = Step(""), set[str]()
    for clause in _split(text):
        what, step = _clause(step, clause)
        if what in seen:
            raise ConfigError(f"a second clause for {what}: {clause}", hint="keep one of them")
        seen.add(what)
    if step.backfill is not None and not step.backfill.key:
        raise ConfigError("batch and pause are of a backfill, and the step is none", hint=_BACKFILL)
    return step


def write(number: int, step: Step) -> str:
    """Write the header of a step, on one line. Raises ConfigError for what could not be read back."""
    clauses = list(_backfill(step.backfill)) if step.backfill else [_mode(step)]
    if step.lock_timeout is not None:
        clauses.append(f"lock_timeout {step.lock_timeout}")
    if step.statement_timeout is not None:
        clauses.append(f"statement_timeout {step.statement_timeout}")
    if step.done_when is not None:
        clauses.append(f"done when {format_condition(step.done_when)}")
    return f"-- step {number}: {'; '.join(clauses)}"


def _mode(step: Step) -> str:
    return "transaction" if step.transaction else "no transaction"


def _backfill(backfill: Backfill) -> Iterator[str]:
    table = ".".join(one_line_name(part) for part in backfill.table if part)
    yield f"backfill {table} by {', '.join(map(one_line_name, backfill.key))}"
    if backfill.batch is not None:
        yield f"batch {backfill.batch}"
    if backfill.pause is not None:
        yield f"pause {backfill.pause}"


def _split(text: str) -> Iterator[str]:
    """Split at the semicolons that stand in no literal and no quoted name."""
    start = 0
    for token in tokens(text):
        if token.kind == "comment" or not token.closed:
            raise ConfigError(f"a comment or an open quote in a step header: {token.text}", hint=CLAUSES)
        if token.text == ";":
            yield text[start : token.offset].strip()
            start = token.end
    if text:
        yield text[start:].strip()


def _clause(step: Step, clause: str) -> tuple[str, Step]:
    """Return what the clause is about, and the step with it."""
    backfill = step.backfill or _NOWHERE
    match clause.split():
        case ["transaction"]:
            return "transaction", replace(step, transaction=True)
        case ["no", "transaction"]:
            return "transaction", replace(step, transaction=False)
        case ["backfill", _, *_]:
            table, key = _through(clause)
            return "transaction", replace(step, transaction=False, backfill=replace(backfill, table=table, key=key))
        case ["batch", value]:
            return "batch", replace(step, backfill=replace(backfill, batch=_rows(value)))
        case ["pause", value]:
            return "pause", replace(step, backfill=replace(backfill, pause=_duration(value)))
        case ["lock_timeout", value]:
            return "lock_timeout", replace(step, lock_timeout=_duration(value))
        case ["statement_timeout", value]:
            return "statement_timeout", replace(step, statement_timeout=_duration(value))
        case ["done", "when", _, *_]:
            condition = clause.removeprefix("done").lstrip().removeprefix("when")
            return "done when", replace(step, done_when=parse_condition(condition))
        case _:
            raise ConfigError(f"unknown clause in a step header: {clause or 'an empty one'}", hint=CLAUSES)


def _through(clause: str) -> tuple[tuple[str, str], tuple[str, ...]]:
    """Read `backfill TABLE by COLUMN, COLUMN` into the table, with an empty schema where none stands, and its key."""
    found = [token for token in tokens(clause) if token.kind != "space"]
    end = 2
    while end < len(found) and found[end].text == ".":
        end += 2
    if [token.text for token in found[end : end + 1]] != ["by"]:
        raise ConfigError(f"not a backfill: {clause}", hint=_BACKFILL)
    table = dotted_name(found[1:end], clause, where="a backfill")
    key = listed_names(found[end + 1 :], clause, where="a backfill")
    if len(table) > _PARTS or len(set(key)) < len(key):
        raise ConfigError(f"not a backfill: {clause}", hint=_BACKFILL)
    return (table[0] if len(table) == _PARTS else "", table[-1]), key


def _rows(value: str) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,6}", value) is None or int(value) > _LARGEST:
        raise ConfigError(f"not a number of rows: {value}", hint=f"write batch 5000; 1 at least, {_LARGEST} at most")
    return int(value)


def _duration(value: str) -> str:
    match = re.fullmatch(_DURATION, value)
    if match is None or int(match[1]) * _MILLISECONDS[match[2]] > _LONGEST:
        raise ConfigError(
            f"not a duration: {value}", hint="write 500ms, 4s, 1min, 2h, 1d (24d at most), or 0 for no limit"
        )
    return value
