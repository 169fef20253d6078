"""A step and its record are one; errors say where they stand; conditions are asked of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from mizzle.errors import ConfigError, DatabaseError
from mizzle.planning.condition import parse_condition
from mizzle.planning.steps import Condition
from mizzle.runner.conditions import holds
from mizzle.runner.connection import connect
from mizzle.runner.migrate import migrate
from runner_units import A, rows, run, states, unit
from servers import Server

_ID = "20260105000000_x"
_NAME = f"migrations/{_ID}/up.sql"


def _refused(url: str, text: str) -> DatabaseError:
    with pytest.raises(DatabaseError) as refused:
        migrate(url, [unit(_ID, text)])
    return refused.value


class TestTransactions:
    """A step and its record are committed together, or not at all."""

    def test_a_step_that_fails_leaves_nothing(self, database: str) -> None:
        _refused(database, "CREATE TABLE public.x ();\nSELECT 1 / 0;\n")
        assert rows(database, "SELECT to_regclass('public.x')") == [(None,)]
        assert rows(database, "SELECT count(*) FROM mizzle.steps") == [(0,)]

    def test_what_was_planned_for_a_newer_server_is_said_to_be(self, pg15: Server) -> None:
        text = (
            "-- step 1: transaction\n-- work: catalog only; old code works\n"
            "ALTER TABLE public.t ADD CONSTRAINT t_a_not_null NOT NULL a NOT VALID;\n"
        )
        url = pg15.create()
        try:
            assert "set `postgres` in the configuration" in _refused(url, text).hint
            assert (
                "set `postgres`" not in _refused(url, text.replace("-- work: catalog only; old code works\n", "")).hint
            )
        finally:
            pg15.drop(url)

    @pytest.mark.parametrize("tail", ["", "BEGIN;\n", "BEGIN;\nCREATE TABLE public.z ();\n", "SELECT 1 / 0;\n"])
    def test_a_commit_inside_is_refused_and_what_it_left_is_said(self, any_database: str, tail: str) -> None:
        error = _refused(any_database, f"CREATE TABLE public.x ();\nCOMMIT;\n{tail}")
        assert error.message.startswith(f"{_NAME}:2: COMMIT ended the step's transaction")
        assert "was committed and stays in the database" in error.message
        assert ("division by zero" in error.message) == ("1 / 0" in tail)
        assert rows(any_database, "SELECT to_regclass('public.x')::text, to_regclass('public.z')") == [("x", None)]
        assert states(any_database) == [(_ID, "failed")]

    def test_what_was_committed_inside_is_not_tried_again(self, database: str) -> None:
        text = "CREATE TABLE public.x ();\nCOMMIT;\nDO $$ BEGIN RAISE SQLSTATE '55P03'; END $$;\n"
        assert "up.sql:2: COMMIT ended" in _refused(database, text).message

    @pytest.mark.parametrize("ending", ["ROLLBACK", "ABORT", "rollback and chain", "/* so */ End AND CHAIN"])
    def test_whatever_ends_the_transaction_is_refused(self, database: str, ending: str) -> None:
        error = _refused(database, f"CREATE TABLE public.x ();\n{ending};\nCREATE TABLE public.y ();\n")
        assert "ended the step's transaction" in error.message
        assert error.message.startswith(f"{_NAME}:2: ")

    def test_settings_and_savepoints_are_the_steps_own_business(self, database: str) -> None:
        text = "SAVEPOINT s;\nCREATE TABLE public.x ();\nRELEASE s;\nRESET ALL;\nSET LOCAL lock_timeout = '1s';\n"
        migrate(database, [unit(_ID, text)])
        assert states(database) == [(_ID, "applied")]

    def test_what_a_step_sets_does_not_reach_the_next(self, any_database: str) -> None:
        run(any_database, "CREATE SCHEMA other", "GRANT CREATE, USAGE ON SCHEMA other TO guest")
        text = """\
-- step 1
SET search_path = other;
SET ROLE guest;
SET statement_timeout = '9min';
CREATE TEMP TABLE scratch ();
CREATE TABLE first ();

-- step 2: no transaction; done when query SELECT current_setting('search_path') = ''
SET search_path = other

-- step 3
DO $$ BEGIN
  ASSERT current_user = 'postgres' AND current_setting('search_path') = '' AND current_setting('TimeZone') = 'UTC';
  ASSERT current_setting('statement_timeout') = '0' AND to_regclass('pg_temp.scratch') IS NULL;
END $$;
"""
        migrate(any_database, [unit(_ID, text)])
        query = "SELECT tableowner FROM pg_tables WHERE schemaname = 'other'"
        assert rows(any_database, query) == [("guest",)]

    def test_a_step_that_fails_in_another_role_is_recorded(self, database: str) -> None:
        _refused(database, "SET ROLE guest;\nSELECT 1 / 0;\n")
        assert states(database) == [(_ID, "failed")]

    def test_deferred_constraints_belong_to_the_step(self, database: str) -> None:
        text = (
            "CREATE TABLE public.x (id integer UNIQUE DEFERRABLE INITIALLY DEFERRED);\n"
            "INSERT INTO public.x VALUES (1), (1);\n"
        )
        error = _refused(database, text)
        assert error.message.startswith(f"{_NAME}, step 1 of 1, at its end: duplicate key value")
        assert rows(database, "SELECT to_regclass('public.x')") == [(None,)]

    def test_a_condition_that_does_not_hold_undoes_the_step(self, database: str) -> None:
        error = _refused(database, "-- step 1: done when table public.y exists\nCREATE TABLE public.x ();\n")
        assert error.message == f"{_NAME}, step 1 of 1: it ran, and is not done: table public.y exists does not hold"
        assert rows(database, "SELECT to_regclass('public.x')") == [(None,)]

    def test_timeouts_of_the_header_count(self, database: str) -> None:
        error = _refused(database, "-- step 1: statement_timeout 10ms\nSELECT pg_sleep(10);\n")
        assert "statement timeout" in error.message
        assert "give the step a longer one" in error.hint

    @pytest.mark.parametrize("direction", ["FROM STDIN", "TO STDOUT"])
    def test_copy_to_and_from_the_client_is_refused(self, database: str, direction: str) -> None:
        error = _refused(database, f"CREATE TABLE public.x ();\nCOPY public.x {direction};\n")
        assert error.message.startswith(f"{_NAME}:2: COPY from or to the client has no data in a migration")
        assert rows(database, "SELECT to_regclass('public.x')") == [(None,)]
        migrate(database, [unit(_ID, "SELECT 1;\n")])

    def test_two_statements_outside_a_transaction_are_refused(self, database: str) -> None:
        written = unit(_ID, "-- step 1: no transaction\nCREATE TABLE public.x ()\n")
        smuggled = type(written)(
            written.id,
            written.checksum,
            (type(written.steps[0])("CREATE TABLE public.x (); SELECT 1", transaction=False),),
            _NAME,
        )
        with pytest.raises(DatabaseError, match="multiple commands") as refused:
            migrate(database, [smuggled])
        assert "one statement" in refused.value.hint
        assert rows(database, "SELECT to_regclass('public.x')") == [(None,)]

    def test_a_begin_outside_a_transaction_is_refused(self, database: str) -> None:
        error = _refused(database, "-- step 1: no transaction; done when query SELECT true\nBEGIN\n")
        assert "it began a transaction" in error.message

    def test_percent_signs_are_no_placeholders(self, database: str) -> None:
        text = """\
-- step 1
DO $$ BEGIN ASSERT 'a%s%' LIKE 'a%%'; END $$;

-- step 2: no transaction; done when query SELECT 7 % 4 = 3
COMMENT ON SCHEMA public IS '%(x)s %s'
"""
        migrate(database, [unit(_ID, text)])

    def test_a_zero_byte_is_refused(self, database: str) -> None:
        with pytest.raises(ConfigError, match="zero byte"):
            migrate(database, [unit(_ID, "SELECT 1; -- \0\nDROP TABLE public.x;\n")])


class TestPlaces:
    """Errors name the file and the line, however PostgreSQL reports them."""

    HEAD = "-- notes\n\n-- step 1\nCREATE TABLE public.x (id integer);\n\n-- step 2\n-- locks: none\n"

    @pytest.mark.parametrize(
        ("sql", "line", "message"),
        [
            ("SELECT 1;\n\nSELEKT 2;\n", 10, 'syntax error at or near "SELEKT"'),
            ("SELECT 'é€𝄞',\n nowhere;\n", 9, 'column "nowhere" does not exist'),
            ("SELECT 1;\nSELECT ';';\n\nINSERT INTO public.x\nVALUES ('a');\n", 12, "invalid input syntax"),
            (
                "SELECT 1;\n/* ; */ SELECT ';';\n\nALTER TABLE public.x\n  DROP COLUMN nowhere;\n",
                11,
                'column "nowhere"',
            ),
            ("SELECT 1;\nDO $$ BEGIN\n PERFORM 1 / 0;\nEND $$;\n", 9, "division by zero"),
        ],
    )
    def test_the_line_is_named(self, any_database: str, sql: str, line: int, message: str) -> None:
        error = _refused(any_database, self.HEAD + sql)
        assert error.message.startswith(f"{_NAME}:{line}: {message}")

    def test_the_place_in_the_line_is_shown(self, database: str) -> None:
        error = _refused(database, "SELECT 1,\n\t2 + nowhere;\n")
        assert error.message == f'{_NAME}:2: column "nowhere" does not exist\n   2 + nowhere;\n       ^'

    def test_detail_context_and_hint_are_passed_on(self, database: str) -> None:
        using = "DETAIL = 'because', HINT = 'do this', ERRCODE = 'P0007'"
        text = f"DO $$ BEGIN\nRAISE EXCEPTION 'not so' USING {using};\nEND $$;\n"
        error = _refused(database, text)
        assert error.message.splitlines()[1:3] == ["  DO $$ BEGIN ...", "detail: because"]
        assert error.message.splitlines()[3].startswith("context: PL/pgSQL function inline_code_block line 2")
        assert (error.hint, error.sqlstate) == ("do this", "P0007")

    @pytest.mark.parametrize(
        ("sql", "hint"),
        [
            ("CREATE TABLE x ()", "write names with their schema"),
            ("SELECT * FROM x", "search_path is empty"),
            ("VACUUM", "no transaction"),
        ],
    )
    def test_hints_tell_the_way_out(self, database: str, sql: str, hint: str) -> None:
        assert hint in _refused(database, f"{sql};\n").hint


_OBJECTS = """\
CREATE SCHEMA "S s";
CREATE TABLE "S s"."T" (id integer CONSTRAINT ok CHECK (id > 0), gone integer);
ALTER TABLE "S s"."T" DROP COLUMN gone;
ALTER TABLE "S s"."T" ADD CONSTRAINT later CHECK (id > 1) NOT VALID;
CREATE INDEX i ON "S s"."T" (id);
CREATE TABLE "S s".parts (id integer) PARTITION BY RANGE (id);
CREATE TABLE "S s".part PARTITION OF "S s".parts FOR VALUES FROM (1) TO (2);
CREATE INDEX unfinished ON ONLY "S s".parts (id);
CREATE TYPE "S s".mood AS ENUM ('a''b');
CREATE TYPE "S s".pair AS (x integer);
CREATE DOMAIN "S s".positive AS integer CONSTRAINT above CHECK (value > 0);
CREATE SEQUENCE "S s".numbers;
"""


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('schema "S s" exists', True),
        ("schema nowhere exists", False),
        ("schema nowhere is absent", True),
        ('table "S s"."T" exists', True),
        ('table "S s".parts exists', True),
        ('table "S s".t exists', False),
        ('table "S s".i exists', False),
        ('column "S s"."T".id exists', True),
        ('column "S s"."T".gone is absent', True),
        ('column "S s"."T".ctid exists', False),
        ('index "S s".i is valid', True),
        ('index "S s".unfinished exists', True),
        ('index "S s".unfinished is valid', False),
        ('index "S s".nowhere is valid', False),
        ('constraint "S s"."T".ok is valid', True),
        ('constraint "S s"."T".later exists', True),
        ('constraint "S s"."T".later is valid', False),
        ('constraint "S s"."T".nowhere is absent', True),
        ('constraint "S s".positive.above is valid', True),
        ('type "S s".mood exists', True),
        ('type "S s".pair exists', True),
        ('type "S s".positive exists', True),
        ('type "S s"."T" exists', False),
        ('sequence "S s".numbers exists', True),
        ('sequence "S s"."T" exists', False),
        ('value "S s".mood."a\'b" exists', True),
        ('value "S s".mood.b is absent', True),
        ("query SELECT count(*) = 2 FROM \"S s\".parts, pg_class WHERE false OR relname LIKE '%s'", False),
        ("query SELECT 1 = 1", True),
        ("query SELECT NULL::boolean", False),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_a_condition_is_asked_of_the_catalog(
    condition_objects: str, condition: str, *, expected: bool, inside: bool
) -> None:
    with closing(connect(condition_objects)) as connection:
        if inside:
            connection.execute("BEGIN")
        assert holds(connection, parse_condition(condition)) is expected


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT 1", "one boolean"),
        ("SELECT true UNION ALL SELECT true", "one boolean"),
        ("SELECT true, false", "one boolean"),
        ("SELECT true WHERE false", "one boolean"),
        ("CREATE TABLE public.x ()", "read-only transaction"),
        ("SELECT nextval('\"S s\".numbers') > 0", "read-only transaction"),
        ("SELECT nowhere", 'column "nowhere" does not exist'),
    ],
)
def test_a_query_that_gives_no_answer_is_refused(condition_objects: str, query: str, reason: str) -> None:
    with closing(connect(condition_objects)) as connection, pytest.raises(DatabaseError, match=reason):
        holds(connection, Condition("query", (query,), "holds"))


@pytest.fixture(scope="module")
def condition_objects(pg18: Server) -> Iterator[str]:
    """A database with an object of each kind that a condition can be about."""
    url = pg18.create()
    run(url, _OBJECTS)
    yield url
    pg18.drop(url)


def test_a_later_step_may_use_what_an_earlier_one_added_to_an_enum(any_database: str) -> None:
    text = """\
-- step 1
CREATE TYPE public.mood AS ENUM ('a');
CREATE TABLE public.m (m public.mood);

-- step 2: done when value public.mood.b exists
ALTER TYPE public.mood ADD VALUE 'b';

-- step 3
INSERT INTO public.m VALUES ('b');
"""
    migrate(any_database, [A, unit(_ID, text)])
    assert rows(any_database, "SELECT m::text FROM public.m") == [("b",)]
