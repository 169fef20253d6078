"""A table half way: what code for the old schema and code for the new one need of it, and no more than both can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, Constraint, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.differ.effects import table_with_column
from mizzle.planning.broken import bare, demands, spared
from mizzle.planning.halfway.asked import Asked, Pair, refused
from mizzle.planning.widening import works_on

_RESTRICTING = frozenset({"NO ACTION", "RESTRICT"})


def leaving(old: Table, kept: Iterable[Table]) -> Table:
    """Return a table that only old code uses: no key of it keeps new code from deleting what it refers to."""
    staying = {each.address for each in kept}
    keys = tuple(
        k for k in old.foreign_keys if k.referenced not in staying or not {k.on_delete, k.on_update} & _RESTRICTING
    )
    return replace(old, foreign_keys=keys)


def half_way(old: Table, new: Table, asked: Asked) -> Table:
    """Return the table for both; `old` has the new table's name already, but its columns have their old names."""
    if (old.partition_by, old.bound, old.inherits) != (new.partition_by, new.bound, new.inherits):
        raise refused(new.address, "how it is partitioned, or inherits, changes")
    pairs = asked.pairs_of(new.address)
    columns = tuple(sorted(_columns(old, new, pairs, asked), key=lambda each: each.name))
    parts = _Parts(old, new, pairs, {each.name: each for each in columns})
    order = (*old.order, *(name for name in new.order if name not in old.order))
    found = list(parts.constraints())
    return replace(
        new,
        columns=columns,
        primary_key=parts.primary_key(),
        uniques=_of(Unique, found),
        checks=_of(Check, found),
        exclusions=_of(Exclusion, found),
        foreign_keys=_of(ForeignKey, found),
        indexes=_of(Index, found),
        row_security=old.row_security and new.row_security,
        force_row_security=old.force_row_security and new.force_row_security,
        replica_identity=old.replica_identity,
        clustered=old.clustered,
        attached=new.attached,
        order=order,
    )


def _of(kind: type[Any], found: Iterable[Constraint | Index]) -> tuple[Any, ...]:
    return tuple(sorted((each for each in found if isinstance(each, kind)), key=lambda each: each.name))


def _columns(old: Table, new: Table, pairs: Iterable[Pair], asked: Asked) -> Iterator[Column]:
    there = {each.name: each for each in old.columns}
    added, left = ({getattr(pair, side).name: pair for pair in pairs} for side in ("new", "old"))
    for column in new.columns:
        if column.name in added:
            yield empty(column)
        elif column.name in there:
            yield _column(there[column.name], column, new, asked)
        else:
            yield nullable(column) if demands(column) else column
    then = {each.name for each in new.columns}
    for column in old.columns:
        if column.name in left and left[column.name].new.nullable:
            yield nullable(column)
        elif column.name not in then:
            gone = demands(column) and column.name not in left
            yield nullable(column) if gone else column


def empty(column: Column) -> Column:
    """Return a column as it is added for the sake of another name: what fills it is the trigger."""
    if column.generated is not None:
        return column
    return replace(column, nullable=True, not_null="", default=None)


def nullable(column: Column) -> Column:
    """Return a column that may be empty."""
    return replace(column, nullable=True, not_null="")


def _column(old: Column, new: Column, table: Table, asked: Asked) -> Column:
    where = address.column(table.schema, table.name, new.name)
    if new.generated is not None and old.generated is None:
        raise refused(where, "it is written before and computed after", hint="give the computed column another name")
    half = new
    if old.generated is not None and new.generated is not None and old.generated != new.generated and asked.pairs:
        half = replace(half, generated=old.generated)
    if not works_on(old.type, new.type):
        if not works_on(new.type, old.type):
            hint = "give the column of the new type another name, and say that it was renamed: --rename"
            raise refused(where, f"no column can be {old.type} and {new.type}", hint=hint)
        half = replace(half, type=old.type, collation=old.collation)
    if old.nullable and not new.nullable:
        half = replace(half, nullable=True, not_null="")
    if (demands(new) and not demands(old) and not old.nullable) or _is_relabeled(new, asked):
        half = replace(half, default=old.default, identity=old.identity)
    if half.identity is not None and half.identity.always and not (old.identity is not None and old.identity.always):
        half = replace(half, identity=replace(half.identity, always=False))
    return half


def _is_relabeled(column: Column, asked: Asked) -> bool:
    """Say whether the column is of a type of which a label is renamed: its default may be that."""
    return any(column.type.removesuffix("[]") == where.sql for where in asked.labels) and column.default is not None


class _Parts:
    """The constraints and indexes of a table, before, after, and half way."""

    def __init__(self, old: Table, new: Table, pairs: Iterable[Pair], columns: Mapping[str, Column]) -> None:
        self._old, self._new, self._columns = old, new, columns
        self._pairs = tuple(pairs)
        self._added = {each.name for each in new.columns} - {each.name for each in old.columns}
        self._synchronized = {pair.new.name for pair in self._pairs}
        self._gone = {each.name for each in old.columns} - {each.name for each in new.columns}
        mapped = old
        for pair in self._pairs:
            mapped = table_with_column(mapped, pair.old.name, pair.new.name)
        self._mapped = mapped
        self._old_names = {each.name for each in (*old.constraints, *old.indexes)}
        self._taken = {each.name for table in (old, new) for each in (*table.constraints, *table.indexes)}

    def primary_key(self) -> PrimaryKey | None:
        """Return the old key, as long as old code is there; a new one where no row of old code is against it."""
        old, new = self._old.primary_key, self._new.primary_key
        if new is None or old is None:
            return new if new is not None and self._is_spared(new) else None
        return new if bare(old) == bare(new) else old

    def constraints(self) -> Iterator[Constraint | Index]:
        """Yield what is demanded of rows before and after, twins for what goes by other columns, and indexes."""
        was = {bare(part): before for part, before in self._before()}
        used: set[str] = set()
        for part in (*self._new.constraints, *self._new.indexes):
            if isinstance(part, PrimaryKey):
                if self._synchronized & {*part.columns}:
                    name = names.default_name(self._new.name, part.columns, "key")
                    yield Unique(self._free(name), f"UNIQUE ({names.idents(part.columns)})", part.columns)
                continue
            before = was.get(bare(part))
            if before is not None and self._synchronized & {*part.columns}:
                used.add(before.name)
                yield before
                yield part if part.name not in self._old_names else replace(part, name=self._free(part.name))
            elif before is not None or self._is_spared(part):
                yield part
                used.add(before.name if before is not None else part.name)
        yield from (part for part in self._left() if part.name not in used)

    def _before(self) -> Iterator[tuple[Constraint | Index, Constraint | Index]]:
        """Yield each old part with the columns' new names, and as it was."""
        for kind in ("uniques", "checks", "exclusions", "foreign_keys", "indexes"):
            yield from zip(getattr(self._mapped, kind), getattr(self._old, kind), strict=True)

    def _left(self) -> Iterator[Constraint | Index]:
        """Yield old parts that are not wanted, and that no row of new code is against."""
        then = {each.name for each in (*self._new.constraints, *self._new.indexes)}
        for part in (*self._old.constraints, *self._old.indexes):
            if part.name in then or isinstance(part, PrimaryKey | Check):
                continue
            unknown = [name for name in part.columns if name in self._gone - {pair.old.name for pair in self._pairs}]
            blank = [n for n in unknown if self._columns[n].nullable and self._columns[n].default is None]
            match part:
                case Index(unique=False):
                    yield part
                case ForeignKey():
                    if blank and part.match == "SIMPLE" and not {part.on_delete, part.on_update} & _RESTRICTING:
                        yield part
                case _:
                    if blank and "NULLS NOT DISTINCT" not in part.definition:
                        yield part

    def _is_spared(self, part: Constraint | Index) -> bool:
        if isinstance(part, Index) and not part.unique:
            return True
        return not self._synchronized & {*part.columns} and spared(part, self._columns, self._added)

    def _free(self, name: str) -> str:
        free = name if name not in self._taken else names.aside(name, self._taken)
        self._taken.add(free)
        return free
