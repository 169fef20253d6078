"""SQLAlchemy MetaData → the DDL that `create_all` would send, compiled for the target, without a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mizzle import names
from mizzle.errors import ConfigError
from mizzle.sources import lengths

if TYPE_CHECKING:
    from sqlalchemy import MetaData

_RENAMED, _RENAMES = "renamed_from", "renames"
"""Keys in `info`: of a table or column its old name, of a MetaData old names to new ones, as for --rename."""

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
    statements += [hint for metadata in listed for hint in _hints(metadata)]
    for statement in statements:
        lengths.check(statement, place="the models")
    return tuple(statements)


def _hints(metadata: MetaData) -> Iterator[str]:
    """Yield the renames that the models tell in their `info`, as comments, which are no statements (project/hints.py).

    Raises ConfigError for what is no name, or no mapping of names.
    """
    told = metadata.info.get(_RENAMES, {})
    if not isinstance(told, Mapping):
        raise ConfigError(
            f"MetaData.info[{_RENAMES!r}] is no mapping of old names to new ones",
            hint='such as {"public.mood": "feeling", "public.users.name": "full_name"}',
        )
    for old, new in sorted(_texts(told, "MetaData")):  # pyright: ignore[reportUnknownArgumentType]
        names.parse(old)
        yield f"-- renamed: {old} -> {new}"
    for table in metadata.tables.values():
        place = names.dotted(table.schema or "public", table.name)
        for _, old in _texts({place: table.info.get(_RENAMED)}, f"table {place}") if _RENAMED in table.info else ():
            where = old if "." in old else f"{names.ident(table.schema or 'public')}.{old}"
            moved = names.parse(where)[0] != (table.schema or "public")
            yield f"-- renamed: {where} -> {place if moved else names.ident(table.name)}"
        for column in table.columns:
            said = {column.name: column.info[_RENAMED]} if _RENAMED in column.info else {}
            for _, old in _texts(said, f"column {place}.{names.ident(column.name)}"):
                yield f"-- renamed: {place}.{old} -> {names.ident(column.name)}"


def _texts(told: Mapping[Any, Any], place: str) -> Iterator[tuple[str, str]]:
    for name, text in told.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise ConfigError(
                f"{place}: what it was renamed from is no text: {text!r}", hint="give the name, as in SQL"
            )
        names.parse(text)
        yield name, text


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
