"""What pg_dump writes beside the schema: rows, lines for psql, statements about the database as a whole.

They are taken out, line by line, so that errors still name the lines of the file; what a line for psql would do is
refused, unless it does nothing for the schema.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mizzle.errors import ConfigError
from mizzle.sqltext import Token, tokens

_PERHAPS = re.compile(r"(?im)^\\|^COPY |^(?:CREATE|ALTER|DROP|COMMENT ON) DATABASE |^SET transaction_timeout ")
_HARMLESS = {"restrict", "unrestrict", "connect", "c", "echo", "qecho", "encoding"}
_END_OF_ROWS = re.compile(r"^\\\.[ \t]*\r?$", re.MULTILINE)
_DATABASE = (("CREATE", "DATABASE"), ("ALTER", "DATABASE"), ("DROP", "DATABASE"), ("COMMENT", "ON", "DATABASE"))
_NEWER = ("SET", "transaction_timeout")
"""A setting that pg_dump 17 and newer writes, and older servers do not know."""


def plain(text: str, *, place: str) -> tuple[str, tuple[str, ...]]:
    """Return `text` without what is for psql alone and without rows, and what was left out, for people.

    Raises ConfigError for a command of psql that does something, and for rows without an end.
    """
    if not _PERHAPS.search(text):
        return text, ()
    kept: list[str] = []
    done = 0
    skipped: Counter[str] = Counter()
    for start, end, what in _left_out(text, place):
        kept += [text[done:start], "\n" * text.count("\n", start, end)]
        done = end
        skipped[what] += 1
    kept.append(text[done:])
    return "".join(kept), tuple(_said(what, number) for what, number in skipped.items())


def _said(what: str, number: int) -> str:
    if what == "rows":
        return f"the rows of {number} table{'s' if number > 1 else ''}"
    return what if number == 1 else f"{what} ({number} times)"


def _left_out(text: str, place: str) -> Iterator[tuple[int, int, str]]:
    """Yield where something begins and ends that is left out, and what it is."""
    offset = begun = 0
    words: list[str] = []
    stream = tokens(text)
    while (token := next(stream, None)) is not None:
        end = offset + len(token.text)
        if token.text.startswith("\\") and not words and _begins_line(text, offset):
            end = _line_end(text, offset)
            yield offset, end, _command(text, offset, end, place)
            offset, stream = end, _from(text, end)
            continue
        if token.significant:
            begun = begun if words else offset
            words.append(token.text)
            if token.text == ";":
                if _copies(words):
                    end = _after_rows(text, end, place)
                    yield begun, end, "rows"
                    stream = _from(text, end)
                elif what := _beside(words):
                    yield begun, end, what
                words = []
        offset = end


def _from(text: str, offset: int) -> Iterator[Token]:
    return tokens(text[offset:])


def _begins_line(text: str, offset: int) -> bool:
    return not text[text.rfind("\n", 0, offset) + 1 : offset].strip()


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _command(text: str, start: int, end: int, place: str) -> str:
    word = re.match(r"\\(\w+|.)", text[start:end])
    name = word[1] if word else ""
    if name in _HARMLESS:
        return f"\\{name}"
    line = text.count("\n", 0, start) + 1
    raise ConfigError(
        f"{place}, line {line}: \\{name} is a command of psql, not SQL",
        hint="a schema is read without psql: put the SQL that it would run in its place, or take it out",
    )


def _copies(words: list[str]) -> bool:
    upper = [word.upper() for word in words]
    return upper[0] == "COPY" and "STDIN" in upper


def _beside(words: list[str]) -> str:
    upper = tuple(word.upper() for word in words[:3])
    for verb in _DATABASE:
        if upper[: len(verb)] == verb:
            return " ".join(verb)
    return "SET transaction_timeout" if tuple(words[:2]) == _NEWER else ""


def _after_rows(text: str, offset: int, place: str) -> int:
    found = _END_OF_ROWS.search(text, _line_end(text, offset))
    if found is None:
        line = text.count("\n", 0, offset) + 1
        raise ConfigError(
            f"{place}, line {line}: rows without an end",
            hint=r"the rows of COPY ... FROM stdin end in a line that holds \. alone: is the file whole?",
        )
    return found.end()
