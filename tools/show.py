"""Shows what a project's embedded database holds, read from that database: `python tools/show.py portal`."""

from __future__ import annotations

import sys

import psycopg
from psycopg import sql

import mizzle

HEAD = ("table", "columns", "foreign keys", "indexes", "rows")


def show(folder: str) -> None:
    """Print a line for each table of the project in `folder`, and what there is of everything else."""
    project = mizzle.Project.load(folder, embedded=True)
    with project.database() as url, psycopg.connect(url) as connection:
        catalog = mizzle.read(url, schemas=project.config.schemas)
        rows = [
            (t.name, len(t.columns), len(t.foreign_keys), len(t.indexes), count(connection, t.schema, t.name))
            for t in catalog.tables
        ]
        version = connection.info.parameter_status("server_version")
    print(f"\nthis is now in the embedded PostgreSQL {version}:\n")
    for row in (HEAD, *rows):
        print(line(row))
    keys, indexes = sum(len(t.foreign_keys) for t in catalog.tables), sum(len(t.indexes) for t in catalog.tables)
    print(f"\n{len(rows)} tables, {len(catalog.enums)} enums, {keys} foreign keys, {indexes} indexes")


def count(connection: psycopg.Connection, schema: str, table: str) -> int:
    """Return how many rows a table has."""
    found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))).fetchone()
    assert found is not None
    return int(found[0])


def line(row: tuple[object, ...]) -> str:
    """Return a row as text, its numbers right below their heads."""
    name, *numbers = row
    return "  ".join([f"{name:24}", *(f"{n:>{len(head)}}" for n, head in zip(numbers, HEAD[1:], strict=True))])


if __name__ == "__main__":
    show(sys.argv[1])
