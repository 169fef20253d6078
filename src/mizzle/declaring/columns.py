"""Columns as attributes of a class, and as columns of a Table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mizzle.catalog.address import Address
from mizzle.catalog.column import Column, Identity
from mizzle.catalog.constraint import ForeignKey
from mizzle.catalog.sequence import default_options
from mizzle.catalog.table import Table
from mizzle.declaring import parts
from mizzle.declaring.conventions import Convention
from mizzle.declaring.definitions import indexed, keyed, unwrapped
from mizzle.declaring.entities import Entity
from mizzle.declaring.layout import Code, Named, Text, call, keywords
from mizzle.declaring.split import Serials
from mizzle.declaring.types import Type, Types
from mizzle.sqltext import tokens

_INTEGERS = frozenset({"smallint", "integer", "bigint"})
_SPOKEN = {
    "CURRENT_DATE": "sa.func.current_date()",
    "CURRENT_TIMESTAMP": "sa.func.current_timestamp()",
    "false": "sa.false()",
    "true": "sa.true()",
}
"""Defaults that SQLAlchemy has words for."""


@dataclass(frozen=True)
class Columns:
    """Writes columns of `tables`, which are all that the models say."""

    serials: Serials
    tables: Mapping[Address, Table]
    types: Types
    convention: Convention

    def attribute(self, entity: Entity, column: Column) -> tuple[str, Code | None]:
        """Return the annotation of a column's attribute, and its value; None where the annotation says it all."""
        found = self.types.of(column)
        name = entity.attributes[column.name]
        optional = column.nullable and not self._is_key(entity.table, column)
        annotation = f"Mapped[{found.python}{' | None' if optional else ''}]"
        refers = any(key.columns == (column.name,) for key in entity.table.foreign_keys)  # then no annotation is asked
        implied = self._as_referenced(entity.table, column) if refers else found.implied
        said = () if implied else (found.code,)
        called = (Text(column.name),) if name != column.name else ()
        arguments = (*called, *said, *self._arguments(entity.table, column, None))
        return annotation, call("mapped_column", *arguments) if arguments else None

    def column(self, table: Table, column: Column) -> Code:
        """Return a column of a Table."""
        found = self.types.of(column)
        nullable = "False" if not column.nullable and not self._is_key(table, column) else None
        said = () if self._as_referenced(table, column) else (found.code,)
        return call("sa.Column", Text(column.name), *said, *self._arguments(table, column, nullable))

    def of(self, column: Column) -> Type:
        """Return the type of a column."""
        return self.types.of(column)

    def _arguments(self, table: Table, column: Column, nullable: str | None) -> Iterator[Code]:
        """Yield what is said of a column besides its name and its type."""
        for key in table.foreign_keys:
            if key.columns == (column.name,):
                yield parts.reference(table, key, self.convention)
        if column.identity is not None:
            yield _identity(column, column.identity)
        if column.generated is not None:
            persisted = str(column.generated.kind == "stored")
            yield call("sa.Computed", parts.sql(unwrapped(column.generated.expression)), persisted=persisted)
        yield from self._keywords(table, column, nullable)

    def _keywords(self, table: Table, column: Column, nullable: str | None) -> tuple[Named, ...]:
        serial = self.serials.has(table, column)
        default = None if serial or column.default is None else _default(column)
        inline = (
            [each for each in table.uniques if keyed(each.definition).columns == (column.name,)],
            [each for each in table.indexes if indexed(each).columns == (column.name,)],
        )
        unique, index = (any(parts.is_inline(table, each, self.convention) for each in found) for found in inline)
        key = table.primary_key
        plain = key is not None and parts.primary_key(table, key, self.convention) is None
        return keywords(
            primary_key="True" if plain and self._is_key(table, column) else None,
            autoincrement=self._autoincrement(table, column, serial=serial),
            nullable=nullable,
            unique="True" if unique else None,
            index="True" if index else None,
            server_default=default,
            comment=Text(column.comment) if column.comment is not None else None,
        )

    def _autoincrement(self, table: Table, column: Column, *, serial: bool) -> str | None:
        """Return what keeps SQLAlchemy from making a SERIAL, or has it make one, where it would not by itself."""
        if not self._is_key(table, column) or column.type not in _INTEGERS:
            return None
        assert table.primary_key is not None
        alone = len(keyed(table.primary_key.definition).columns) == 1
        refers = any(column.name in key.columns for key in table.foreign_keys)
        by_itself = alone and not refers
        if serial:
            return None if by_itself else "True"
        said = column.default is not None or column.identity is not None or column.generated is not None
        return "False" if by_itself and not said else None

    def _is_key(self, table: Table, column: Column) -> bool:
        key = table.primary_key
        return key is not None and column.name in keyed(key.definition).columns

    def _as_referenced(self, table: Table, column: Column) -> bool:
        """Say whether SQLAlchemy takes the column's type from the one that it refers to."""
        keys = [key for key in table.foreign_keys if column.name in key.columns]
        if len(keys) != 1 or keys[0].columns != (column.name,):
            return False
        other = self._referred(keys[0])
        if other is None or any(other.name in key.columns for key in self.tables[keys[0].referenced].foreign_keys):
            return False  # it has its type from elsewhere, too, and SQLAlchemy does not always follow
        return (other.type, other.collation) == (column.type, column.collation)

    def _referred(self, key: ForeignKey) -> Column | None:
        table = self.tables.get(key.referenced)
        return next((each for each in table.columns if each.name == key.ref_columns[0]), None) if table else None


def _identity(column: Column, identity: Identity) -> Code:
    said, usual = identity.options, default_options(column.type, increment=identity.options.increment)
    return call(
        "sa.Identity",
        always="True" if identity.always else None,
        start=str(said.start) if said.start != usual.start else None,
        increment=str(said.increment) if said.increment != 1 else None,
        minvalue=str(said.minimum) if said.minimum != usual.minimum else None,
        maxvalue=str(said.maximum) if said.maximum != usual.maximum else None,
        cache=str(said.cache) if said.cache != usual.cache else None,
        cycle="True" if said.cycle else None,
    )


def _default(column: Column) -> Code:
    """Return a default as one would write it: a literal of the column's own type as a string, all else as SQL."""
    text = column.default or ""
    if text in _SPOKEN:
        return _SPOKEN[text]
    first, *rest = tokens(text)
    cast = "".join(token.text for token in rest)
    if first.kind == "string" and first.text.startswith("'") and cast == f"::{_without_modifiers(column.type)}":
        return Text(first.text[1:-1].replace("''", "'"))
    if first.kind == "name" and first.text.islower() and cast == "()":
        return call(f"sa.func.{first.text}")
    return parts.text(text)


def _without_modifiers(type_: str) -> str:
    """Return a type without what it has in parentheses: `timestamp(3) with time zone`, `numeric(10,2)`."""
    before, _, rest = type_.partition("(")
    return before + rest.partition(")")[2]
