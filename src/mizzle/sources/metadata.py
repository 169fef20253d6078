"""SQLAlchemy MetaData → the DDL that `create_all` would send, compiled for the target, without a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mizzle import names
from mizzle.errors import ConfigError
from mizzle.sources import lengths

if TYPE_CHECKING:
    from sqlalchemy import MetaData

_VIRTUAL = 18
"""The first major version with virtual generated columns."""


def ddl(metadatas: Iterable[MetaData], *, major: int) -> tuple[str, ...]:
    """Return the statements that create everything in `metadatas`, in order, without semicolons.

    Schemas that the tables name and create_all() expects are created first. Raises ConfigError where two of the
    metadata define a table of one name, a name is longer than PostgreSQL keeps, or a construct cannot be compiled.
    """
    listed = tuple(metadatas)
    _refuse_duplicates(listed)
    statements = [f"CREATE SCHEMA IF NOT EXISTS {names.ident(schema)}" for schema in sorted(_schemas(listed))]
    for metadata in listed:
        statements += _create_all(metadata, major)
    for statement in statements:
        lengths.check(statement, place="the models")
    return tuple(statements)


def _create_all(metadata: MetaData, major: int) -> list[str]:
    # Kept here: importing SQLAlchemy takes longer than most commands do without it.
    from sqlalchemy import create_mock_engine  # noqa: PLC0415

    compiled: list[str] = []

    def keep(statement: Any, *_: Any, **__: Any) -> None:
        compiled.append(str(statement.compile(dialect=engine.dialect)).strip())

    # With any other paramstyle, a % in a default would be doubled.
    engine = create_mock_engine("postgresql+psycopg://", keep, paramstyle="named")
    dialect: Any = engine.dialect
    dialect.server_version_info = (major, 0)
    # What a connection finds out (PGDialect.initialize): the version, and that standard_conforming_strings is on.
    dialect._backslash_escapes = False  # noqa: SLF001
    dialect.supports_virtual_generated_columns = major >= _VIRTUAL
    try:
        metadata.create_all(engine, checkfirst=False)
    except Exception as error:  # constructs and listeners of the user's own may raise anything
        raise ConfigError(
            f"the models cannot be turned into DDL: {_first_line(error)}", hint=_way_out(error)
        ) from error
    return compiled


def _way_out(error: Exception) -> str:
    from sqlalchemy import exc  # noqa: PLC0415 - as in _create_all()

    match error:
        case exc.IdentifierError():
            return f"give it a name of at most {names.MAX_BYTES} bytes"
        case exc.NoReferenceError():
            return "define what it refers to in the same metadata, or correct the name in ForeignKey(...)"
        case exc.CompileError():
            return "correct the model that it names: give it what PostgreSQL has"
        case _:
            return "see the model or the event listener it comes from: no database is connected while DDL is made"


def _first_line(error: Exception) -> str:
    said = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {said}"


def _schemas(metadatas: Iterable[MetaData]) -> set[str]:
    return {t.schema for metadata in metadatas for t in metadata.tables.values() if t.schema and t.schema != "public"}


def _refuse_duplicates(metadatas: tuple[MetaData, ...]) -> None:
    seen: set[str] = set()
    for key in _keys(metadatas):
        if key in seen:
            raise ConfigError(
                f"two of the models' metadata define a table {key}",
                hint="keep one of them, or give one another schema",
            )
        seen.add(key)


def _keys(metadatas: tuple[MetaData, ...]) -> Iterator[str]:
    for metadata in metadatas:
        for table in metadata.tables.values():
            yield names.dotted(table.schema or "public", table.name)
