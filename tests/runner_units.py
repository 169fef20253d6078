"""Migrations for the tests of the runner, made from the text of their files, and what the tests ask the database."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import psycopg

from mizzle.planning.script import parse
from mizzle.runner.units import Unit


def unit(migration: str, text: str, *, over: tuple[str, ...] = (), direction: str = "up") -> Unit:
    """Return a migration as the folder would give it."""
    name = f"migrations/{migration}/{direction}.sql"
    return Unit(migration, sha256(text.encode()).hexdigest(), parse(text, name=name).steps, name, over)


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """Return what a query answers in a session of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def run(url: str, *statements: str) -> None:
    """Run statements in a session of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def states(url: str, schema: str = "mizzle") -> list[tuple[Any, ...]]:
    """Return id and state of all attempts, in order."""
    return rows(url, f"SELECT id, state FROM {schema}.history ORDER BY attempt")


A = unit(
    "20260101000000_a",
    "-- step 1: transaction\nCREATE TABLE public.a (id integer);\nINSERT INTO public.a VALUES (1);\n",
)
B = unit("20260102000000_b", "CREATE TABLE public.b (id integer);\n")
C = unit("20260103000000_c", "CREATE TABLE public.c (id integer);\n")
BUILD = """\
-- step 1: no transaction; done when index public.t_idx is valid
CREATE INDEX CONCURRENTLY t_idx ON public.t (id);
"""
