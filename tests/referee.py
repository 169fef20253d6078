"""The independent referee: two databases are equal when the server's own pg_dump says so.

It knows nothing of Mizzle. The text of `pg_dump --schema-only` is cut into statements, and only what does not count is
taken away: comments and session settings, the order of the statements (dependencies, names and in the end OIDs decide
it), the order of a table's columns, and the names that PostgreSQL 18 gave NOT NULL constraints by itself.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TOKEN = re.compile(
    r"""
      (?P<comment>  --[^\n]* | /\*.*?\*/ | ^\\[^\n]* )   # also psql's own \restrict, which stands on a line of its own
    | (?P<string>   [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' )
    | (?P<quoted>   "(?:[^"]|"")*" )
    | (?P<body>     \$(?P<tag>[^\W\d]\w*)?\$ .*? \$(?(tag)(?P=tag))\$ )
    | (?P<word>     [^\W\d][\w$]* )
    | (?P<space>    \s+ )
    | (?P<other>    . )
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_TABLE = re.compile(r"CREATE (?:UNLOGGED |FOREIGN )?TABLE ")
_AUTOMATIC = re.compile(r'_not_null\d*"?')
# Settings that say something about the tables that follow, and where they say nothing.
_CONTEXT = {"default_tablespace": "''", "default_table_access_method": "heap"}


def schema_text(
    url: str,
    *,
    bin: Path,  # noqa: A002 - as Server calls it
    exclude: str = "mizzle",
    access: bool = False,
) -> str:
    """Return a database's whole schema as text that is equal for equal schemas of one major version of PostgreSQL.

    `bin` is the folder of the server's own programs, `exclude` the schema of the history; with `access` it says whose
    everything is, and who may do what.
    """
    return normalise(_dump(url, bin, exclude, access=access))


def restore(url: str, copy: str, *, bin: Path, access: bool = False) -> None:  # noqa: A002
    """Load the schema of the database at `url` into the empty one at `copy`, as it comes out of a dump."""
    psql = [bin / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", copy]
    # Client programs may be newer than the server, which does not know this setting of theirs before 17.
    dump = _dump(url, bin, "", access=access).replace("SET transaction_timeout = 0;\n", "")
    subprocess.run(psql, input=dump, stdout=subprocess.DEVNULL, encoding="utf-8", check=True)


def _dump(url: str, bin: Path, exclude: str, *, access: bool = False) -> str:  # noqa: A002
    options = ["--schema-only", f"--exclude-schema={exclude}"]
    if not access:
        options += ["--no-owner", "--no-privileges"]
    dump = subprocess.run(
        [bin / "pg_dump", *options, url],
        capture_output=True,
        encoding="utf-8",
        env={"PGTZ": "UTC", "PGCLIENTENCODING": "UTF8", "PGOPTIONS": "-c standard_conforming_strings=on"},
        check=False,
    )
    if dump.returncode != 0:
        raise RuntimeError(dump.stderr)
    return dump.stdout


def normalise(dump: str) -> str:
    """Return the text of a dump without what does not count."""
    context = dict(_CONTEXT)
    kept: list[str] = []
    for tokens in _statements(dump):
        statement = "".join(tokens)
        if statement.startswith("SET "):
            name, value = statement.removeprefix("SET ").split(" = ", 1)
            context[name] = value
        elif _TABLE.match(statement):
            kept.append(_table(tokens) + _notes(context))
        elif not statement.startswith("SELECT pg_catalog.set_config("):
            kept.append(statement)
    return ";\n\n".join(sorted(kept)) + ";\n"


def _statements(dump: str) -> Iterator[list[str]]:
    """Yield each statement's tokens; joined they are its text, without comments outside strings and bodies."""
    tokens: list[str] = []
    depth = 0
    for match in _TOKEN.finditer(dump):
        token = match.group()
        if match.lastgroup == "comment" or (match.lastgroup == "space" and not tokens):
            continue
        if token == ";" and depth == 0:
            yield tokens
            tokens = []
            continue
        depth += _nesting(token, tokens, depth)
        tokens.append(token)
    assert depth == 0, f"unbalanced: {''.join(tokens)}"
    assert not "".join(tokens).strip(), f"no semicolon after: {''.join(tokens)}"


def _nesting(token: str, before: list[str], depth: int) -> int:
    """Return how much deeper a token leads: parentheses, and in a body of standard SQL BEGIN ATOMIC and CASE."""
    if token in {"(", ")"}:
        return 1 if token == "(" else -1
    if token == "ATOMIC" and before[-2:-1] == ["BEGIN"]:
        return 1
    inside = depth > 0 and "ATOMIC" in before
    return {"CASE": 1, "END": -1}.get(token, 0) if inside else 0


def _table(tokens: list[str]) -> str:
    """Return CREATE TABLE with its columns and constraints sorted, one a line, and automatic names taken out."""
    if "(" not in tokens:
        return "".join(tokens)
    start = tokens.index("(")
    elements: list[list[str]] = [[]]
    depth = 1
    for end in range(start + 1, len(tokens)):
        token = tokens[end]
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0:
            lines = sorted(_element(element) for element in elements)
            return "".join(tokens[:start]) + "(\n    " + ",\n    ".join(lines) + "\n" + "".join(tokens[end:])
        if token == "," and depth == 1:
            elements.append([])
        else:
            elements[-1].append(token)
    raise AssertionError("".join(tokens))


def _element(tokens: list[str]) -> str:
    words = [token for token in tokens if not token.isspace()]
    for index, word in enumerate(words):
        if word == "CONSTRAINT" and words[index + 2 : index + 4] == ["NOT", "NULL"] and _automatic(words[index + 1]):
            text = "".join(tokens)
            return text.replace(f"CONSTRAINT {words[index + 1]} NOT NULL", "NOT NULL").strip()
    return "".join(tokens).strip()


def _automatic(name: str) -> bool:
    """Say whether PostgreSQL itself may have given this name to a NOT NULL constraint (the table may be renamed)."""
    ending = _AUTOMATIC.search(name)
    return ending is not None and ending.end() == len(name)


def _notes(context: dict[str, str]) -> str:
    return "".join(f"\n/* {name} = {context[name]} */" for name, usual in _CONTEXT.items() if context[name] != usual)
