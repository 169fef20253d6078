"""From what the server shows of a statement, and what squawk finds in it, to what people are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from mizzle.lint.findings import Code, Finding, Level
from mizzle.lint.inventory import Name, outermost
from mizzle.lint.meanings import MEANINGS, REFRESH_HINT, VACUUM_HINT
from mizzle.lint.rules import RULES
from mizzle.lint.squawk import Said
from mizzle.planning.steps import HazardCode, Lock
from mizzle.server.observe import Observed
from mizzle.sqltext import Token, tokens

_SHOWN = 3
_HINTS = {"REFRESH": REFRESH_HINT, "VACUUM": VACUUM_HINT, "CLUSTER": VACUUM_HINT}
_IF_NOT_EXISTS = ("CONCURRENTLY", "IF", "NOT", "EXISTS")


class Statement(msgspec.Struct, frozen=True):
    """A statement that ran on scratch: its text and place, what it did, and the names that went with it.

    `said` is what squawk finds in it, `known` the hazards that its step states, `ignored` rules and codes that are not
    to be told. `names` that went in `gone`, and are there again at the migration's end, are taken out before it is
    judged.
    """

    sql: str
    file: str
    line: int
    column: int
    observed: Observed
    gone: frozenset[Name] = frozenset()
    said: tuple[Said, ...] = ()
    known: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()

    @property
    def touches(self) -> bool:
        """Whether it has to do with anything that was there before, or squawk finds something in it."""
        return self.observed != Observed() or bool(self.gone or self.said)


class _Told(msgspec.Struct, frozen=True):
    rule: str
    message: str
    hint: str
    level: Level
    hazards: tuple[HazardCode, ...]


def judge(statement: Statement, kinds: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return what is told of a statement; `kinds` are those of the relations before the migration (pg_class)."""
    blocked = _blocked(statement.observed, kinds)
    words = [token.text.upper() for token in tokens(statement.sql) if token.significant]
    shown = [*_work(statement.observed, blocked, words), *_others(statement, blocked, words)]
    squawked = _by_code(statement.said)
    told = [(each, squawked.get(each.rule, ())) for each in shown]
    told += [(each, ()) for each in _said(statement.said, blocked=bool(blocked))]
    return tuple(_finding(statement, each, rules) for each, rules in told if _counts(statement, each))


def _counts(statement: Statement, told: _Told) -> bool:
    return told.rule not in statement.ignored and not statement.known.intersection(told.hazards)


def _finding(statement: Statement, told: _Told, squawk: tuple[str, ...]) -> Finding:
    place = statement.file, statement.line, statement.column
    return Finding(*place, told.rule, told.level, told.message, told.hint, squawk)


def _by_code(said: Sequence[Said]) -> dict[str, tuple[str, ...]]:
    """Return the rules of squawk that say the same as a code."""
    found: dict[str, list[str]] = {}
    for rule in dict.fromkeys(each.rule for each in said):
        for code in RULES[rule].codes:
            found.setdefault(code, []).append(rule)
    return {code: tuple(rules) for code, rules in found.items()}


def _blocked(observed: Observed, kinds: Mapping[str, str]) -> dict[str, Lock]:
    """Return the tables that others cannot write or read by then; nobody writes to a materialized view."""
    weakest = dict.fromkeys("rpf", Lock.SHARE) | {"m": Lock.ACCESS_EXCLUSIVE}
    found = ((name, lock, weakest.get(kinds.get(name, ""))) for name, lock in sorted(observed.locks.items()))
    return {name: lock for name, lock, least in found if least is not None and lock.rank >= least.rank}


def _work(observed: Observed, blocked: Mapping[str, Lock], words: Sequence[str]) -> Iterator[_Told]:
    """Tell what takes as long as a table is large, while others wait."""
    if not blocked:
        return
    readers = any(lock is Lock.ACCESS_EXCLUSIVE for lock in blocked.values())
    meanwhile = f"nobody {'reads or writes' if readers else 'writes'} {_listed(blocked)} meanwhile"
    builds = {index for index in observed.builds if observed.tables[index] not in observed.rewrites}
    for code, verb, names in (
        (Code.BLOCKING_REWRITE, "writes {} anew", observed.rewrites),
        (Code.BLOCKING_SCAN, "reads all of {}", observed.scans),
        (Code.BLOCKING_BUILD, "builds {}", builds),
    ):
        if names:
            yield _told(code, f"{verb.format(_listed(names))}: {meanwhile}", hint=_HINTS.get(words[0], ""))


def _others(statement: Statement, blocked: Mapping[str, Lock], words: Sequence[str]) -> Iterator[_Told]:
    observed = statement.observed
    if observed.swept:
        everything = words[0] in {"UPDATE", "DELETE"} and not _has_where(statement.sql)
        what = "changes every row of" if everything else "reads every row, and may change as many, of"
        message = f"{what} {_listed(observed.swept)} in one transaction: who writes one of them waits for its end"
        yield _told(Code.WHOLE_TABLE_WRITE, message, level="error" if everything else "warning")
    if words[0] == "LOCK" and blocked:
        locks = ", ".join(sorted({str(lock) for lock in blocked.values()}))
        yield _told(Code.LOCKED_BY_HAND, f"locks {_listed(blocked)} ({locks}) to the end of the step")
    if observed.emptied:
        yield _told(Code.TABLE_EMPTIED, f"deletes all rows of {_listed(observed.emptied)}")
    if observed.builds and _keeps_invalid(words):
        message = "where an index of that name is there, however invalid, it is taken for the one that is wanted"
        yield _told(Code.KEEPS_INVALID_INDEX, message)
    if gone := outermost(statement.gone):
        message = f"takes away {_listed(gone)}: code that uses {'it' if len(gone) == 1 else 'them'} fails"
        yield _told(Code.BREAKS_OLD_CODE, message)


def _said(said: Sequence[Said], *, blocked: bool) -> Iterator[_Told]:
    """Tell what squawk alone says."""
    for each in said:
        rule = RULES[each.rule]
        if rule.counts == "always" or (rule.counts == "locked" and blocked):
            hazards = (rule.hazard,) if rule.hazard else ()
            message = each.message[:1].lower() + each.message[1:].rstrip(".")
            yield _Told(each.rule, message, each.help, "warning", hazards)


def _told(code: Code, message: str, *, hint: str = "", level: Level | None = None) -> _Told:
    meaning = MEANINGS[code]
    return _Told(code, message, hint or meaning.hint, level or meaning.level, meaning.hazards)


def _keeps_invalid(words: Sequence[str]) -> bool:
    """Say whether it is CREATE [UNIQUE] INDEX CONCURRENTLY IF NOT EXISTS."""
    return words[0] == "CREATE" and tuple(words[words.index("INDEX") + 1 :][:4]) == _IF_NOT_EXISTS


def _has_where(sql: str) -> bool:
    """Say whether the statement itself, not a query in it, has a WHERE."""
    depth = 0
    for token in tokens(sql):
        depth += _deeper(token)
        if depth == 0 and token.kind == "name" and token.text.upper() == "WHERE":
            return True
    return False


def _deeper(token: Token) -> int:
    return {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "punctuation" else 0


def _listed(names: Sequence[Name] | Mapping[str, Lock] | frozenset[str] | set[str]) -> str:
    listed = sorted(map(str, names))
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
