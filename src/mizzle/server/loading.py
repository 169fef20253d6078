"""Sources loaded together: the models' statements between the SQL files, with errors that name the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mizzle.errors import DatabaseError

if TYPE_CHECKING:
    from mizzle.catalog.catalog import Catalog
    from mizzle.server.scratch import Server

_MODELS = "the models"


def load_sources(
    server: Server,
    ddl: Sequence[str],
    files: Sequence[tuple[str, str]],
    *,
    before: Sequence[tuple[str, str]] = (),
) -> Catalog:
    """Return the catalog of models and files together; `files` are (name, text), `before` those that come first.

    Raises what Server.load() raises; an error's line is that of the file it is in.
    """
    models = "".join(f"{statement};\n" for statement in ddl)
    parts = [*before, *([(_MODELS, models)] if models else []), *files]
    try:
        return server.load(
            "".join(_closed(name, text) for name, text in parts), name=_MODELS if ddl else _names(files or before)
        )
    except DatabaseError:
        _load_separately(server, parts)
        raise


def _closed(name: str, text: str) -> str:
    return text if name == _MODELS else f"{text}\n;\n"


def _load_separately(server: Server, parts: Sequence[tuple[str, str]]) -> None:
    """Load part after part, so that the error names the one that is refused."""
    before = ""
    for name, text in parts:
        try:
            server.load(before + text, name=name)
        except DatabaseError as error:
            raise _moved(error, name, before.count("\n")) from error
        before += _closed(name, text)


def _moved(error: DatabaseError, name: str, lines: int) -> DatabaseError:
    prefix = f"{name}, line "
    if not error.message.startswith(prefix):
        return error
    number, colon, rest = error.message.removeprefix(prefix).partition(":")
    line = int(number) - lines
    found = DatabaseError(f"{prefix}{line}{colon}{rest}", hint=error.hint, sqlstate=error.sqlstate)
    found.at = None if name == _MODELS else (name, line)
    return found


def _names(files: Sequence[tuple[str, str]]) -> str:
    return files[0][0] if len(files) == 1 else "the SQL files"
