"""A backfill's statement, confined to a range of its key: as it stands, and one condition more.

It is an UPDATE or a DELETE of the table that is gone through, or INSERT ... SELECT from it into another. Read is the
little that this takes: which table, under which name, what is set, and where the condition goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from mizzle.errors import ConfigError
from mizzle.names import dotted, ident
from mizzle.planning.steps import Backfill
from mizzle.sqltext import Token, raw_name, tokens

_FORM = (
    "write one UPDATE or DELETE of the table that the header names, or INSERT ... SELECT ... FROM it, "
    "without WITH and without RETURNING"
)
_WHERE = " WHERE"
_DEPTHS = {"(": 1, "[": 1, ")": -1, "]": -1}
_PARTS = 2
# What follows a table without an alias.
_FOLLOWING = {
    "update": frozenset({"set"}),
    "delete": frozenset({"using", "where", "returning"}),
    "insert": frozenset({"where", "for", "on", "returning"}),
}
# What stands behind the condition of an INSERT ... SELECT: of the rows that it locks, and of those that are there.
_TAIL = ("for", "on")
_WHOLE = ("group", "having", "window", "union", "intersect", "except", "order", "limit", "offset", "fetch")


class Misfit(ConfigError):
    """A statement that cannot run in batches.

    `offset` is where in its text that shows.
    """

    def __init__(self, message: str, *, offset: int, hint: str = _FORM) -> None:
        super().__init__(message, hint=hint)
        self.offset = offset


class Batched(msgspec.Struct, frozen=True):
    """A statement in parts: up to and with its WHERE, the condition behind that, empty where there is none, the rest.

    `name` is what the table is called in it, raw; `only`: what inherits from the table is left out.
    """

    before: str
    behind: str
    name: str
    only: bool
    tail: str = ""

    def within(self, condition: str) -> str:
        """Return the statement for those of its rows that fulfil `condition`, too."""
        return self.before + self._put_in(condition) + (f"{self.behind})" if self.behind else "") + self.tail

    def offset(self, found: int, condition: str) -> int:
        """Return where in the step's text a place of within() is; offsets count from 0."""
        if found < len(self.before):
            return found
        left = len(self.within(condition)) - found
        if left <= len(self.tail):
            end = len(self.before) + len(self.behind) - (0 if self.behind else len(_WHERE))
            return end + len(self.tail) - left
        return max(len(self.before), found - len(self._put_in(condition)))

    def _put_in(self, condition: str) -> str:
        return f" ({condition}) AND (" if self.behind else f" ({condition})"


def read(sql: str, backfill: Backfill) -> Batched:
    """Find in the text of a step, which is one statement, where a condition on the table's rows goes.

    Raises Misfit for anything but an UPDATE or DELETE of `backfill`'s table that leaves its key as it is, and an INSERT
    of what is in that into another.
    """
    found = [token for token in tokens(sql) if token.significant and token.text != ";"]
    verb, place, only = _opening(found)
    place = _table(found, place, backfill, "reads" if verb == "insert" else "changes")
    place, alias = _alias(found, place, verb)
    _refuse_strange(found, place, verb)
    if verb == "update":
        _refuse_own_key(found, place, backfill)
    if verb == "insert":
        _refuse_whole(found, place, backfill)
    where = _top_level(found, place, "where")
    tails = [at for word in _TAIL if verb == "insert" and (at := _top_level(found, place, word)) is not None]
    end = found[min(tails, default=len(found)) - 1].end
    name, tail = alias or backfill.table[1], sql[end : found[-1].end]
    if where is None:
        return Batched(sql[:end] + _WHERE, "", name, only, tail)
    return Batched(sql[: found[where].end], sql[found[where].end : end], name, only, tail)


def _opening(found: Sequence[Token]) -> tuple[str, int, bool]:
    """Return the verb, the place of the table, and whether it is the table ONLY."""
    words = [_word(token) for token in found[:3]]
    place = {"update": 1, "delete": 2, "insert": _source(found)}.get(words[0], 0)
    if not place or (words[0] == "delete" and words[1:2] != ["from"]):
        message = f"no UPDATE, no DELETE and no INSERT ... SELECT ... FROM in a backfill: {found[0].text} ..."
        raise Misfit(message, offset=found[0].offset)
    only = place < len(found) and _word(found[place]) == "only"
    return words[0], place + only, only


def _source(found: Sequence[Token]) -> int:
    """Return the place of the table that an INSERT ... SELECT reads, 0 where there is none."""
    select, source = _top_level(found, 1, "select"), _top_level(found, 1, "from")
    return source + 1 if select is not None and source is not None and select < source else 0


def _table(found: Sequence[Token], place: int, backfill: Backfill, does: str) -> int:
    """Return the place behind the table's name, and behind the star that may follow it."""
    end = place + 1
    while _text(found, end) == ".":
        end += 2
    written = found[place:end:2]
    parts = tuple(raw_name(token) for token in written if token.kind in {"name", "quoted"})
    parts = ("", *parts) if len(parts) == 1 else parts
    if parts != backfill.table:
        named = dotted(*filter(None, backfill.table))
        at = found[min(place, len(found) - 1)]
        raise Misfit(f"a backfill of {named} that {does} another table: {at.text} ...", offset=at.offset)
    return end + (_text(found, end) == "*")


def _alias(found: Sequence[Token], place: int, verb: str) -> tuple[int, str]:
    """Return the place behind the table's alias, and that, raw; empty where there is none."""
    following = found[place] if place < len(found) else None
    if following is None or (following.kind != "quoted" and _word(following) in _FOLLOWING[verb]):
        return place, ""
    named = place + (_word(following) == "as")
    if named >= len(found) or found[named].kind not in {"name", "quoted"}:
        raise Misfit(f"neither an alias nor what follows a table: {following.text}", offset=following.offset)
    return named + 1, raw_name(found[named])


def _refuse_strange(found: Sequence[Token], place: int, verb: str) -> None:
    following = found[place] if place < len(found) else found[-1]
    if _word(following) not in _FOLLOWING[verb] and (verb == "update" or place < len(found)):
        raise Misfit(f"not a statement that runs in batches: {following.text} ...", offset=following.offset)
    if (returning := _top_level(found, place, "returning")) is not None:
        raise Misfit("a RETURNING in a backfill", offset=found[returning].offset)
    for token in found:
        if token.kind == "parameter":
            raise Misfit(f"a parameter in a backfill: {token.text}", offset=token.offset)
    where = _top_level(found, place, "where")
    if where is not None and [_word(token) for token in found[where + 1 : where + 3]] == ["current", "of"]:
        raise Misfit("a cursor in a backfill: WHERE CURRENT OF", offset=found[where].offset)


def _refuse_whole(found: Sequence[Token], place: int, backfill: Backfill) -> None:
    """Refuse what is of all rows together, and rows that would be met again."""
    whole = [at for word in _WHOLE if (at := _top_level(found, place, word)) is not None]
    distinct = _top_level(found, 1, "distinct")
    if distinct is not None and distinct < place:
        whole.append(distinct)
    if whole:
        token = found[min(whole)]
        raise Misfit(f"what is of all rows together, in a backfill: {token.text}", offset=token.offset)
    into = tuple(raw_name(token) for token in found[2:5:2]) if _text(found, 3) == "." else (raw_name(found[2]),)
    if into == tuple(filter(None, backfill.table)):
        raise Misfit(f"a backfill that adds to the table that it goes through: {found[2].text}", offset=found[2].offset)


def _refuse_own_key(found: Sequence[Token], place: int, backfill: Backfill) -> None:
    for token in _targets(found, place):
        if raw_name(token) in backfill.key:
            raise Misfit(
                f"a backfill that changes the key it goes by: {ident(raw_name(token))}",
                offset=token.offset,
                hint="a row that moved would be met again: go by another unique key, or in one transaction",
            )


def _targets(found: Sequence[Token], place: int) -> Iterator[Token]:
    """Yield the columns that are set: `a = ...`, `a.field = ...`, `a[1] = ...`, `(a, b) = ...`."""
    depth, begins = 0, False
    for at in range(place, len(found)):
        if begins:
            yield from _target(found, at)
        begins = depth == 0 and (at == place or found[at].text == ",")
        depth += _DEPTHS.get(found[at].text, 0)


def _target(found: Sequence[Token], place: int) -> Iterator[Token]:
    end = _behind(found, place)
    while _text(found, end) in {".", "["}:
        end = end + 2 if _text(found, end) == "." else _behind(found, end)
    if _text(found, end) != "=":
        return
    if found[place].text != "(":
        yield found[place]
        return
    for before, token in pairwise(found[place:end]):
        if before.text in {"(", ","} and token.kind in {"name", "quoted"}:
            yield token


def _behind(found: Sequence[Token], place: int) -> int:
    """Return the place behind a token, or behind the bracket that closes it."""
    depth = 0
    for at in range(place, len(found)):
        depth += _DEPTHS.get(found[at].text, 0)
        if depth == 0:
            return at + 1
    return len(found)


def _top_level(found: Sequence[Token], place: int, word: str) -> int | None:
    """Return where the keyword stands outside of all brackets; a word behind a dot is a column."""
    depth = 0
    for at in range(place, len(found)):
        if depth == 0 and _word(found[at]) == word and found[at - 1].text != ".":
            return at
        depth += _DEPTHS.get(found[at].text, 0)
    return None


def _word(token: Token) -> str:
    return token.text.lower() if token.kind == "name" else ""


def _text(found: Sequence[Token], place: int) -> str:
    return found[place].text if place < len(found) else ""
