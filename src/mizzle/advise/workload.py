"""Queries that are asked: from files, and from what the server has counted in pg_stat_statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from mizzle import names, sqltext
from mizzle.errors import ConfigError
from mizzle.runner.connection import Connection
from mizzle.sqltext import Token

_ASKED = frozenset({"select", "with", "update", "delete", "insert", "merge", "values", "table"})
_STATEMENTS = "pg_stat_statements"
_MOST = 300
_TOP = """
SELECT query, calls, total_exec_time, mean_exec_time, rows
FROM {schema}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query <> '<insufficient privilege>'
ORDER BY total_exec_time DESC
LIMIT %(most)s
"""
_SHOWN = 200
_ZONED = frozenset({"timestamp", "time"})
_ZONES = (["with", "time", "zone"], ["without", "time", "zone"])
_TYPES = _ZONED | {"date", "interval", "timestamptz", "timetz"}
"""Types whose constants may be written behind their name."""


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with parameters $1, $2, …; `calls` and `milliseconds` (on average) are None where nobody counted."""

    name: str
    sql: str
    calls: int | None = None
    milliseconds: float | None = None

    @property
    def weight(self) -> float:
        """The milliseconds that it took altogether, 1 where nobody counted."""
        return (self.calls or 1) * (self.milliseconds or 1)

    @property
    def of_catalog(self) -> bool:
        """Whether the server counted it and it asks about the server: a tool's, not the application's."""
        names = (token.text for token in sqltext.tokens(self.sql) if token.kind == "name")
        return self.calls is not None and any(each.lower().startswith("pg_") for each in names)

    def __str__(self) -> str:
        counted = "" if self.calls is None else f", {self.calls:,} calls of {self.milliseconds or 0:.1f} ms"
        return f"{self.name}{counted}"


def from_file(path: Path) -> list[Query]:
    """Return the statements of a file, each named by a line `-- name: …` above it or by where it stands.

    Parameters may be written $1, :name, %(name)s or %s. Raises ConfigError where the file cannot be read, or holds no
    statement.
    """
    try:
        text = sqltext.normalize(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"cannot read {path}: {said}", hint="--queries names a file of SQL statements") from error
    found: list[Query] = []
    end = 0
    for fragment in sqltext.split(text):
        said = _named(text[end : fragment.offset]) or f"{path.name}, line {fragment.line}"
        found.append(Query(said, numbered(fragment.sql)))
        end = fragment.offset + len(fragment.sql)
    if not found:
        raise ConfigError(
            f"{path} holds no statement", hint="write the application's queries there, with $1 for a value"
        )
    return found


def _named(before: str) -> str:
    """Return what the last comment `-- name: …` before a statement says."""
    comments = [token.text for token in sqltext.tokens(before) if token.kind == "comment"]
    said = [text.removeprefix("--").strip().removeprefix("name:").strip() for text in comments if "name:" in text]
    return said[-1] if said else ""


def numbered(sql: str) -> str:
    """Return the statement with its parameters as PostgreSQL has them: $1, $2, …; one name is one parameter."""
    given: dict[str, int] = {}
    return "".join(_numbered(list(sqltext.tokens(sql)), given))


def _numbered(found: list[Token], given: dict[str, int]) -> Iterator[str]:
    place = 0
    while place < len(found):
        token = found[place]
        after = [each.text for each in found[place + 1 : place + 5]]
        name, taken = "", 0
        if token.text == ":" and found[place + 1 : place + 2] and found[place + 1].kind == "name":
            name, taken = after[0], 1
        elif token.kind == "operator" and token.text.endswith("%"):
            if after[:1] == ["("] and after[2:4] == [")", "s"]:
                name, taken = after[1], 4
            elif after[:1] == ["s"]:
                name, taken = f"#{len(given)}", 1
        if name:
            yield token.text.removesuffix("%") if token.text != ":" else ""
            yield f"${given.setdefault(name, len(given) + 1)}"
        else:
            yield token.text
        place += 1 + taken


def from_statements(connection: Connection, extensions: Mapping[str, str]) -> list[Query] | None:
    """Return what took the server the most time, of this database; None without pg_stat_statements.

    `extensions` are those installed, with their schemas. The session is in a transaction, which goes on.
    """
    if _STATEMENTS not in extensions:
        return None
    query = _TOP.format(schema=names.ident(extensions[_STATEMENTS]))
    try:
        with connection.transaction():
            rows = connection.execute(query.encode(), {"most": _MOST}).fetchall()
    except psycopg.Error:
        return None  # not in shared_preload_libraries, or not for this role: as good as not there
    return [
        Query(_short(sql), plannable(sql), int(calls), float(mean))
        for sql, calls, _, mean, _ in rows
        if first_word(sql) in _ASKED
    ]


def plannable(sql: str) -> str:
    """Return a statement of pg_stat_statements as PostgreSQL reads it again.

    Where a constant stood, it has a parameter, also where none may stand: `interval $1`, `extract($1 FROM at)`.
    """
    found = list(sqltext.tokens(sql))
    places = [place for place, token in enumerate(found) if token.significant]
    texts = [token.text for token in found]
    for number, place in enumerate(places):
        if found[place].kind != "parameter" or not number:
            continue
        words = [found[each].text.lower() for each in places[max(number - 4, 0) : number + 2]]
        before = words[: min(number, 4)]
        if before[-2:] == ["extract", "("] and words[-1] == "from":
            texts[places[number - 2]], texts[places[number + 1]] = "date_part", ","
        elif before[-1] in _TYPES and found[places[number - 1]].kind == "name":
            texts[places[number - 1]], texts[place] = "", f"{texts[place]}::{before[-1]}"
        elif before[0] in _ZONED and before[1:] in _ZONES:
            for each in places[number - 4 : number]:
                texts[each] = ""
            texts[place] = f"{texts[place]}::{' '.join(before)}"
    return "".join(texts)


def first_word(sql: str) -> str:
    """Return the word that a statement begins with, in lower case."""
    return next((token.text.lower() for token in sqltext.tokens(sql) if token.kind == "name"), "")


def _short(sql: str) -> str:
    line = " ".join("".join(token.text if token.significant else " " for token in sqltext.tokens(sql)).split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
