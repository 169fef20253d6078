"""Partitions online, on 18 and 15 (`make oracle`: each major): what a plan says of its steps is what a server says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

from mizzle.catalog.address import table as at
from mizzle.planning import script
from mizzle.planning.context import Context
from mizzle.planning.online import bound
from mizzle.planning.plan import Plan, plan
from mizzle.planning.session import pin_sql
from mizzle.planning.steps import Lock, Step
from mizzle.server.observe import observe
from mizzle.server.observed import Observed, relations
from shared_pairs import majors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mizzle.prove import Scratch
    from servers import Server

    Connection = psycopg.Connection[Any]

_TAKES_KEYS_ALONG = 150000
"""The first version in which a partition takes all keys of its table along, and locks both their sides for that."""

_KEYS_LOCK_PARTITIONS = 180000
"""The first version in which a new key of a partitioned table takes more than a SHARE lock on its partitions."""

MAJORS = majors("18,15")
T = 'CREATE TABLE t (a integer, b text, c numeric(10,2), d timestamptz, e boolean, "F g" varchar(20), h bigint, k date)'

BOUNDS = {
    "range": ("RANGE (k)", "FROM ('2024-01-01') TO ('2025-01-01')"),
    "range of bigint": ("RANGE (h)", "FROM (-5) TO (3000000000)"),
    "range of timestamps": ("RANGE (d)", "FROM ('2024-01-01') TO ('2025-01-01')"),
    "range of text": ("RANGE (b)", "FROM ('a''b') TO ('c')"),
    "range of numeric": ("RANGE (c)", "FROM (1.50) TO (2)"),
    "from the beginning": ("RANGE (a)", "FROM (MINVALUE) TO (10)"),
    "to the end": ("RANGE (a)", "FROM (10) TO (MAXVALUE)"),
    "all": ("RANGE (a)", "FROM (MINVALUE) TO (MAXVALUE)"),
    "two columns": ("RANGE (a, b)", "FROM (1, 'x') TO (5, 'y')"),
    "two columns, the first the same": ("RANGE (a, b)", "FROM (1, 'x') TO (1, 'y')"),
    "two columns, open below": ("RANGE (a, b)", "FROM (1, MINVALUE) TO (5, 'y')"),
    "two columns, open above": ("RANGE (a, b)", "FROM (1, 'x') TO (5, MAXVALUE)"),
    "two columns, the other ends": ("RANGE (a, b)", "FROM (1, MAXVALUE) TO (5, MINVALUE)"),
    "two columns, one value": ("RANGE (a, b)", "FROM (1, MINVALUE) TO (1, MAXVALUE)"),
    "two columns, half": ("RANGE (a, b)", "FROM (MINVALUE, MINVALUE) TO (1, 'y')"),
    "three columns": ("RANGE (a, k, h)", "FROM (1, '2024-01-01', 7) TO (5, '2025-01-01', 8)"),
    "three columns, one the same": ("RANGE (a, k, h)", "FROM (1, '2024-01-01', 7) TO (1, '2025-01-01', MAXVALUE)"),
    "three columns, open early": ("RANGE (a, k, h)", "FROM (1, MINVALUE, MINVALUE) TO (5, '2025-01-01', 8)"),
    "list": ("LIST (b)", "IN ('a', 'it''s', 'NULL')"),
    "list of one": ("LIST (a)", "IN (-1)"),
    "list with null": ("LIST (a)", "IN (1, 2, NULL)"),
    "list of one and null": ("LIST (a)", "IN (1, NULL)"),
    "list of null": ("LIST (a)", "IN (NULL)"),
    "list of booleans": ("LIST (e)", "IN (true)"),
}
ALIKE = {
    **BOUNDS,
    "list of varchar": ('LIST ("F g")', "IN ('a', 'b')"),
    "range of varchar": ('RANGE ("F g")', "FROM ('a') TO ('b')"),
}
"""Those, and some that the server writes in other words."""


@pytest.fixture(params=MAJORS)
def server(request: pytest.FixtureRequest, server_of: Callable[[int], Server]) -> Server:
    """Each of the servers in turn."""
    return server_of(request.param)


@pytest.fixture
def connection(server: Server) -> Iterator[Connection]:
    """A connection to a fresh database of it."""
    url = server.create()
    with psycopg.connect(url, autocommit=True) as found:
        yield found
    server.drop(url)


def test_bounds_are_written_as_the_server_writes_them(connection: Connection, scratch: Scratch) -> None:
    catalog = scratch.load(_parents(BOUNDS) + _partitions(BOUNDS))
    context = Context.between(catalog, catalog, 14)
    connection.execute((_parents(BOUNDS) + _partitions(BOUNDS)).encode())
    for number, name in enumerate(BOUNDS):
        written = bound.whole(context.new_tables[at("public", f"t{number}_1")], context)
        alike = f"CREATE TABLE u{number} (LIKE t{number}); ALTER TABLE u{number} ADD CONSTRAINT c CHECK ({written})"
        connection.execute(alike.encode())
        of = f"conrelid = 'u{number}'::regclass AND contype = 'c'"
        mine = _one(connection, f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE {of}")
        theirs = _one(connection, f"SELECT pg_get_partition_constraintdef('t{number}_1'::regclass)")
        assert (name, mine) == (name, f"CHECK ({theirs})")


def test_no_default_partition_is_read_again(connection: Connection, scratch: Scratch, server: Server) -> None:
    old = _parents(ALIKE) + "".join(
        f"CREATE TABLE t{number}_rest PARTITION OF t{number} DEFAULT;" for number in range(len(ALIKE))
    )
    planned = _plan(scratch, server, old, old + _partitions(ALIKE))
    validated = [step for step in planned.steps if "VALIDATE CONSTRAINT" in step.sql]
    assert len(validated) == len(ALIKE)
    _follow(connection, planned, old)


def _parents(bounds: dict[str, tuple[str, str]]) -> str:
    keys = enumerate(key for key, _ in bounds.values())
    return "".join(f"{T.replace('TABLE t', f'TABLE t{number}')} PARTITION BY {key};" for number, key in keys)


def _partitions(bounds: dict[str, tuple[str, str]]) -> str:
    said = enumerate(said for _, said in bounds.values())
    return "".join(f"CREATE TABLE t{n}_1 PARTITION OF t{n} FOR VALUES {each};" for n, each in said)


def test_what_no_check_says_is_left_to_the_server(scratch: Scratch) -> None:
    catalog = scratch.load(
        "CREATE DOMAIN few AS integer CHECK (VALUE < 1000); CREATE COLLATION other (LOCALE = 'C');"
        " CREATE TABLE t (a text, d few, x text COLLATE other) PARTITION BY LIST (lower(a));"
        ' CREATE TABLE d (d few) PARTITION BY LIST (d); CREATE TABLE c (a text) PARTITION BY LIST (a COLLATE "C");'
        " CREATE TABLE h (a text) PARTITION BY HASH (a); CREATE TABLE o (a text) PARTITION BY LIST (a text_pattern_ops)"
    )
    context = Context.between(catalog, catalog, 14)
    for table in context.new.tables:
        assert bound.columns(table, context) is None or table.name == "h"
        assert bound.expression(table, "FOR VALUES WITH (modulus 2, remainder 0)", context) is None
        assert bound.expression(table, "DEFAULT", context) is None


REFERRED = """
CREATE TABLE r (id integer PRIMARY KEY);
CREATE TABLE rp (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE rp_1 PARTITION OF rp FOR VALUES FROM (0) TO (1000);
CREATE TABLE t (id integer PRIMARY KEY, r integer REFERENCES r, rp integer REFERENCES rp) PARTITION BY RANGE (id);
CREATE INDEX i ON t (r);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100);
"""
REST = "CREATE TABLE t_rest PARTITION OF t DEFAULT;"
DEEP_REST = (
    "CREATE TABLE t_rest PARTITION OF t DEFAULT PARTITION BY LIST (id);"
    "CREATE TABLE t_rest_1 PARTITION OF t_rest FOR VALUES IN (500);"
)
REFERRING = "CREATE TABLE u (t integer REFERENCES t);"
COMES = "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (100) TO (200);"
DEEP = (
    "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);"
    "CREATE TABLE t_2_1 PARTITION OF t_2 FOR VALUES FROM (100) TO (150);"
)
ROWS = "INSERT INTO r VALUES (1); INSERT INTO rp VALUES (1); INSERT INTO t VALUES (1, 1, 1), (2, 1, 1);"
ALONE = """
CREATE TABLE t_2 (id integer CONSTRAINT t_id_not_null NOT NULL, r integer CONSTRAINT t_r_fkey REFERENCES r,
  rp integer CONSTRAINT t_rp_fkey REFERENCES rp, PRIMARY KEY (id));
CREATE INDEX ON t_2 (r);
"""
OWN = "INSERT INTO t_2 VALUES (110, 1, 1);"
PARTS = """ PARTITION BY RANGE (id);
CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE "P 2" PARTITION OF p FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);
CREATE TABLE p_2_1 PARTITION OF "P 2" FOR VALUES FROM (100) TO (150);
CREATE TABLE r (id integer PRIMARY KEY);
"""
BARE = "CREATE TABLE p (id integer, a integer)" + PARTS
IN_PARTS = "INSERT INTO r VALUES (1); INSERT INTO p VALUES (1, 1), (2, 1), (101, 1);"
PAIRS = {
    "primary key": (BARE, "CREATE TABLE p (id integer, a integer, PRIMARY KEY (id))" + PARTS, IN_PARTS),
    "unique": (
        BARE,
        "CREATE TABLE p (id integer, a integer, CONSTRAINT k UNIQUE (id, a) DEFERRABLE)" + PARTS,
        IN_PARTS,
    ),
    "index": (BARE, BARE + 'CREATE INDEX "an i" ON p (a)', IN_PARTS),
    "unique index": (BARE, BARE + "CREATE UNIQUE INDEX i ON p (id)", IN_PARTS),
    "foreign key": (BARE, BARE + "ALTER TABLE p ADD FOREIGN KEY (a) REFERENCES r", IN_PARTS),
    "check": (BARE, "CREATE TABLE p (id integer, a integer CHECK (a > 0))" + PARTS, IN_PARTS),
    "not null": (BARE, "CREATE TABLE p (id integer, a integer NOT NULL)" + PARTS, IN_PARTS),
    "comes": (REFERRED, REFERRED + COMES, ROWS),
    "comes, deep": (REFERRED, REFERRED + DEEP, ROWS),
    "comes where others refer": (REFERRED + REFERRING, REFERRED + REFERRING + COMES, ROWS),
    "comes beside a default": (REFERRED + REST, REFERRED + REST + COMES, ROWS + "INSERT INTO t VALUES (500, 1, 1)"),
    "comes beside a deep default": (
        REFERRED + DEEP_REST,
        REFERRED + DEEP_REST + COMES,
        ROWS + "INSERT INTO t VALUES (500, 1, 1)",
    ),
    "a default comes": (REFERRED, REFERRED + REST, ROWS),
    "becomes one": (REFERRED + ALONE, REFERRED + COMES, ROWS + OWN),
    "becomes one beside a default": (REFERRED + REST + ALONE, REFERRED + REST + COMES, ROWS + OWN),
    "becomes one where others refer": (REFERRED + REFERRING + ALONE, REFERRED + REFERRING + COMES, ROWS + OWN),
    "leaves": (REFERRED + COMES, REFERRED + ALONE, ROWS + OWN),
    "leaves where others refer": (REFERRED + REFERRING + COMES, REFERRED + REFERRING + ALONE, ROWS + OWN),
    "leaves beside a default": (REFERRED + REST + COMES, REFERRED + REST + ALONE, ROWS + OWN),
    "goes": (REFERRED + COMES, REFERRED, ROWS + OWN),
    "goes, deep": (REFERRED + DEEP, REFERRED, ROWS + OWN),
    "goes where others refer": (REFERRED + REFERRING + COMES, REFERRED + REFERRING, ROWS + OWN),
    "goes beside a default": (REFERRED + REST + COMES, REFERRED + REST, ROWS + OWN),
}


@pytest.mark.parametrize("online", [True, False], ids=["online", "plain"])
@pytest.mark.parametrize(("old", "new", "rows"), PAIRS.values(), ids=PAIRS)
def test_each_step_does_what_it_says(  # noqa: PLR0913 - what it is tried on
    connection: Connection, scratch: Scratch, server: Server, old: str, new: str, rows: str, *, online: bool
) -> None:
    _follow(connection, _plan(scratch, server, old, new, online=online), old, rows)


@pytest.mark.parametrize("name", ["comes", "comes, deep", "comes where others refer", "becomes one", "leaves", "goes"])
def test_nobody_waits_for_the_table_above(scratch: Scratch, server: Server, name: str) -> None:
    old, new, _ = PAIRS[name]
    for step in _plan(scratch, server, old, new).steps:
        assert step.locks.get("public.t", Lock.NONE).rank <= Lock.SHARE_UPDATE_EXCLUSIVE.rank, step.sql


def _one(connection: Connection, sql: str) -> object:
    rows = connection.execute(sql.encode()).fetchall()
    assert len(rows) == 1
    return rows[0][0]


def _plan(scratch: Scratch, server: Server, old: str, new: str, *, online: bool = True) -> Plan:
    return plan(scratch.load(old), scratch.load(new), major=server.major, online=online)


class Known(NamedTuple):
    """What a step did to tables that others can be kept waiting for."""

    locks: dict[str, str]
    rewrites: frozenset[str]
    scans: frozenset[str]
    builds: frozenset[str]


def _follow(connection: Connection, planned: Plan, schema: str, rows: str = "") -> None:
    """Run a plan, and see that each step did what it says; one outside a transaction at most that."""
    for sql in (schema, rows, pin_sql()):
        connection.execute(sql.encode())
    then = {oid: each for oid, each in relations(connection).items() if each.kind in {"r", "p"}}
    for step, told in zip(script.parse(planned.sql, name="up.sql").steps, planned.steps, strict=True):
        seen = observe(connection, step, before=then)
        said, found = _said(told, {str(each) for each in then.values()}), _found(seen)
        version = connection.info.server_version
        exact = version >= (_KEYS_LOCK_PARTITIONS if "ADD CONSTRAINT" in step.sql else _TAKES_KEYS_ALONG)
        exact = exact and step.transaction
        assert (found.locks == said.locks) if exact else _within(found.locks, said.locks), step.sql
        assert found[1:] == said[1:], step.sql


def _within(found: dict[str, str], said: dict[str, str]) -> bool:
    """Say whether no lock was stronger than what was said."""
    return all(Lock(lock).rank <= Lock(said.get(name, "none")).rank for name, lock in found.items())


def _said(step: Step, tables: set[str]) -> Known:
    work = step.work
    locks = {name: lock for name, lock in step.locks.items() if name in tables}
    return Known(_strong(locks), frozenset(work.rewrites), frozenset(work.scans), frozenset(work.builds))


def _found(seen: Observed) -> Known:
    return Known(_strong(seen.locks), seen.rewrites, seen.scans, seen.builds)


def _strong(locks: dict[str, Lock]) -> dict[str, str]:
    """Return the locks that stand in the way of DDL or of rows, by table."""
    return {name: lock.value for name, lock in locks.items() if lock.rank > Lock.ROW_EXCLUSIVE.rank}
