"""What a new index is called, how it is made, and how the models declare it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count

from mizzle import names
from mizzle.advise.facts import Facts, Table

_SQLALCHEMY = "ix_"
_USUAL_WIDTH = 8
_ENTRY, _POINTER = 16, 6
"""Bytes of an entry of an index besides its keys, and of a pointer to a row (access/itup.h, storage/itemptr.h)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An index that is not there yet: a btree on columns of a table, where the column `present` is not NULL."""

    table: Table
    columns: tuple[str, ...]
    name: str
    present: str = ""

    @property
    def sql(self) -> str:
        """The statement that makes it."""
        where = f" WHERE {names.ident(self.present)} IS NOT NULL" if self.present else ""
        return f"CREATE INDEX {names.ident(self.name)} ON {self.table.sql} ({names.idents(self.columns)}){where}"

    @property
    def model(self) -> str:
        """The line of a SQLAlchemy model."""
        said = ", ".join(map(_literal, (self.name, *self.columns)))
        where = ""
        if self.present:
            condition = f"{names.ident(self.present)} IS NOT NULL".replace(
                ":", r"\:"
            )  # else text() has a parameter there
            where = f", postgresql_where=text({_literal(condition)})"
        return f"Index({said}{where})"

    def bytes(self) -> int:
        """Return about how large it will be, nine tenths full: for each row its keys and 16 bytes.

        Of one column with equal values, a btree keeps the value once with a list of its rows, 6 bytes each
        (nbtree/README, "Notes about deduplication").
        """
        columns = [column for name in self.columns if (column := self.table.named(name)) is not None]
        rows = max(self.table.rows, 0)
        if self.present and (column := self.table.named(self.present)) is not None:
            rows *= 1 - (column.nulls or 0)
        width = sum(column.width or _USUAL_WIDTH for column in columns)
        distinct = columns[0].distinct if len(columns) == 1 else None
        values = rows if not distinct else distinct if distinct > 0 else -distinct * rows
        listed = values * 2 < rows
        return int((values * (_ENTRY + width) + rows * _POINTER if listed else rows * (_ENTRY + width)) / 0.9)


def _literal(text: str) -> str:
    """Return a text as Python has it, in double quotes as the models are formatted."""
    return json.dumps(text, ensure_ascii=False)


class Names:
    """Gives names to indexes, as those that are there are named, and none twice."""

    def __init__(self, facts: Facts) -> None:
        self._taken = {schema: set(taken) for schema, taken in facts.taken.items()}
        self._given: dict[tuple[int, tuple[str, ...]], str] = {}
        own = [index.name for table in facts.tables for index in table.indexes if index.constraint is None]
        self._prefixed = sum(name.startswith(_SQLALCHEMY) for name in own) * 2 > len(own)

    def propose(self, table: Table, columns: tuple[str, ...], *, present: str = "") -> Proposal:
        """Return the index on these columns, with a name of its own: the same one when it is asked for again."""
        name = self._given.get((table.oid, columns))
        if name is None:
            taken = self._taken.setdefault(table.schema, set())
            name = self._given[table.oid, columns] = self._free(table.name, columns, taken)
            taken.add(name)
        return Proposal(table, columns, name, present)

    def _free(self, table: str, columns: tuple[str, ...], taken: Collection[str]) -> str:
        for number in count():
            more = str(number) if number else ""
            name = names.default_name(table, columns, f"idx{more}")
            if self._prefixed:
                name = names.default_name(f"{_SQLALCHEMY}{table}", columns, more)
            if name not in taken:
                return name
        raise AssertionError
