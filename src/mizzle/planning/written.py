"""Names as a step's header writes them: as in SQL, quoted where SQL needs it, and never folded."""

from __future__ import annotations

from collections.abc import Sequence

from mizzle.errors import ConfigError
from mizzle.sqltext import Token, raw_name


def dotted_name(written: Sequence[Token], text: str, *, where: str) -> tuple[str, ...]:
    """Read the tokens of a dotted name into its raw parts; `text` and `where` ("a condition") are for errors.

    Raises ConfigError for what is no name, and for one without quotes that PostgreSQL would fold.
    """
    return _parts(written, ".", f"not a name in {where}: {text}", where)


def listed_names(written: Sequence[Token], text: str, *, where: str) -> tuple[str, ...]:
    """Read the tokens of names with commas between them, as dotted_name() does."""
    return _parts(written, ",", f"not names with commas between them in {where}: {text}", where)


def _parts(written: Sequence[Token], mark: str, problem: str, where: str) -> tuple[str, ...]:
    parts, marks = written[::2], written[1::2]
    if len(parts) != len(marks) + 1 or any(each.text != mark for each in marks):
        raise ConfigError(problem, hint='write it as in SQL: public."Order items".id')
    return tuple(_raw(token, where) for token in parts)


def _raw(token: Token, where: str) -> str:
    if token.kind not in {"name", "quoted"} or not token.closed:
        raise ConfigError(f"not a name in {where}: {token.text}", hint='write it as in SQL: public."Order items"')
    name = raw_name(token)
    if token.kind == "name" and name != token.text:
        raise ConfigError(
            f"a name with capitals and without quotes in {where}: {token.text}",
            hint=f'write "{token.text}" if it has capitals, {name} if not',
        )
    return name
