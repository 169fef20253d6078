"""The scratch server, as it is with a URL: loading, errors with their line, other servers' catalogs brought home."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from mizzle.catalog.read import read
from mizzle.differ.compare import compare, describe
from mizzle.errors import DatabaseError, ScratchError, Unsupported
from mizzle.planning.session import pin_sql
from mizzle.prove import Scratch
from mizzle.server.embedded import launch_scratch
from schemas import EVERYTHING, MORE, UNMANAGED

if TYPE_CHECKING:
    from mizzle.catalog.catalog import Catalog
    from servers import Server

# SQL, and what is said of it.
REFUSED = {
    "a syntax error": (
        "CREATE TABLE t (a int);\n\nCREATE TABLE u (a ind;",
        'models.sql, line 3: syntax error at or near ";"\n  CREATE TABLE u (a ind;',
    ),
    "what is not there": (
        "CREATE TABLE t (a int);\nCREATE TABLE u (a nothing)",
        'models.sql, line 2: type "nothing" does not exist\n  CREATE TABLE u (a nothing)',
    ),
    "what the server finds no place for in the text": (
        "CREATE TABLE t (a int);;\n\n-- ;\nCREATE TABLE t (b int); CREATE TABLE u ()",
        'models.sql, line 4: relation "t" already exists\n  CREATE TABLE t (b int); CREATE TABLE u ()',
    ),
    "the same, statement by statement": (
        "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY ON t (a);\nCREATE TABLE t (b int)",
        'models.sql, line 3: relation "t" already exists\n  CREATE TABLE t (b int)',
    ),
    "what another server may have": (
        "CREATE TABLE t (a int);\nCREATE COLLATION c (locale = 'xx')",
        """models.sql, line 2: could not create locale "xx": No such file or directory
  CREATE COLLATION c (locale = 'xx')""",
    ),
    "a line of one that is run statement by statement": (
        "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY ON t (a);\n-- ;\nCREATE TABLE u (\n  a nothing\n)",
        'models.sql, line 5: type "nothing" does not exist\n  a nothing',
    ),
    "psql's own commands": ("\\connect other\n", 'models.sql, line 1: syntax error at or near "\\"\n  \\connect other'),
}
# SQL that does not run in one transaction, and what it comes to.
APART = {
    "an index built concurrently": (
        "CREATE TABLE t (a int); CREATE INDEX CONCURRENTLY i ON t (a)",
        "CREATE TABLE t (a int); CREATE INDEX i ON t (a)",
    ),
    "a new enum value that is used": (
        "CREATE TYPE e AS ENUM ('a'); ALTER TYPE e ADD VALUE 'b'; CREATE TABLE t (e e DEFAULT 'b')",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (e e DEFAULT 'b')",
    ),
    "transactions of its own": (
        "BEGIN; CREATE TABLE t (a int); COMMIT; BEGIN; CREATE TABLE u (a int); COMMIT",
        "CREATE TABLE t (a int); CREATE TABLE u (a int)",
    ),
    "one that it rolls back": ("CREATE TABLE t (a int); BEGIN; DROP TABLE t; ROLLBACK", "CREATE TABLE t (a int)"),
}
BEYOND = [
    "CREATE DATABASE x",
    "DROP DATABASE IF EXISTS postgres",
    "ALTER SYSTEM SET work_mem = '1MB'",
    "create  role x",
]

TEXTS = """
CREATE TABLE t (
    a varchar(20) CHECK (a IN ('x', 'y')),
    b integer CHECK (b BETWEEN 1 AND 9) DEFAULT (CASE WHEN 1 BETWEEN 0 AND 2 THEN 3 END),
    c boolean GENERATED ALWAYS AS (a IN ('x', 'z')) STORED, EXCLUDE (a WITH =) WHERE (a NOT IN ('x', 'y'))
);
CREATE INDEX i ON t (b) WHERE a IN ('x', 'y');
"""


def _run(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode())


def _read(url: str) -> Catalog:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(pin_sql().encode())
        return read(connection)


def test_loads_text_and_statements_alike(scratch: Scratch) -> None:
    assert scratch.load("CREATE TABLE t (a int); CREATE TABLE u ()") == scratch.load(
        ["CREATE TABLE t (a int)", "CREATE TABLE u ()"]
    )


def test_one_load_leaves_nothing_for_the_next(scratch: Scratch) -> None:
    scratch.load("SET search_path TO pg_catalog; SET TimeZone TO 'Asia/Kolkata'; CREATE TABLE public.t ()")
    again = scratch.load("CREATE TABLE t (a timestamptz DEFAULT '2020-01-01 00:00Z')")
    assert [column.default for column in again.tables[0].columns] == [
        "'2020-01-01 00:00:00+00'::timestamp with time zone"
    ]


@pytest.mark.parametrize(("sql", "same"), APART.values(), ids=APART)
def test_what_does_not_run_in_one_transaction_is_run_statement_by_statement(
    sql: str, same: str, scratch: Scratch
) -> None:
    assert scratch.load(sql) == scratch.load(same)
    assert scratch.load("").tables == ()


@pytest.mark.parametrize(("sql", "message"), REFUSED.values(), ids=REFUSED)
def test_says_which_line_was_refused_and_why(sql: str, message: str, scratch: Scratch) -> None:
    with pytest.raises((DatabaseError, ScratchError)) as caught:
        scratch.load(sql, name="models.sql")
    assert caught.value.message == message
    assert caught.value.hint


@pytest.mark.parametrize("statement", BEYOND)
def test_nothing_reaches_beyond_the_database(statement: str, scratch: Scratch) -> None:
    with pytest.raises(Unsupported, match=r"line 3 of the SQL: [A-Z]+ [A-Z]+ reaches beyond the database"):
        scratch.load(f"CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY ON t (a);\n{statement}")


def test_names_a_role_that_is_missing(scratch: Scratch) -> None:
    with pytest.raises(ScratchError, match="role nobody_there does not exist") as caught:
        scratch.load("CREATE TABLE t (); GRANT SELECT ON t TO nobody_there")
    assert caught.value.hint == "create it there: CREATE ROLE nobody_there"


def test_names_an_extension_that_is_missing(scratch: Scratch) -> None:
    with pytest.raises(ScratchError, match='extension "no_such" is not available, on the scratch server') as caught:
        scratch.load("CREATE EXTENSION no_such")
    assert "MIZZLE_SCRATCH_URL" in caught.value.hint


def test_data_is_not_a_schema(scratch: Scratch) -> None:
    hint = "leave the data out: a schema is all that is read (pg_dump --schema-only)"
    with pytest.raises(Unsupported, match="the SQL copies data") as unsupported:
        scratch.load("CREATE TABLE t (a int);\nCOPY t FROM stdin;")
    with pytest.raises(DatabaseError, match="the SQL, line 3: syntax error") as refused:
        scratch.load("CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\n\\.\n")
    assert unsupported.value.hint == refused.value.hint == hint
    assert scratch.load("CREATE TABLE t ()").tables


def test_what_is_loaded_is_a_fixed_point(scratch: Scratch) -> None:
    once = scratch.load(TEXTS)
    table = once.tables[0]
    assert table.checks[0].definition == (
        "CHECK (((a)::text = ANY (ARRAY[('x'::character varying)::text, ('y'::character varying)::text])))"
    )
    assert scratch.rehome(once) == once


def test_reading_leaves_a_database_as_it_was(scratch: Scratch) -> None:
    with scratch.database() as connection:
        connection.execute(f"SET search_path TO public; {TEXTS}; SET search_path TO ''".encode())
        before = read(connection)
        assert scratch.read(connection) == scratch.load(TEXTS)
        assert read(connection) == before


@pytest.mark.parametrize("sql", [EVERYTHING, TEXTS, MORE, UNMANAGED])
def test_a_database_of_another_major_comes_home_equal(sql: str, scratch: Scratch, database15: str) -> None:
    _run(database15, sql)
    wanted = scratch.load(sql)
    live = _read(database15)
    assert live.major == 15
    home = scratch.rehome(live)
    assert describe(compare(home, wanted)) == ()
    assert home.unmanaged == live.unmanaged == wanted.unmanaged


def test_what_cannot_be_made_on_scratch_keeps_its_texts(scratch: Scratch, database15: str) -> None:
    _run(
        database15,
        f"""
        {TEXTS}
        CREATE FUNCTION twice(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2';
        CREATE LANGUAGE mine HANDLER plpgsql_call_handler;
        CREATE FUNCTION odd(integer) RETURNS boolean LANGUAGE mine AS 'BEGIN RETURN true; END';
        CREATE TABLE u (a integer CHECK (twice(a) BETWEEN 1 AND 9), b varchar(5) CHECK (b IN ('x', 'y')));
        CREATE TABLE v (a integer CHECK (odd(a)), b varchar(5) CHECK (b IN ('x', 'y')));
        CREATE TABLE w (u integer, e integer, x integer REFERENCES w2)
        """.replace("REFERENCES w2", ""),
    )
    live = _read(database15)
    home = {table.name: table for table in scratch.rehome(live).tables}
    assert home["t"] == scratch.load(TEXTS).tables[0]
    assert home["u"].checks[0] == live.tables[1].checks[0]
    assert "ARRAY[('x'::character varying)::text" in home["u"].checks[1].definition
    assert home["v"].checks == (live.tables[2].checks[0], replace(home["u"].checks[1], name="v_b_check"))


def test_an_extension_that_scratch_lacks_does_not_keep_the_rest_from_home(
    scratch: Scratch, database15: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(database15, f"{TEXTS}; CREATE EXTENSION citext; CREATE TABLE u (a citext CHECK (a IN ('x', 'y')), b integer)")
    live = _read(database15)
    nothing = frozenset[str]()  # the server of the tests has all that PostgreSQL itself comes with
    monkeypatch.setattr(scratch, "_available_extensions", lambda: nothing)
    home = scratch.rehome(live)
    assert home.extensions == live.extensions
    assert {table.name: table for table in home.tables} == {
        "t": scratch.load(TEXTS).tables[0],
        "u": live.tables[1],
    }


def test_what_is_equal_already_is_not_sent_through(scratch: Scratch) -> None:
    catalog = scratch.load(TEXTS)
    assert scratch.rehome(catalog, near=catalog) is catalog


def test_two_at_a_time_do_not_meet(pg18: Server) -> None:
    one, other = Scratch(pg18.admin_url, private=False), Scratch(pg18.admin_url, private=False)
    with one, other, one.database() as connection:
        connection.execute("CREATE TABLE public.t ()")
        assert other.load("CREATE TABLE u ()") == one.load("CREATE TABLE u ()")
        assert len(read(connection).tables) == 1


def test_a_role_that_may_not_create_databases_is_told_so(pg18: Server) -> None:
    url = pg18.admin_url.replace("postgres@", "guest@")
    with Scratch(url, private=False) as server, pytest.raises(ScratchError, match="may not create databases"):
        server.load("CREATE TABLE t ()")


def test_what_a_run_that_was_killed_left_is_not_met_again() -> None:
    with launch_scratch() as cluster:
        cluster.wait()
        with Scratch(cluster.conninfo, private=True) as first:
            first.load("CREATE TABLE t ()")
            with psycopg.connect(f"{cluster.conninfo} dbname=mizzle_load") as connection:
                connection.execute("CREATE TABLE stray ()")
        with Scratch(cluster.conninfo, private=True) as second:
            assert [table.name for table in second.load("CREATE TABLE t ()").tables] == ["t"]
