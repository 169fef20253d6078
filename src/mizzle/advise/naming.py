"""What a new index is called, how it is made, and how the models declare it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import count

from mizzle import names
from mizzle.advise.facts import Facts, Table

_SQLALCHEMY = "ix_"


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
        said = ", ".join(f'"{each}"' for each in (self.name, *self.columns))
        where = f', postgresql_where=text("{names.ident(self.present)} IS NOT NULL")' if self.present else ""
        return f"Index({said}{where})"

    def bytes(self) -> int:
        """Return about how large it will be: 16 bytes for each entry and its pointer, the keys, nine tenths full."""
        width = sum(self.table.named(name).width or 8 for name in self.columns if self.table.named(name))  # type: ignore[union-attr]
        rows = max(self.table.rows, 0)
        if self.present and (column := self.table.named(self.present)) is not None:
            rows *= 1 - (column.nulls or 0)
        return int(rows * (16 + width) / 0.9)


class Names:
    """Gives names to indexes, as those that are there are named, and none twice."""

    def __init__(self, facts: Facts) -> None:
        self._taken: dict[str, set[str]] = {}
        own = [index.name for table in facts.tables for index in table.indexes if index.constraint is None]
        self._prefixed = sum(name.startswith(_SQLALCHEMY) for name in own) * 2 > len(own)
        for table in facts.tables:
            self._taken.setdefault(table.schema, set()).update({table.name, *(index.name for index in table.indexes)})

    def propose(self, table: Table, columns: tuple[str, ...], *, present: str = "") -> Proposal:
        """Return the index on these columns, with a name of its own."""
        taken = self._taken.setdefault(table.schema, set())
        name = self._free(table.name, columns, taken)
        taken.add(name)
        return Proposal(table, columns, name, present)

    def _free(self, table: str, columns: tuple[str, ...], taken: Collection[str]) -> str:
        for number in count():
            more = str(number) if number else ""
            name = names.default_name(table, columns, f"idx{more}")
            if self._prefixed:
                name = (
                    names.default_name(f"ix_{table}", columns, more)
                    if more
                    else names.default_name(f"ix_{table}", columns, "")
                )
            if name not in taken:
                return name
        raise AssertionError
