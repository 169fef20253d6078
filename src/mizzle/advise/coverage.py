"""Which index serves which columns."""

from __future__ import annotations

from mizzle import sqltext
from mizzle.advise.facts import Column, Facts, ForeignKey, Index, Table

_EQUALITY = frozenset({"btree", "hash"})


def serves(table: Table, index: Index, columns: tuple[int, ...]) -> bool:
    """Say whether a search for values of `columns` goes by the index, whatever their order: they are its first keys.

    Of a GiST index, such as that of WITHOUT OVERLAPS, one of them is the first, and the others are among the keys.
    """
    if not index.valid or not _begins(table, index, columns):
        return False
    return index.predicate is None or _is_present(index.predicate, [table.column(each) for each in columns])


def _begins(table: Table, index: Index, columns: tuple[int, ...]) -> bool:
    keys = index.key_columns
    if index.method == "gist":
        return keys[0] in columns and set(columns) <= set(keys)
    first = keys[: len(columns)]
    if index.method not in _EQUALITY or len(first) != len(columns) or set(first) != set(columns):
        return False
    # of an index with another collation the planner makes no use (indxpath.c, IndexCollMatchesExprColl)
    return all(index.collations[place] == table.column(each).collation for place, each in enumerate(first))


def searched(table: Table, key: ForeignKey) -> tuple[int, ...]:
    """Return the columns by whose values the rows of a foreign key are found: all but the range of a PERIOD."""
    found = tuple(each for each in key.columns if not table.column(each).base.endswith("range"))
    return found or key.columns


def serving(table: Table, columns: tuple[int, ...]) -> Index | None:
    """Return an index that serves the columns; one of a partition, where each of them has its own."""
    found = next((index for index in table.indexes if serves(table, index, columns)), None)
    if found is not None or not table.parts:
        return found
    each = [_serving_part(table, part, columns) for part in table.parts]
    return each[0] if None not in each else None


def _serving_part(table: Table, part: Table, columns: tuple[int, ...]) -> Index | None:
    own = [column.number for name in table.names(columns) if (column := part.named(name)) is not None]
    return serving(part, tuple(own))


def covering(facts: Facts, table: Table, key: ForeignKey) -> Index | None:
    """Return an index by which the rows of a foreign key are found.

    Of several columns some do, where they tell most rows apart: where the columns that they refer to are unique by
    themselves, or ANALYZE has found many values.
    """
    columns = searched(table, key)
    whole = serving(table, columns)
    if whole is not None or len(columns) == 1:
        return whole
    telling = {each for each in columns if _tells(table, each)} | _unique(facts, key)
    return next((index for index in table.indexes if _narrows(table, index, key, telling)), None)


def _narrows(table: Table, index: Index, key: ForeignKey, telling: set[int]) -> bool:
    led = 0
    while led < index.keys and index.key_columns[led] in key.columns:
        led += 1
    first = index.key_columns[:led]
    return bool(led) and serves(table, index, first) and (led == len(key.columns) or bool(telling & set(first)))


def _unique(facts: Facts, key: ForeignKey) -> set[int]:
    """Return the columns of a foreign key that refer to one that is unique by itself."""
    referenced = facts.by_oid.get(key.ref_oid)
    if referenced is None:
        return set()
    alone = {index.key_columns[0] for index in referenced.indexes if index.unique and index.keys == 1}
    return {own for own, other in zip(key.columns, key.ref_columns, strict=True) if other in alone}


def _tells(table: Table, number: int) -> bool:
    """Say whether a value of the column leaves few rows, as ANALYZE has found."""
    distinct = table.column(number).distinct
    return distinct is not None and (distinct < -0.01 or (distinct > 0 and table.rows / distinct < 1000))  # noqa: PLR2004


def leads(table: Table, column: Column) -> Index | None:
    """Return an index whose first key is the column, for all its values."""
    return serving(table, (column.number,))


def _is_present(predicate: str, columns: list[Column]) -> bool:
    """Say whether a predicate says just that one of the columns is not NULL: who searches for a value meets that."""
    said = [token for token in sqltext.tokens(predicate) if token.significant and token.text not in "()"]
    if len(said) != 4 or [token.text.upper() for token in said[1:]] != ["IS", "NOT", "NULL"]:  # noqa: PLR2004
        return False
    return any(said[0].text in {column.name, f'"{column.name}"'} for column in columns)
