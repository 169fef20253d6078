"""The facts of a database, read from pg_catalog and the statistics views; nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from mizzle.advise.facts import Column, Counts, Facts, ForeignKey, Index, Server, Table
from mizzle.advise.facts import Sequence as Numbers
from mizzle.advise.queries import query
from mizzle.runner.connection import Connection

Row = tuple[Any, ...]
Part = TypeVar("Part")

_COUNTS = slice(11, 19)


def read(
    connection: Connection,
    *,
    schemas: Sequence[str] | None = None,
    exclude: Collection[str] = ("mizzle",),
    live: bool,
) -> Facts:
    """Read the facts of `schemas` (None: all but PostgreSQL's own), without the schemas in `exclude`.

    `live`: the database is used, and what its server has counted of it counts.
    """
    scope = {"schemas": None if schemas is None else list(schemas), "exclude": list(exclude)}
    relations = _rows(connection, "tables.sql", scope)
    roots = _roots(relations)
    tables = {"tables": [row[0] for row in relations]}
    columns = _grouped(_rows(connection, "columns.sql", tables), lambda row: Column(*row[1:]))
    indexes = _indexes(_rows(connection, "indexes.sql", tables))
    keys = _grouped(_rows(connection, "foreign_keys.sql", tables), _foreign_key)
    sequences = defaultdict[int, list[Numbers]](list)
    for *said, table, number in _rows(connection, "sequences.sql", tables):
        sequences[table].append(_sequence(said, number))
    parts = defaultdict[int, list[Table]](list)
    for row in relations:
        if roots[row[0]] != row[0] and row[3] != "p":
            own = tuple(index for index, _ in indexes[row[0]])
            part = replace(_table(row, [row]), columns=tuple(columns[row[0]]), indexes=own)
            parts[roots[row[0]]].append(part)
    made = [
        replace(
            table,
            columns=tuple(columns[table.oid]),
            indexes=tuple(index for index, attached in indexes[table.oid] if not attached),
            parts=tuple(parts[table.oid]),
            foreign_keys=tuple(keys[table.oid]),
            sequences=tuple(sequences[table.oid]),
        )
        for table in _summed(relations, roots)
    ]
    named = {row[0]: (row[1], row[2]) for row in relations}
    above = {named[oid]: named[root] for oid, root in roots.items() if oid != root and root in named}
    taken = {schema: frozenset(each) for schema, each in _rows(connection, "taken.sql", scope)}
    return Facts(_server(connection), tuple(made), live, above, taken)


def _server(connection: Connection) -> Server:
    return Server(*_rows(connection, "server.sql", {})[0])


def _roots(relations: Iterable[Row]) -> Mapping[int, int]:
    """Return for each relation the one that it is a part of, itself if it is none."""
    above = {row[0]: row[4] for row in relations}

    def root(oid: int) -> int:
        while above.get(oid):
            oid = above[oid]
        return oid

    return {oid: root(oid) for oid in above}


def _summed(relations: Sequence[Row], roots: Mapping[int, int]) -> list[Table]:
    """Return the tables that are no partitions, with the sums over those they have."""
    parts = defaultdict[int, list[Row]](list)
    for row in relations:
        parts[roots[row[0]]].append(row)
    return [_table(row, parts[row[0]]) for row in relations if roots[row[0]] == row[0]]


def _table(row: Row, parts: Sequence[Row]) -> Table:
    oid, schema, name, kind, _, security, by, *_ = row
    rows = [part[7] for part in parts if part[3] != "p"]  # a partitioned table's own number is its partitions' sum
    known = [each for each in rows if each >= 0]
    return Table(
        oid=oid,
        schema=schema,
        name=name,
        kind=kind,
        row_security=security,
        partition_by=by,
        rows=sum(known) if known or not rows else -1,
        pages=sum(part[8] for part in parts),
        bytes=sum(part[9] for part in parts),
        toast_bytes=sum(part[10] for part in parts),
        fillfactor=row[19],
        counts=sum((Counts(*part[_COUNTS]) for part in parts), Counts()),
    )


def _indexes(rows: Sequence[Row]) -> Mapping[int, list[tuple[Index, bool]]]:
    """Return the indexes of each table, and of each whether it is a part of another one; to that it is added up."""
    above = {row[0]: row[7] for row in rows}
    sums = defaultdict[int, list[float]](lambda: [0, 0, 0, 0])
    for row in rows:
        oid = row[0]
        while above.get(oid):
            oid = above[oid]
        for place, value in enumerate((row[17], row[18], max(row[19], 0), row[20])):
            sums[oid][place] += value
    found = defaultdict[int, list[tuple[Index, bool]]](list)
    for row in rows:
        sized = (row[17], row[18], max(row[19], 0), row[20]) if row[7] else sums[row[0]]
        found[row[1]].append((_index(row, sized), bool(row[7])))
    return found


def _index(row: Row, sums: Sequence[float]) -> Index:
    oid, _, name, method, unique, valid, constraint, _, tied, keys, columns, operators, collations, options, texts = (
        row[:15]
    )
    return Index(
        oid, name, method, unique, valid, constraint, tied, keys,
        tuple(columns), tuple(operators), tuple(collations), tuple(options), tuple(texts),
        row[15], row[16], int(sums[0]), int(sums[1]), sums[2], int(sums[3]), *row[21:],
    )  # fmt: skip


def _foreign_key(row: Row) -> ForeignKey:
    _, name, columns, ref, ref_columns, *rest = row
    return ForeignKey(name, tuple(columns), ref, tuple(ref_columns), *rest)


def _sequence(said: Sequence[Any], number: int) -> Numbers:
    schema, name, type_, increment, minimum, maximum, cycle, last = said
    return Numbers(schema, name, type_, increment, minimum, maximum, cycle, last, number)


def _grouped(rows: Iterable[Row], make: Callable[[Row], Part]) -> Mapping[int, list[Part]]:
    found = defaultdict[int, list[Part]](list)
    for row in rows:
        found[row[0]].append(make(row))
    return found


def _rows(connection: Connection, name: str, params: Mapping[str, object]) -> list[Row]:
    return connection.execute(query(name), params).fetchall()
