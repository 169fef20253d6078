"""PostgreSQL's types as SQLAlchemy's, and as what Python calls their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mizzle import names
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.column import Column
from mizzle.catalog.enum import Enum
from mizzle.declaring.layout import Code, Group, Text, call, keywords

ANY = "Any"


@dataclass(frozen=True, slots=True)
class Type:
    """A type: `code` makes it in SQLAlchemy, `python` is the annotation of its values.

    `implied`: the annotation alone says it, by SQLAlchemy's own map or by the one that the base has.
    """

    code: Code
    python: str
    implied: bool = False


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum: the Python class that it is, and the variable that holds its type.

    `made`: the models make it. An annotation cannot stand for another: SQLAlchemy copies its type as one to be made.
    """

    enum: Enum
    class_name: str
    variable: str
    made: bool = True


_PLAIN = {
    "bigint": ("sa.BigInteger", "int"),
    "boolean": ("sa.Boolean", "bool"),
    "bytea": ("sa.LargeBinary", "bytes"),
    "cidr": ("pg.CIDR", ANY),
    "date": ("sa.Date", "datetime.date"),
    "double precision": ("sa.Double", "float"),
    "inet": ("pg.INET", ANY),
    "integer": ("sa.Integer", "int"),
    "interval": ("sa.Interval", "datetime.timedelta"),
    "json": ("pg.JSON", ANY),
    "jsonb": ("pg.JSONB", ANY),
    "jsonpath": ("pg.JSONPATH", "str"),
    "macaddr": ("pg.MACADDR", "str"),
    "macaddr8": ("pg.MACADDR8", "str"),
    "money": ("pg.MONEY", "str"),
    "numeric": ("sa.Numeric", "decimal.Decimal"),
    "oid": ("pg.OID", "int"),
    "real": ("sa.REAL", "float"),
    "regclass": ("pg.REGCLASS", "str"),
    "smallint": ("sa.SmallInteger", "int"),
    "text": ("sa.Text", "str"),
    "time without time zone": ("sa.Time", "datetime.time"),
    "timestamp without time zone": ("sa.DateTime", "datetime.datetime"),
    "tsquery": ("pg.TSQUERY", "str"),
    "tsvector": ("pg.TSVECTOR", "str"),
    "uuid": ("sa.Uuid", "uuid.UUID"),
    "character varying": ("sa.String", "str"),
}
_RANGES = {
    "int4": "int",
    "int8": "int",
    "num": "decimal.Decimal",
    "date": "datetime.date",
    "ts": "datetime.datetime",
    "tstz": "datetime.datetime",
}
_IMPLIED = frozenset(
    """boolean|bytea|date|double precision|integer|interval|numeric|time without time zone|uuid""".split("|")
)
"""What SQLAlchemy makes of an annotation alone."""

_MAPPED = {
    "str": ("character varying", "text"),
    "datetime.datetime": ("timestamp without time zone", "timestamp with time zone"),
}
"""Annotations that the base may map otherwise: what SQLAlchemy makes of them, and what a database may prefer."""

_TIMES = {
    "time without time zone": ("TIME", "datetime.time", False),
    "time with time zone": ("TIME", "datetime.time", True),
    "timestamp without time zone": ("TIMESTAMP", "datetime.datetime", False),
    "timestamp with time zone": ("TIMESTAMP", "datetime.datetime", True),
}
_ZONED = {"time with time zone": "sa.Time", "timestamp with time zone": "sa.DateTime"}


class Types:
    """Knows the types of a catalog; `enums` are those that have a class, by the name that PostgreSQL prints."""

    def __init__(self, catalog: Catalog, enums: Mapping[str, EnumType]) -> None:
        self._enums = enums
        self._domains = {names.dotted(each.schema, each.name): each for each in catalog.domains}
        self._citext = any(each.name == "citext" and each.schema == "public" for each in catalog.extensions)
        self._hstore = any(each.name == "hstore" and each.schema == "public" for each in catalog.extensions)
        used = Counter(each.type for table in catalog.tables for each in table.columns)
        self.preferred = {
            python: other for python, (own, other) in _MAPPED.items() if used[other] and used[other] >= used[own]
        }

    def of(self, column: Column) -> Type:
        """Return the type of a column, with its collation."""
        found = self.named(column.type)
        if column.collation is None:
            return found
        *schema, collation = names.parse(column.collation)
        if schema in ([], ["pg_catalog"]) and found.code in {"sa.Text", "sa.String"}:
            return Type(call(str(found.code), collation=Text(collation)), found.python)
        if isinstance(found.code, Group) and found.code.opening == "sa.String(" and schema in ([], ["pg_catalog"]):
            return Type(call("sa.String", *found.code.items, *keywords(collation=Text(collation))), found.python)
        return Type(_other(f"{column.type} COLLATE {column.collation}"), found.python)

    def named(self, text: str) -> Type:
        """Return a type by the text that PostgreSQL prints of it."""
        if text.endswith("[]"):
            inner = self.named(text.removesuffix("[]"))
            return Type(call("pg.ARRAY", inner.code), f"list[{inner.python}]")
        if text in self._enums:
            enum = self._enums[text]
            return Type(enum.variable, enum.class_name, implied=enum.made)
        if text in self._domains:
            base = self._domains[text].type  # SQLAlchemy does not see it: an enum's values come as they are
            return Type(_other(text), "str" if base in self._enums else self.named(base).python)
        if (extended := self._extended(text)) is not None:
            return extended
        name, modifiers, rest = _apart(text)
        full = f"{name} {rest}".strip()
        if modifiers:
            return _modified(full, modifiers) or Type(_other(text), ANY)
        if full in _ZONED:
            return Type(call(_ZONED[full], timezone="True"), _TIMES[full][1], implied=self._is_implied(full))
        if full in _PLAIN:
            return Type(*_PLAIN[full], implied=self._is_implied(full))
        if full.startswith("interval "):
            return Type(call("pg.INTERVAL", fields=Text(full.removeprefix("interval ").upper())), "datetime.timedelta")
        return _range(full) or Type(_other(text), "str" if full in {'"char"', "name", "xml", "bit"} else ANY)

    def mapped(self) -> Iterator[tuple[str, Code]]:
        """Yield what the base's type_annotation_map says: annotations and types."""
        for python, preferred in self.preferred.items():
            yield python, self.named(preferred).code

    def _is_implied(self, text: str) -> bool:
        for python, (own, other) in _MAPPED.items():
            if text in {own, other}:
                return self.preferred.get(python, own) == text
        return text in _IMPLIED

    def _extended(self, text: str) -> Type | None:
        if text == "public.citext" and self._citext:
            return Type("pg.CITEXT", "str")
        if text == "public.hstore" and self._hstore:
            return Type("pg.HSTORE", "dict[str, str | None]")
        return None


def is_other(code: Code) -> bool:
    """Say whether a type is made by the class that stands for all that SQLAlchemy does not know."""
    match code:
        case Group(opening="SqlType("):
            return True
        case Group(items=items):
            return any(map(is_other, items))
        case _:
            return False


def _other(text: str) -> Code:
    return call("SqlType", Text(text))


def _apart(text: str) -> tuple[str, tuple[str, ...], str]:
    """Return a type's name, its modifiers, and what stands behind those."""
    if text.startswith('"') or "." in text.partition("(")[0]:  # a name of somebody's own
        return text, (), ""
    name, bracket, rest = text.partition("(")
    inside, _, behind = rest.partition(")")
    return name.strip(), tuple(inside.split(",")) if bracket else (), behind.strip()


def _modified(name: str, modifiers: tuple[str, ...]) -> Type | None:
    if name in _TIMES:
        kind, python, zoned = _TIMES[name]
        return Type(call(f"pg.{kind}", timezone=str(zoned), precision=modifiers[0]), python)
    if name.startswith("interval"):
        fields = name.removeprefix("interval").strip().upper()
        said = keywords(fields=Text(fields) if fields else None, precision=modifiers[0])
        return Type(call("pg.INTERVAL", *said), "datetime.timedelta")
    match name:
        case "character varying":
            return Type(call("sa.String", *modifiers), "str")
        case "character":
            return Type(call("sa.CHAR", *modifiers), "str")
        case "numeric":
            return Type(call("sa.Numeric", ", ".join(modifiers)), "decimal.Decimal")
        case "bit":
            return Type(call("pg.BIT", *modifiers), "str")
        case "bit varying":
            return Type(call("pg.BIT", *modifiers, varying="True"), "str")
        case _:
            return None


def _range(text: str) -> Type | None:
    for kind, python in _RANGES.items():
        if text == f"{kind}range":
            return Type(f"pg.{text.upper()}", f"pg.Range[{python}]")
        if text == f"{kind}multirange":
            return Type(f"pg.{text.upper()}", f"list[pg.Range[{python}]]")
    return None
