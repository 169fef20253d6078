"""What a plan demands of the rows, asked in the words of the schema that is there before it: one query for each demand.

A statement that may fail because of rows has the hazard DATA_DEPENDENT. Here it gets the query that tells beforehand,
where one can be written: not where what is demanded needs something that the plan itself makes or changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.domain import Domain
from mizzle.catalog.enum import Enum
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.differ.changes import Change, Rename
from mizzle.planning import sqlparts, unfit
from mizzle.planning.context import TYPES, Context
from mizzle.planning.operations import Operation
from mizzle.planning.recipes.column import is_constant
from mizzle.planning.recipes.conversion import cuts
from mizzle.planning.recipes.swap import uses
from mizzle.planning.steps import HazardCode, Requirement, Statement

_ONE_VALUE = "add the column without the key, give each row its value, then make the key"
_KEPT = "correct these rows first"
_ABOUT_ROWS = frozenset({HazardCode.DATA_DEPENDENT, HazardCode.DELETES_DATA})
_CUT = "correct these rows first; or if they may be rounded or cut, take these comments out of the migration"
_NO_TYPE = "correct these rows first, or change the column in a hand-written migration (mizzle generate --custom)"


def demanded(operations: Iterable[Operation], context: Context, changes: Iterable[Change]) -> list[Operation]:
    """Return `operations` in which each statement says what it requires of the rows."""
    demands = _Demands(context, tuple(change for change in changes if isinstance(change, Rename)))
    return [replace(each, statements=tuple(map(demands.told, each.statements))) for each in operations]


@dataclass(frozen=True)
class _Demands:
    """Both sides of the plan, and the renames between them."""

    context: Context
    renames: tuple[Rename, ...]

    def told(self, statement: Statement) -> Statement:
        subjects = dict.fromkeys(h.subject for h in statement.hazards if h.code in _ABOUT_ROWS)
        if not subjects:
            return statement
        found = [each for subject in subjects for each in self._required(address.parse(subject))]
        return msgspec.structs.replace(statement, requires=(*statement.requires, *filter(_one_line, found)))

    def _required(self, where: Address) -> Iterator[Requirement]:
        after = self.context.after.get(where)
        match after:
            case Column():
                yield from self._of_column(where, after)
            case PrimaryKey() | Unique():
                yield from self._of_key(where, after)
            case Check():
                yield from self._of_check(where, after)
            case ForeignKey():
                yield from self._of_foreign_key(where, after)
            case Index():
                yield from self._of_index(where, after)
            case Domain():
                yield from self._of_domain(where, after)
            case _:
                return

    def _of_column(self, where: Address, after: Column) -> Iterator[Requirement]:
        table, before = where.table, self.context.old_column(where)
        assert table is not None
        name = names.ident(after.name)
        if before is None:
            if not after.nullable and after.generated is None and table in self.context.before:
                sentence = f"{table} holds no rows: they would have no value in new {where}"
                hint = "give the column a server default, or add it nullable, fill it, and then demand NOT NULL"
                yield Requirement(sentence, f"SELECT count(*) FROM {self._from(table, ())}", hint)
            return
        if self._is_recreated(where):
            return
        if before.nullable and not after.nullable and after.generated is None:
            yield self._null_free(where)
        if unfitting := self._unfitting(where, before, after):
            query = self._count(table, (after.name,), unfitting)
            hint = _CUT if cuts(before.type, after.type) else _NO_TYPE
            yield Requirement(f"each value in {where} fits {after.type}", query, hint, str(where))
        if gone := self._gone_labels(where, before):
            listed = ", ".join(map(names.literal, gone))
            condition = unfit.not_among(name, self._kept_labels(before), array=before.type.endswith("[]"))
            query = self._count(table, (after.name,), condition)
            yield Requirement(f"no row has {listed} in {where}", query, "give these rows another value first")

    def _null_free(self, where: Address) -> Requirement:
        table, name = where.table, names.ident(where.name)
        assert table is not None
        old = self._was(where)
        hint = f"give them one: UPDATE {self._was(table).sql} SET {names.ident(old.name)} = ... "
        hint += f"WHERE {names.ident(old.name)} IS NULL"
        return Requirement(f"{where} holds no NULL", self._count(table, (where.name,), f"{name} IS NULL"), hint)

    def _unfitting(self, where: Address, before: Column, after: Column) -> str:
        name = names.ident(after.name)
        if before.type == after.type:
            return ""
        wanted = self._enum(after.type, self.context.new.enums)
        if wanted is not None:
            array = after.type.endswith("[]")
            same = before.type.endswith("[]") == array and not self._gone_labels(where, before)
            return unfit.not_among(name, wanted.labels, array=array) if same else ""
        if "." in after.type and not self._has_type(after.type):
            return ""
        return unfit.condition(name, before.type, after.type, major=self.context.major)

    def _has_type(self, type_: str) -> bool:
        """Say whether a type that is in a schema is there, and stays as it is; of an extension's nobody knows."""
        parts = names.parse(type_.removesuffix("[]"))
        found = [where for kind in TYPES if (where := Address(kind, parts)) in self.context.before]
        return bool(found) and not any(map(self._is_new, found))

    def _gone_labels(self, where: Address, before: Column) -> tuple[str, ...]:
        """Return the labels that the column's enum loses; where it is replaced by one of the same name."""
        old = self._enum(before.type, self.context.old.enums)
        new = self._enum(before.type, self.context.new.enums)
        if old is None or new is None or old.name != new.name or where not in self.context.after:
            return ()
        return tuple(label for label in old.labels if label not in new.labels)

    def _kept_labels(self, before: Column) -> tuple[str, ...]:
        """Return, as they are called now, the labels of the column's enum that stay."""
        new = self._enum(before.type, self.context.new.enums)
        assert new is not None
        values = (Address("value", (new.schema, new.name, label)) for label in new.labels)
        return tuple(self._was(value).name for value in values)

    def _enum(self, type_: str, enums: Sequence[Enum]) -> Enum | None:
        base = type_.removesuffix("[]")
        return next((each for each in enums if names.dotted(each.schema, each.name) == base), None)

    def _of_key(self, where: Address, key: PrimaryKey | Unique) -> Iterator[Requirement]:
        table = where.table
        keys = sqlparts.elements(key.definition)
        if table is None or "WITHOUT OVERLAPS" in key.definition:
            return
        given = {name for name in key.columns if self._is_given(table, name)}
        if not self._stay(table, [name for name in key.columns if name not in given]):
            return
        columns = tuple(map(sqlparts.raw, keys))
        for name in columns if isinstance(key, PrimaryKey) else ():
            column = Address("column", (*table.names, name))
            before, after = self.context.old_column(column), self.context.new_column(column)
            if before is not None and before.nullable and after is not None and not after.nullable:
                yield self._null_free(column)
        distinct = "NULLS NOT DISTINCT" not in key.definition
        there = [name for name in key.columns if name not in given]
        compared = tuple(each for each in keys if sqlparts.raw(each) not in given)
        if compared:
            yield self._single(table, there, compared, "", distinct=distinct)
        elif key.columns:
            sentence = f"{table} holds one row at most: all would have the same {names.idents(key.columns)}"
            query = f"SELECT greatest(count(*) - 1, 0) FROM {self._from(table, ())}"
            yield Requirement(sentence, query, _ONE_VALUE)

    def _is_given(self, table: Address, name: str) -> bool:
        """Say whether a column is new, and the rows that are there all get the same value in it."""
        where = Address("column", (*table.names, name))
        after = self.context.new_column(where)
        if table not in self.context.before or where in self.context.before or after is None or after.default is None:
            return False
        return after.identity is None and is_constant(after.default)

    def _of_index(self, where: Address, index: Index) -> Iterator[Requirement]:
        table = next((t for t in self.context.new.tables if index in t.indexes and t.address_of(index) == where), None)
        if table is None or not self._settled(where, table, index.columns):
            return
        keys, rest = sqlparts.elements(index.definition), sqlparts.behind(index.definition)
        condition = rest.partition(" WHERE ")[2] if " WHERE " in rest else ""
        distinct = "NULLS NOT DISTINCT" not in rest
        yield self._single(table.address, index.columns, tuple(map(sqlparts.key, keys)), condition, distinct=distinct)

    def _single(
        self, table: Address, columns: Sequence[str], keys: Sequence[str], condition: str, *, distinct: bool
    ) -> Requirement:
        """Return what says that no two rows have the same `keys` (SQL); `distinct`: NULLs are all different."""
        listed = ", ".join(keys)
        there = [f"{each} IS NOT NULL" for each in keys] if distinct else []
        wanted = [*([condition] if condition else []), *there]
        where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
        groups = f"FROM {self._from(table, columns)}{where} GROUP BY {listed} HAVING count(*) > 1"
        query = f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n {groups}) AS same"
        hint = f"find them: SELECT {listed}, count(*) {groups}"
        some = f" where {condition}" if condition else ""
        return Requirement(f"no two rows of {table} have the same {listed}{some}", query, hint)

    def _of_check(self, where: Address, check: Check) -> Iterator[Requirement]:
        table = where.table
        assert table is not None
        found = self.context.after.get(table)
        if not isinstance(found, Table):
            return
        if self._settled(where, found, check.columns):
            expression = sqlparts.inside(check.definition)
            query = self._count(table, check.columns, f"NOT ({expression})", alone=" NO INHERIT" in check.definition)
            yield Requirement(f"each row of {table} fulfils {expression}", query, _KEPT)

    def _of_foreign_key(self, where: Address, key: ForeignKey) -> Iterator[Requirement]:
        table, other = where.table, key.referenced
        assert table is not None
        if key.period or not self._stay(table, key.columns):
            return
        own = [f"f.{names.ident(name)}" for name in key.columns]
        there = [f"{name} IS NOT NULL" for name in own]
        rows = f"{self._from(table, key.columns, alias='f')} WHERE {' AND '.join(there)}"
        if other in self.context.before and not self.context.replaced(other):
            if not self._stay(other, key.ref_columns):
                return
            pairs = zip(own, key.ref_columns, strict=True)
            same = " AND ".join(f"r.{names.ident(theirs)} = {ours}" for ours, theirs in pairs)
            rows += f" AND NOT EXISTS (SELECT FROM {self._from(other, key.ref_columns, alias='r')} WHERE {same})"
        sentence = f"each row of {table} finds the {names.idents(key.columns)} that it refers to in {other}"
        yield Requirement(sentence, f"SELECT count(*) FROM {rows}", f"find them: SELECT * FROM {rows}")

    def _of_domain(self, where: Address, domain: Domain) -> Iterator[Requirement]:
        old = self.context.before.get(where)
        if not isinstance(old, Domain) or (old.type, old.collation) != (domain.type, domain.collation):
            return
        checks = [sqlparts.inside(text) for name, text in domain.checks if dict(old.checks).get(name) != text]
        if any(self._is_new(needed) for needed in self.context.new_needs.get(where)):
            return
        for column in (each for t in self.context.old.tables for each, part in t.parts() if _of(part, where)):
            table, value = column.table, names.ident(column.name)
            assert table is not None
            if column not in self.context.after:
                continue
            if domain.not_null and not old.not_null:
                yield self._null_free(column)
            for check in checks:
                rows = f"(SELECT {value} AS value FROM {self._from(table, (column.name,))}) AS of_domain"
                query = f"SELECT count(*) FROM {rows} WHERE NOT ({check})"
                yield Requirement(f"each value in {column} fulfils {check}", query, _KEPT)

    def _count(self, table: Address, columns: Sequence[str], condition: str, *, alone: bool = False) -> str:
        return f"SELECT count(*) FROM {self._from(table, columns, alone=alone)} WHERE {condition}"

    def _from(self, table: Address, columns: Sequence[str], *, alone: bool = False, alias: str = "") -> str:
        """Return the table as it is called before the plan, in which `columns` (raw) have their new names.

        `alone`: without the tables below it. `alias` is what it goes by, its own name where it is not given.
        """
        only = "ONLY " if alone else ""
        before = {name: self._was(Address("column", (*table.names, name))).name for name in columns}
        if all(name == old for name, old in before.items()):
            return f"{only}{self._was(table).sql}{f' AS {alias}' if alias else ''}"
        listed = ", ".join(f"{names.ident(old)} AS {names.ident(name)}" for name, old in before.items())
        return f"(SELECT {listed} FROM {only}{self._was(table).sql}) AS {alias or names.ident(table.name)}"

    def _was(self, where: Address) -> Address:
        """Return the address that the object had before the renames of the plan."""
        for rename in reversed(self.renames):
            if where == rename.to:
                where = rename.address
            elif where.names[: len(rename.to.names)] == rename.to.names and _holds(rename.to.kind, where.kind):
                where = Address(where.kind, (*rename.address.names, *where.names[len(rename.to.names) :]))
        return where

    def _settled(self, where: Address, table: Table, columns: Sequence[str]) -> bool:
        """Say whether what the object at `where` needs is there, and as it will be."""
        own = {table.address, *(Address("column", (*table.address.names, name)) for name in columns)}
        needed = self.context.new_needs.get(where) - own
        return self._stay(table.address, columns) and not any(self._is_new(each) for each in needed)

    def _is_new(self, where: Address) -> bool:
        if where in self._moved:
            return True
        if where.kind == "schema":
            return where not in self.context.before and where in self.context.after
        context = self.context
        before, after = context.before.get(where), context.after.get(where)
        return before is None or context.replaced(where) or (before != after and where.kind != "table")

    @cached_property
    def _moved(self) -> Mapping[Address, Address]:
        """What has another name before the plan: texts do not follow that."""
        return {rename.to: rename.address for rename in self.renames if rename.to.kind not in {"table", "column"}}

    def _stay(self, table: Address, columns: Sequence[str]) -> bool:
        """Say whether the columns are there, of the type that they will have."""
        if table not in self.context.before or self.context.replaced(table):
            return False
        for where in (Address("column", (*table.names, name)) for name in columns):
            before, after = self.context.old_column(where), self.context.new_column(where)
            if before is None or after is None or (before.type, before.collation) != (after.type, after.collation):
                return False
            if self._is_recreated(where) or any(uses(after, each) for each in self.context.fates.swapped):
                return False
        return True

    def _is_recreated(self, where: Address) -> bool:
        return where in self.context.fates.recreated


def _of(part: object, domain: Address) -> bool:
    return isinstance(part, Column) and part.type == domain.sql


def _holds(outer: str, inner: str) -> bool:
    return outer == "schema" or inner in {"table": {"column", "constraint"}, "type": {"value"}}.get(outer, set())


def _one_line(requirement: Requirement) -> bool:
    """Say whether it can stand in a comment: a line break in a literal or a name would change it."""
    return not any(mark in requirement.query for mark in "\n\r\0")
