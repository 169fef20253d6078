"""What advice is based on: tables with columns, indexes, foreign keys, sequences, and what the server counts of them.

Of a scratch database the counts are zero, and `Facts.live` is False: what rests on them is not said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mizzle.names import dotted

NO_EXPRESSION = 0
"""What stands for an expression among the columns of an index (pg_index.indkey)."""
MAPPED = frozenset({"r", "p"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and what ANALYZE has found of it; that is None where it has not looked, or nobody may see it.

    `base` is the type without domain and modifiers, as pg_type has it (`varchar`, `int4`); `width` is in bytes,
    `distinct` the number of different values, negative where it is a share of the rows. `ordered`: a btree can hold it.
    `inherited`: it is a parent's, and changed there; `parting`: the table is partitioned by it.
    """

    number: int
    name: str
    type: str
    base: str
    not_null: bool
    default: str | None
    identity: bool
    generated: bool
    width: int | None
    nulls: float | None
    distinct: float | None
    ordered: bool
    collation: int
    inherited: bool
    parting: bool


@dataclass(frozen=True, slots=True)
class Index:
    """An index; `constraint` is p, u or x where one rests on it.

    `columns` are numbers of columns, NO_EXPRESSION for an expression; the first `keys` are the keys; `texts` is how
    each is written. `operators`, `collations` and `options` are of the keys. `tied` is an index that replication or
    CLUSTER goes by, `referenced` one that a foreign key refers to; `immediate` is one of no DEFERRABLE constraint.
    `bytes`, `pages` and `scans` are of all partitions.
    """

    oid: int
    name: str
    method: str
    unique: bool
    valid: bool
    constraint: str | None
    tied: bool
    keys: int
    columns: tuple[int, ...]
    operators: tuple[int, ...]
    collations: tuple[int, ...]
    options: tuple[int, ...]
    texts: tuple[str, ...]
    predicate: str | None
    definition: str
    bytes: int
    pages: int
    rows: float
    scans: int
    referenced: bool
    fillfactor: int
    nulls_not_distinct: bool
    immediate: bool

    @property
    def key_columns(self) -> tuple[int, ...]:
        """The numbers of the key columns."""
        return self.columns[: self.keys]

    @property
    def included(self) -> frozenset[int]:
        """The numbers of what is included besides the keys."""
        return frozenset(self.columns[self.keys :])


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key; `columns` are numbers of the table's columns, actions are pg_constraint's letters."""

    name: str
    columns: tuple[int, ...]
    ref_oid: int
    ref_columns: tuple[int, ...]
    ref_schema: str
    ref_table: str
    on_delete: str
    on_update: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence that a column takes its values from; `last` is None where it gave none out, or may not be seen."""

    schema: str
    name: str
    type: str
    increment: int
    minimum: int
    maximum: int
    cycle: bool
    last: int | None
    column: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What the server has counted of a table since its statistics were reset; sums over partitions."""

    scans: int = 0
    rows_scanned: int = 0
    index_scans: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    hot_updated: int = 0
    dead: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True)  # no slots: what is asked of it again and again is kept
class Table:
    """A table that is no partition; sizes, rows and counts are sums over its partitions.

    `rows` is negative where neither VACUUM nor ANALYZE has been there. `bytes` is without indexes and TOAST. `parts`
    are the partitions that hold rows, with all their indexes.
    """

    oid: int
    schema: str
    name: str
    kind: str
    row_security: bool
    partition_by: str | None
    rows: float
    pages: int
    bytes: int
    toast_bytes: int
    fillfactor: int
    counts: Counts
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    parts: tuple[Table, ...] = ()

    @property
    def sql(self) -> str:
        """The dotted name."""
        return dotted(self.schema, self.name)

    @cached_property
    def _by_number(self) -> dict[int, Column]:
        return {column.number: column for column in self.columns}

    def column(self, number: int) -> Column:
        """Return a column by its number."""
        return self._by_number[number]

    def named(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)

    def names(self, numbers: tuple[int, ...]) -> tuple[str, ...]:
        """Return the names of columns."""
        return tuple(self._by_number[number].name for number in numbers)

    @property
    def primary_key(self) -> Index | None:
        """The index of the primary key."""
        return next((index for index in self.indexes if index.constraint == "p"), None)

    def sql_of(self, column: Column) -> str:
        """Return the dotted name of a column."""
        return dotted(self.schema, self.name, column.name)


@dataclass(frozen=True, slots=True)
class Server:
    """The server and the database: `counted` is for how many seconds it has been counting.

    Where its statistics were never reset that is since it started, though the counts may reach back further. `standby`:
    reads that the primary serves are not counted here. `installed` are the extensions with their schemas.
    """

    major: int
    counted: float
    standby: bool
    block: int
    installed: Mapping[str, str]


@dataclass(frozen=True)
class Facts:
    """All that was read; `live` says whether it is a database that is used, so that sizes and counts mean something.

    `parts` leads from a partition to the table that it is a part of, each as schema and name. `taken` are the names by
    schema that no new index may have.
    """

    server: Server
    tables: tuple[Table, ...]
    live: bool
    parts: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict[tuple[str, str], tuple[str, str]])
    taken: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    @cached_property
    def by_oid(self) -> dict[int, Table]:
        """The tables by their oid."""
        return {table.oid: table for table in self.tables}

    @cached_property
    def by_name(self) -> dict[tuple[str, str], Table]:
        """The tables by schema and name."""
        return {(table.schema, table.name): table for table in self.tables}

    def root(self, where: tuple[str, str]) -> tuple[str, str]:
        """Return the table that a partition is a part of; any other table is its own."""
        return self.parts.get(where, where)

    @cached_property
    def referrers(self) -> dict[int, tuple[tuple[Table, ForeignKey], ...]]:
        """By the oid of a table the foreign keys that refer to it."""
        found: dict[int, list[tuple[Table, ForeignKey]]] = {}
        for table in self.tables:
            for key in table.foreign_keys:
                found.setdefault(key.ref_oid, []).append((table, key))
        return {oid: tuple(each) for oid, each in found.items()}

    def ordinary(self) -> Iterator[Table]:
        """Yield the tables that are not materialized views."""
        return (table for table in self.tables if table.kind in MAPPED)
