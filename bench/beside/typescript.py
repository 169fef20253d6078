"""A catalog as a module of drizzle-orm: the same database, as far as drizzle can say it (it has no comments)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from mizzle.catalog.catalog import Catalog
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import ForeignKey
from mizzle.catalog.enum import Enum
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table

MARK = "  // columns"
_IMPORTS = """\
import { sql } from "drizzle-orm";
import {
  bigint, boolean, check, date, foreignKey, index, integer, jsonb, numeric, pgEnum, pgTable, text, timestamp, unique,
  uniqueIndex, uuid, varchar,
} from "drizzle-orm/pg-core";
"""
_TYPES = {
    "uuid": "uuid({})",
    "text": "text({})",
    "integer": "integer({})",
    "bigint": 'bigint({}, {{ mode: "number" }})',
    "boolean": "boolean({})",
    "date": "date({})",
    "jsonb": "jsonb({})",
    "timestamp with time zone": "timestamp({}, {{ withTimezone: true }})",
    "timestamp without time zone": "timestamp({})",
}
_DEFAULTS = {"now()": ".defaultNow()", "gen_random_uuid()": ".defaultRandom()", "'{}'::jsonb": ".default({})"}
_BARE = frozenset({"integer", "bigint", "boolean"})
_ACTIONS = {"CASCADE": "cascade", "RESTRICT": "restrict", "SET NULL": "set null"}


def schema(catalog: Catalog) -> str:
    """Return the text of schema.ts. Raises ValueError for what it cannot say."""
    enums = {f"public.{each.name}": f"{_camel(each.name)}Enum" for each in catalog.enums}
    lines = [_IMPORTS, *(_enum(each) for each in catalog.enums)]
    for table in catalog.tables:
        lines += ["", *_table(table, enums)]
    return "\n".join(lines) + "\n"


def with_column(text: str, name: str) -> str:
    """Return the module with one more column in its first table."""
    return text.replace(MARK, f'  {_camel(name)}: text("{name}"),\n{MARK}', 1)


def _enum(enum: Enum) -> str:
    return f'export const {_camel(enum.name)}Enum = pgEnum("{enum.name}", {json.dumps(enum.labels)});'


def _table(table: Table, enums: dict[str, str]) -> Iterator[str]:
    yield f'export const {_camel(table.name)} = pgTable("{table.name}", {{'
    yield MARK
    key = table.primary_key.columns if table.primary_key else ()
    for column in table.ordered_columns:
        primary = ".primaryKey()" if (column.name,) == key else ""
        yield f"  {_camel(column.name)}: {_column(column, enums)}{primary},"
    yield "}, (t) => ["
    for unique in table.uniques:
        yield f'  unique("{unique.name}").on({_columns(unique.columns)}),'
    for each in table.checks:
        text = each.definition.removeprefix("CHECK ((").removesuffix("))")
        yield f'  check("{each.name}", sql`{text}`),'
    yield from (f"  {_foreign_key(each)}," for each in table.foreign_keys)
    yield from (f"  {_index(each)}," for each in table.indexes)
    yield "]);"


def _column(column: Column, enums: dict[str, str]) -> str:
    text = _type(column, enums)
    if column.identity is not None:
        text += f'.generatedAlwaysAsIdentity({{ name: "{column.identity.sequence}" }})'
    if not column.nullable:
        text += ".notNull()"
    return text + _default(column)


def _type(column: Column, enums: dict[str, str]) -> str:
    name = json.dumps(column.name)
    if column.type in enums:
        return f"{enums[column.type]}({name})"
    if column.type in _TYPES:
        return _TYPES[column.type].format(name)
    if found := re.fullmatch(r"character varying\((\d+)\)", column.type):
        return f"varchar({name}, {{ length: {found[1]} }})"
    if found := re.fullmatch(r"numeric\((\d+),(\d+)\)", column.type):
        return f"numeric({name}, {{ precision: {found[1]}, scale: {found[2]} }})"
    raise ValueError(f"column {column.name} has a type that is not written for drizzle: {column.type}")


def _default(column: Column) -> str:
    if column.default is None:
        return ""
    if column.default in _DEFAULTS:
        return _DEFAULTS[column.default]
    if found := re.fullmatch(r"'([^']*)'::.*", column.default):
        return f".default({json.dumps(found[1])})"
    if column.type in _BARE:
        return f".default({column.default})"
    raise ValueError(f"column {column.name} has a default that is not written for drizzle: {column.default}")


def _foreign_key(key: ForeignKey) -> str:
    columns = f"columns: [{_columns(key.columns)}]"
    foreign = ", ".join(f"{_camel(key.ref_table)}.{_camel(each)}" for each in key.ref_columns)
    action = f'.onDelete("{_ACTIONS[key.on_delete]}")' if key.on_delete in _ACTIONS else ""
    return f'foreignKey({{ name: "{key.name}", {columns}, foreignColumns: [{foreign}] }}){action}'


def _index(index: Index) -> str:
    found = re.fullmatch(r"USING (\w+) \((.*?)\)(?: WHERE \((.*)\))?", index.definition)
    if found is None:
        raise ValueError(f"index {index.name} is not written for drizzle: {index.definition}")
    method, keys, where = found.groups()
    plain = keys == ", ".join(index.columns) or all(each in index.columns for each in keys.split(", "))
    on = _columns(keys.split(", ")) if plain else f"sql`{keys}`"
    kind = "uniqueIndex" if index.unique else "index"
    using = f".on({on})" if method == "btree" else f'.using("{method}", {on})'
    return f'{kind}("{index.name}"){using}' + (f".where(sql`{where}`)" if where else "")


def _columns(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"t.{_camel(each)}" for each in names)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
