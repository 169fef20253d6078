"""A catalog as Django's models, as far as these can say it.

Django has no enum types (a varchar stands for each), makes identity columns BY DEFAULT, has no ON DELETE in the
database, and gives foreign keys and indexes names of its own: columns, their types and whether they may be null are
the same.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from mizzle.catalog.catalog import Catalog
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import ForeignKey
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table

MARK = "    # columns"
_IMPORTS = """\
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
"""
_TYPES = {
    "uuid": ("UUIDField", ""),
    "text": ("TextField", ""),
    "integer": ("IntegerField", ""),
    "bigint": ("BigIntegerField", ""),
    "boolean": ("BooleanField", ""),
    "date": ("DateField", ""),
    "jsonb": ("JSONField", ""),
    "timestamp with time zone": ("DateTimeField", ""),
    "timestamp without time zone": ("PlainTimestampField", ""),
}
_PLAIN_TIMESTAMP = '''

class PlainTimestampField(models.DateTimeField):
    """A timestamp without a time zone, which Django itself does not make."""

    def db_type(self, connection):
        return "timestamp without time zone"
'''
_DEFAULTS = {"now()": "Now()", "gen_random_uuid()": "RandomUUID()", "true": "True", "'{}'::jsonb": "{}"}
_CHECKS = {
    "amount": "Q(amount__gte=0)",
    "discount": "Q(discount__range=(0, 100))",
    "currency": "Q(currency__in=('EUR', 'USD', 'GBP'))",
    "ends_on": "Q(ends_on__gt='2000-01-01')",
}
_ACTIONS = {"CASCADE": "CASCADE", "RESTRICT": "PROTECT", "SET NULL": "SET_NULL", "NO ACTION": "DO_NOTHING"}
_ENUM = 20
_LONGEST = 30


def models(catalog: Catalog) -> str:
    """Return the text of models.py. Raises ValueError for what it cannot say."""
    enums = {f"public.{each.name}" for each in catalog.enums}
    classes = ("\n".join(_model(table, enums)) for table in catalog.tables)
    return "\n\n\n".join((_IMPORTS + _PLAIN_TIMESTAMP, *classes)) + "\n"


def with_column(text: str, name: str) -> str:
    """Return the module with one more column in its first model."""
    return text.replace(MARK, f"    {name} = models.TextField(null=True)\n{MARK}", 1)


def model_name(table: str) -> str:
    """Return the class of a table."""
    return "".join(part.title() for part in table.split("_"))


def comparable(catalog: Catalog) -> dict[str, dict[str, tuple[str, bool]]]:
    """Return what both can say: by table and column the type, varchar for an enum, and whether it may be null."""
    enums = {f"public.{each.name}" for each in catalog.enums}
    return {
        table.name: {
            each.name: (f"character varying({_ENUM})" if each.type in enums else each.type, each.nullable)
            for each in table.columns
        }
        for table in catalog.tables
        if not table.name.startswith("django_")
    }


def _model(table: Table, enums: set[str]) -> Iterator[str]:
    yield f"class {model_name(table.name)}(models.Model):"
    yield MARK
    keys = {key.columns[0]: key for key in table.foreign_keys if len(key.columns) == 1}
    indexed = {
        index.columns[0]: index for index in table.indexes if index.definition == f"USING btree ({index.columns[0]})"
    }
    unique = {each.columns[0] for each in table.uniques if len(each.columns) == 1}
    primary = table.primary_key.columns if table.primary_key else ()
    for column in table.ordered_columns:
        more = ["primary_key=True"] if (column.name,) == primary else []
        more += ["unique=True"] if column.name in unique else []
        if column.name in keys:
            yield _foreign_key(column, keys[column.name], more, indexed=column.name in indexed)
        else:
            more += ["db_index=True"] if column.name in indexed else []
            yield f"    {column.name} = {_field(column, enums, more)}"
    yield ""
    yield "    class Meta:"
    yield f'        db_table = "{table.name}"'
    several = [
        f"models.UniqueConstraint(fields={list(e.columns)}, name='{_short(e.name)}')"
        for e in table.uniques
        if len(e.columns) > 1
    ]
    checks = [
        f"models.CheckConstraint(condition={_CHECKS[each.columns[0]]}, name='{each.name}')" for each in table.checks
    ]
    yield f"        constraints = [{', '.join((*several, *checks))}]"
    others = [_index(index) for index in table.indexes if index not in indexed.values()]
    yield f"        indexes = [{', '.join(others)}]"


def _field(column: Column, enums: set[str], more: list[str]) -> str:
    if column.identity is not None:
        return "models.BigAutoField(primary_key=True)"
    kind, arguments = _type(column, enums)
    where = "" if kind == "PlainTimestampField" else "models."
    given = [arguments] if arguments else []
    given += ["null=True"] if column.nullable else []
    return f"{where}{kind}({', '.join((*given, *_default(column), *more))})"


def _type(column: Column, enums: set[str]) -> tuple[str, str]:
    if column.type in enums:
        return "CharField", f"max_length={_ENUM}"
    if column.type in _TYPES:
        return _TYPES[column.type]
    if found := re.fullmatch(r"character varying\((\d+)\)", column.type):
        return "CharField", f"max_length={found[1]}"
    if found := re.fullmatch(r"numeric\((\d+),(\d+)\)", column.type):
        return "DecimalField", f"max_digits={found[1]}, decimal_places={found[2]}"
    raise ValueError(f"column {column.name} has a type that is not written for Django: {column.type}")


def _default(column: Column) -> list[str]:
    if column.default is None:
        return []
    if column.default in _DEFAULTS:
        return [f"db_default={_DEFAULTS[column.default]}"]
    if found := re.fullmatch(r"'([^']*)'::.*", column.default):
        number = column.type.startswith("numeric")
        return [f"db_default={found[1] if number else repr(found[1])}"]
    return [f"db_default={column.default}"]


def _foreign_key(column: Column, key: ForeignKey, more: list[str], *, indexed: bool) -> str:
    given = [f'"{model_name(key.ref_table)}"', f"models.{_ACTIONS[key.on_delete]}", f'db_column="{column.name}"']
    given += ["null=True"] if column.nullable else []
    given += [f"db_index={indexed}", "related_name='+'", *more]
    return f"    {column.name.removesuffix('_id')} = models.ForeignKey({', '.join(given)})"


def _index(index: Index) -> str:
    name = f"name='{_short(index.name)}'"
    if "USING gin" in index.definition:
        return f"GinIndex(fields={list(index.columns)}, {name})"
    if "lower(" in index.definition:
        return f"models.Index(Lower('{index.columns[0]}'), {name})"
    where = f", condition=Q({index.columns[0]}__isnull=False)" if "WHERE" in index.definition else ""
    return f"models.Index(fields={[each.removesuffix('_id') for each in index.columns]}, {name}{where})"


def _short(name: str) -> str:
    """Return a name that is as short as Django wants it."""
    return name if len(name) <= _LONGEST else f"{name[:20]}_{zlib.crc32(name.encode()):x}"
