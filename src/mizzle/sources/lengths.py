"""Names that PostgreSQL would cut: refused, for two of them may become one, and the code knows neither."""

from __future__ import annotations

import re

from mizzle.errors import ConfigError
from mizzle.names import MAX_BYTES
from mizzle.sqltext import Token, tokens

# Nothing is decided by it: where it finds nothing, there is no name of that length, and the text need not be read.
_PERHAPS = re.compile(rb'[\w$\x80-\xff]{64}|"[^"]{32,}')


def check(sql: str, *, place: str) -> None:
    """Raise ConfigError where `sql` holds a name of more than 63 bytes; `place` is where it stands, for people."""
    if not _PERHAPS.search(sql.encode()):
        return
    for token in tokens(sql):
        name = _name(token)
        size = len(name.encode())
        if size > MAX_BYTES:
            raise ConfigError(
                f"{place}: the name {name} has {size} bytes, and PostgreSQL keeps {MAX_BYTES}",
                hint="give it a shorter name; letters beyond ASCII take two bytes or more",
            )


def _name(token: Token) -> str:
    """Return the name that a token is, empty for any other token."""
    match token.kind:
        case "name":
            return token.text
        case "quoted":
            return token.text.partition('"')[2][:-1].replace('""', '"')
        case _:
            return ""
