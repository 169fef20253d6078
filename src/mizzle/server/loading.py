"""Sources loaded together: the models' statements first, then the SQL files, with errors that name the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mizzle.errors import DatabaseError

if TYPE_CHECKING:
    from mizzle.catalog.catalog import Catalog
    from mizzle.server.scratch import Server


def load_sources(server: Server, ddl: Sequence[str], files: Sequence[tuple[str, str]]) -> Catalog:
    """Return the catalog of models and files together; `files` are (name, text).

    Raises what Server.load() raises; an error's line is that of the file it is in.
    """
    head = "".join(f"{statement};\n" for statement in ddl)
    try:
        return server.load(
            head + "".join(f"{text}\n;\n" for _, text in files), name="the models" if ddl else _names(files)
        )
    except DatabaseError:
        _load_separately(server, head, files)
        raise


def _load_separately(server: Server, head: str, files: Sequence[tuple[str, str]]) -> None:
    """Load file after file, so that the error names the one that is refused."""
    before = head
    if before:
        server.load(before, name="the models")
    for name, text in files:
        try:
            server.load(before + text, name=name)
        except DatabaseError as error:
            raise _moved(error, name, before.count("\n")) from error
        before += f"{text}\n;\n"


def _moved(error: DatabaseError, name: str, lines: int) -> DatabaseError:
    prefix = f"{name}, line "
    if not error.message.startswith(prefix):
        return error
    number, colon, rest = error.message.removeprefix(prefix).partition(":")
    return DatabaseError(f"{prefix}{int(number) - lines}{colon}{rest}", hint=error.hint, sqlstate=error.sqlstate)


def _names(files: Sequence[tuple[str, str]]) -> str:
    return files[0][0] if len(files) == 1 else "the SQL files"
