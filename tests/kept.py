"""What must be the same before and after a change: the rows of tables that stay, and how far sequences have counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from mizzle import names
from mizzle.catalog import address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psycopg

    from mizzle.catalog.catalog import Catalog
    from mizzle.catalog.table import Table

    Contents = list[list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Pairs of queries: the first asks the old schema, the second the new one, and both must answer the same."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def between(cls, old: Catalog, new: Catalog, renames: Mapping[str, str]) -> Self:
        """Return what the two schemas share: columns of one type that are not computed, and sequences."""
        parsed = {names.parse(before): names.parse(after)[-1] for before, after in renames.items()}
        renewed = {each.address.sql for each in old.composites} if old.composites != new.composites else set[str]()
        return cls((*_tables(old, new, parsed, renewed), *_sequences(old, new)))

    def old_rows(self, connection: psycopg.Connection[Any]) -> Contents:
        """Ask the old schema."""
        return [_sorted(connection, query) for query, _ in self.pairs]

    def new_rows(self, connection: psycopg.Connection[Any]) -> Contents:
        """Ask the new schema."""
        return [_sorted(connection, query) for _, query in self.pairs]


def _sorted(connection: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(query.encode()).fetchall(), key=repr)


def _tables(
    old: Catalog, new: Catalog, renames: Mapping[tuple[str, ...], str], renewed: set[str]
) -> Iterator[tuple[str, str]]:
    tables = {(table.schema, table.name): table for table in new.tables}
    changed = {
        where[:2] for where in renames if len(where) > 2 and where[:2] not in {(t.schema, t.name) for t in old.tables}
    }
    for table in old.tables:
        after = tables.get((table.schema, renames.get((table.schema, table.name), table.name)))
        if after is not None and not table.partition_by:  # its rows are those of its partitions
            columns = _columns(table, after, renames, {names.dotted(*each) for each in changed} | renewed)
            yield _select(table, [column for column, _ in columns]), _select(after, [column for _, column in columns])


def _columns(
    old: Table, new: Table, renames: Mapping[tuple[str, ...], str], changed: set[str]
) -> list[tuple[str, str]]:
    """Pair the columns whose values must stay; `changed` are types whose values are written in another way."""
    after = {column.name: column for column in new.columns}
    pairs = [
        (column, after.get(renames.get((old.schema, old.name, column.name), column.name))) for column in old.columns
    ]
    return [
        (column.name, wanted.name)
        for column, wanted in pairs
        if wanted is not None
        and column.type == wanted.type
        and column.type.removesuffix("[]") not in changed
        and column.generated is None
        and wanted.generated is None
    ]


def _select(table: Table, columns: list[str]) -> str:
    return f"SELECT {', '.join(f'{names.ident(column)}::text' for column in columns)} FROM ONLY {table.address.sql}"


def _sequences(old: Catalog, new: Catalog) -> Iterator[tuple[str, str]]:
    options = {(each.schema, each.name): each.options for each in new.sequences}
    there = old.addresses() & new.addresses()
    for each in old.sequences:
        where = address.sequence(each.schema, each.name)
        users = {d.dependent for side in (old, new) for d in side.dependencies if d.referenced == where}
        taken = any(user.kind == "column" and user not in there for user in users)  # by the rows, for a new column
        if options.get((each.schema, each.name)) == each.options and not taken:
            query = f"SELECT last_value, is_called FROM {names.dotted(each.schema, each.name)}"
            yield query, query
