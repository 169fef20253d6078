"""What the pages know of the schema: relations with rows, their columns, keys and references, read in two queries.

The Catalog of the other commands says how each object is made; this says how rows can be read, of views and foreign
tables too, and is there in milliseconds at a thousand tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal

from mizzle.studio.database import Connection, rows
from mizzle.studio.refused import Refused
from mizzle.studio.sql import Sql, name

Kind = Literal[
    "text", "number", "boolean", "json", "array", "enum", "uuid", "timestamp", "date", "time", "bytea", "other"
]
Where = tuple[str, str]
"""Schema and name, raw."""

_RELKINDS = {"r": "table", "p": "partitioned", "v": "view", "m": "materialized view", "f": "foreign table"}
_KINDS: Mapping[str, Kind] = {
    "bool": "boolean",
    "json": "json",
    "jsonb": "json",
    "uuid": "uuid",
    "bytea": "bytea",
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
    "time": "time",
    "timetz": "time",
    "interval": "time",
}
_UNCUT = {"character": "pg_catalog.bpchar", "bit": "pg_catalog.varbit"}
"""Types that have a length of 1 where none is given."""
_CATEGORIES: Mapping[str, Kind] = {"N": "number", "S": "text", "A": "array", "E": "enum", "B": "boolean"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    `type` is format_type()'s text, `cast` the type without a length, which would cut a value that is compared with it.
    `fixed` says whether all values are short, `ordered` whether the type can be sorted, `indexed` whether an index
    serves that, `writable` whether a person may set it.
    """

    name: str
    type: str
    cast: str
    kind: Kind
    nullable: bool
    fixed: bool
    ordered: bool
    indexed: bool
    writable: bool
    labels: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key, from `table` to `target`; columns pair up."""

    name: str
    table: Where
    columns: tuple[str, ...]
    target: Where
    target_columns: tuple[str, ...]


@dataclass(frozen=True)
class Relation:
    """A relation with rows.

    `rows` is pg_class.reltuples (None: never counted), `key` the columns that tell a row from all others: the primary
    key's, or those of a unique index over columns that are never NULL; empty where none do.
    """

    schema: str
    name: str
    kind: str
    rows: float | None
    comment: str | None
    columns: tuple[Column, ...]
    primary: tuple[str, ...]
    key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...]
    references: tuple[Reference, ...]

    @property
    def where(self) -> Where:
        """Its schema and name."""
        return self.schema, self.name

    @property
    def sql(self) -> str:
        """Its quoted name, for a statement with parameters."""
        return name(self.schema, self.name)

    @property
    def is_heap(self) -> bool:
        """Whether rows have a place of their own (ctid)."""
        return self.kind in {"table", "partition", "materialized view"}

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    def column(self, named: object) -> Column:
        """Return a column by the name that a page gave. Raises Refused where there is none."""
        found = self.by_name.get(named) if isinstance(named, str) else None
        if found is None:
            raise Refused(404, f"{self.schema}.{self.name} has no column {named}", hint=_RELOAD, code="no_column")
        return found


_RELOAD = "reload the page: the schema may have changed"


@dataclass(frozen=True)
class Relations:
    """All relations, by schema and name."""

    by_name: Mapping[Where, Relation]
    inbound: Mapping[Where, tuple[Reference, ...]] = field(repr=False)

    def table(self, schema: object, named: object) -> Relation:
        """Return the relation that a page names. Raises Refused where there is none."""
        found = self.by_name.get((schema, named)) if isinstance(schema, str) and isinstance(named, str) else None
        if found is None:
            raise Refused(404, f"there is no table {schema}.{named}", hint=_RELOAD, code="no_table")
        return found


async def read(connection: Connection) -> Relations:
    """Read every relation that is not PostgreSQL's own nor an extension's."""
    found = await rows(connection, Sql(_query("relations.sql")))
    oids = sorted({column["oid"] for row in found for column in row[7]})
    types = _Types(await rows(connection, Sql(_query("types.sql"), (oids,))))
    names = {row[0]: (row[1], row[2]) for row in found}
    numbered = {row[0]: {column["number"]: column["name"] for column in row[7]} for row in found}
    relations = [_relation(row, types, names, numbered) for row in found]
    inbound: dict[Where, list[Reference]] = defaultdict(list)
    for relation in relations:
        for reference in relation.references:
            inbound[reference.target].append(reference)
    return Relations({each.where: each for each in relations}, {to: tuple(refs) for to, refs in inbound.items()})


def _query(file: str) -> str:
    return files("mizzle.studio").joinpath("queries", file).read_text(encoding="utf-8")


class _Types:
    """What is known of the types, by OID; a domain is what it is based on."""

    def __init__(self, found: Sequence[tuple[Any, ...]]) -> None:
        self._by_oid = {row[0]: row for row in found}

    def _base(self, oid: int) -> tuple[Any, ...]:
        row = self._by_oid[oid]
        return self._base(row[5]) if row[3] == "d" else row

    def kind(self, oid: int) -> Kind:
        """Return how values are shown and filtered."""
        _, name_, schema, typtype, category, *_ = self._base(oid)
        if typtype == "e":
            return "enum"
        if schema == "pg_catalog" and name_ in _KINDS:
            return _KINDS[name_]
        if name_ == "citext":
            return "text"
        return _CATEGORIES.get(category, "other")

    def is_fixed(self, oid: int) -> bool:
        """Return whether no value is long: numeric has a variable length, and is short enough."""
        row = self._base(oid)
        return row[7] > 0 or row[1] in {"numeric", "inet", "cidr", "macaddr"} or row[3] == "e"

    def is_ordered(self, oid: int) -> bool:
        """Return whether btree can sort values."""
        row = self._base(oid)
        return bool(row[9]) or row[3] == "e" or row[1] == "varchar" or row[4] == "A"

    def labels(self, oid: int) -> tuple[str, ...]:
        """Return an enum's labels, in order."""
        return tuple(self._base(oid)[8])


def _relation(
    row: tuple[Any, ...], types: _Types, names: Mapping[int, Where], numbered: Mapping[int, Mapping[int, str]]
) -> Relation:
    oid, schema, name_, relkind, is_partition, tuples, comment, columns, indexes, refs = row
    own = numbered[oid]

    def named(keys: Sequence[int], of: int = oid) -> tuple[str, ...]:
        return tuple(numbered[of].get(each, "") for each in keys)

    not_null = {column["name"] for column in columns if column["not_null"]}
    whole = [index for index in indexes if not index["partial"] and all(key in own for key in index["keys"])]
    uniques = [named(index["keys"]) for index in whole if index["unique"]]
    leading = {named(index["keys"])[0] for index in whole if index["ordered"] and index["keys"]}
    primary = next((named(index["keys"]) for index in indexes if index["primary"]), ())
    return Relation(
        schema,
        name_,
        "partition" if is_partition and relkind == "r" else _RELKINDS[relkind],
        None if tuples < 0 else tuples,
        comment,
        tuple(_column(column, types, indexed=column["name"] in leading) for column in columns),
        primary,
        primary or next((each for each in uniques if not_null.issuperset(each)), ()),
        tuple(uniques),
        tuple(
            Reference(
                ref["name"], (schema, name_), named(ref["keys"]), names[ref["to"]], named(ref["to_keys"], ref["to"])
            )
            for ref in refs
            if ref["to"] in names
        ),
    )


def _column(found: Mapping[str, Any], types: _Types, *, indexed: bool) -> Column:
    oid = found["oid"]
    ordered = types.is_ordered(oid)
    return Column(
        found["name"],
        found["type"],
        _UNCUT.get(str(found["cast"]), str(found["cast"])),
        types.kind(oid),
        nullable=not found["not_null"],
        fixed=types.is_fixed(oid),
        ordered=ordered,
        indexed=indexed and ordered,
        writable=not found["generated"] and found["identity"] != "a",
        labels=types.labels(oid),
        comment=found["comment"],
    )
