"""A history that leaves the schema as it was, however long it is: what grows is the history alone.

After the initial migration, of each three one adds a column, one gives it a default, one drops it: table after table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

TYPE, DEFAULT = "text", "'x'"


class Change(NamedTuple):
    """What one migration does: the number of the migration, the table, its column."""

    number: int
    kind: Literal["add", "default", "drop"]
    table: str
    column: str

    @property
    def sql(self) -> str:
        """The statement for it."""
        table, column = f'ALTER TABLE "{self.table}"', f'"{self.column}"'
        match self.kind:
            case "add":
                return f"{table} ADD COLUMN {column} {TYPE}"
            case "default":
                return f"{table} ALTER COLUMN {column} SET DEFAULT {DEFAULT}"
            case "drop":
                return f"{table} DROP COLUMN {column}"


def changes(tables: Sequence[str], length: int) -> Iterator[Change]:
    """Yield what comes after the initial migration in a history of so many: one, or one and a multiple of three."""
    if (length - 1) % 3:
        raise ValueError(f"a history of {length} does not end in the schema that it began with")
    for number in range(1, length):
        turn = (number - 1) // 3
        kind = ("add", "default", "drop")[(number - 1) % 3]
        yield Change(number, kind, tables[turn % len(tables)], f"note_{turn}")
