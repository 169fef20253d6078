"""Backfills: batch after batch by a key, each once whatever happens, and nobody waits long for a row."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mizzle.errors import DatabaseError, HistoryError, LockedError
from mizzle.planning.steps import Backfill
from mizzle.runner import events
from mizzle.runner.migrate import migrate
from mizzle.runner.pace import Pace
from mizzle.runner.scope import Scope
from runner_units import rows, run, states, unit
from servers import Server

_ID = "20260105000000_fill"
_TESTS = Path(__file__).parent
_MIGRATOR = """
import sys
sys.path.insert(0, {tests!r})
from runner_units import unit
from mizzle.runner.migrate import migrate
from mizzle.runner.pace import Pace
print(migrate(sys.argv[1], [unit({id!r}, sys.argv[2])]).applied)
"""
PEOPLE = (
    "CREATE TABLE public.people (id bigint PRIMARY KEY, name text NOT NULL, n integer NOT NULL DEFAULT 0)",
    "INSERT INTO public.people SELECT g * 3, 'p' || g FROM generate_series(1, 2345) AS g",
)
ONCE = "-- step 1: backfill public.people by id; batch {batch}; pause {pause}\nUPDATE public.people SET n = n + 1;\n"


def fill(text: str, migration: str = _ID) -> Any:
    return unit(migration, text)


KEYS = {
    "composite": (
        (
            'CREATE TABLE public."Order items" ("order" integer, "No." text COLLATE "C", n integer NOT NULL DEFAULT 0, '
            'PRIMARY KEY ("order", "No."))'
        ),
        "INSERT INTO public.\"Order items\" SELECT g / 50, 'Ä%' || g FROM generate_series(1, 1234) AS g",
        (
            '-- step 1: backfill public."Order items" by "order", "No."; batch 100; pause 0\n'
            'UPDATE public."Order items" AS "a.b" SET n = n + 1 WHERE "a.b".n % 5 = 0 OR true;\n'
        ),
        'public."Order items"',
    ),
    "text": (
        "CREATE TABLE public.t (code varchar(20) PRIMARY KEY, n integer NOT NULL DEFAULT 0)",
        "INSERT INTO public.t SELECT chr(65 + g % 60) || g || chr(39) || chr(92) FROM generate_series(1, 1234) AS g",
        "-- step 1: backfill public.t by code; batch 100; pause 0\nUPDATE public.t SET n = n + 1;\n",
        "public.t",
    ),
    "char": (
        "CREATE TABLE public.t (code char(12) PRIMARY KEY, n integer NOT NULL DEFAULT 0)",
        "INSERT INTO public.t SELECT g::text FROM generate_series(1, 1234) AS g",
        "-- step 1: backfill public.t by code; batch 100; pause 0\nUPDATE public.t SET n = n + 1;\n",
        "public.t",
    ),
    "uuid": (
        "CREATE TABLE public.t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n integer NOT NULL DEFAULT 0)",
        "INSERT INTO public.t (n) SELECT 0 FROM generate_series(1, 1234) AS g",
        "-- step 1: backfill public.t by id; batch 100; pause 0\nUPDATE public.t SET n = n + 1;\n",
        "public.t",
    ),
    "moment": (
        (
            'CREATE TABLE public.t (at timestamptz NOT NULL, kind "char" NOT NULL, n integer NOT NULL DEFAULT 0, '
            "UNIQUE (at, kind))"
        ),
        (
            "INSERT INTO public.t SELECT now() - g * interval '1.000001 s', chr(65 + g % 20)::\"char\" "
            "FROM generate_series(1, 1234) AS g"
        ),
        "-- step 1: backfill public.t by at, kind; batch 100; pause 0\nUPDATE public.t SET n = n + 1;\n",
        "public.t",
    ),
    "partitioned": (
        (
            "CREATE TABLE public.t (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0) PARTITION BY HASH (id); "
            "CREATE TABLE public.t0 PARTITION OF public.t FOR VALUES WITH (MODULUS 2, REMAINDER 0); "
            "CREATE TABLE public.t1 PARTITION OF public.t FOR VALUES WITH (MODULUS 2, REMAINDER 1)"
        ),
        "INSERT INTO public.t SELECT g FROM generate_series(1, 1234) AS g",
        "-- step 1: backfill public.t by id; batch 100; pause 0\nUPDATE public.t SET n = n + 1;\n",
        "public.t",
    ),
}


@pytest.mark.parametrize("kind", KEYS)
def test_each_row_is_met_once_by_whatever_key(hostile_database: str, kind: str) -> None:
    table, filled, text, name = KEYS[kind]
    run(hostile_database, table, filled)
    told: list[events.Event] = []
    assert migrate(hostile_database, [fill(text)], on_event=told.append).applied
    assert rows(hostile_database, f"SELECT n, count(*) FROM {name} GROUP BY n") == [(1, 1234)]
    last = [event for event in told if isinstance(event, events.Progressed)][-1]
    assert last.progress.rows == 1234
    assert rows(hostile_database, "SELECT state, (position::json ->> 'rows')::int FROM mizzle.steps") == [
        ("done", 1234)
    ]


def test_a_batch_is_no_larger_than_stated(database: str) -> None:
    run(database, *PEOPLE, "CREATE TABLE public.seen (rows integer)")
    run(
        database,
        "CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO public.seen SELECT count(*) FROM changed; RETURN NULL; END'",
        "CREATE TRIGGER see AFTER UPDATE ON public.people REFERENCING NEW TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION public.see()",
    )
    migrate(database, [fill(ONCE.format(batch=40, pause="1ms"))])
    assert rows(database, "SELECT max(rows), sum(rows) FROM public.seen") == [(40, 2345)]


def test_rows_are_deleted_in_batches_too(any_database: str) -> None:
    run(any_database, *PEOPLE)
    text = "-- step 1: backfill public.people by id; batch 100\nDELETE FROM public.people p WHERE p.id % 2 = 0;\n"
    migrate(any_database, [fill(text)])
    assert rows(any_database, "SELECT count(*), bool_and(id % 2 = 1) FROM public.people") == [(1173, True)]


def test_an_empty_table_is_done_at_once(any_database: str) -> None:
    run(any_database, PEOPLE[0])
    migrate(any_database, [fill(ONCE.format(batch=1, pause="1h"))])
    assert rows(any_database, "SELECT state, position FROM mizzle.steps") == [("done", None)]


def test_another_table_may_be_read(any_database: str) -> None:
    run(any_database, *PEOPLE, "CREATE TABLE public.names (id integer, name text)")
    run(any_database, "INSERT INTO public.names SELECT id, 'new' FROM public.people WHERE id % 2 = 0")
    text = (
        "-- step 1: backfill public.people by id; batch 100; done when query "
        "SELECT count(*) = 1172 FROM public.people WHERE name = 'new'\n"
        "UPDATE public.people SET name = names.name FROM public.names WHERE names.id = people.id OR false -- why\n;\n"
    )
    assert migrate(any_database, [fill(text)]).applied


def test_the_plain_file_does_the_same_in_psql(any_server: Server, any_database: str, tmp_path: Path) -> None:
    run(any_database, *PEOPLE)
    (tmp_path / "up.sql").write_text(ONCE.format(batch=100, pause="20ms"))
    psql = [str(any_server.bin / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", any_database, "-f"]
    subprocess.run([*psql, str(tmp_path / "up.sql")], check=True)
    assert rows(any_database, "SELECT n, count(*) FROM public.people GROUP BY n") == [(1, 2345)]


def test_a_tenants_table_is_that_of_its_schema(any_database: str) -> None:
    for tenant in ("one", "two"):
        run(any_database, f"CREATE SCHEMA {tenant}", *(each.replace("public.", f"{tenant}.") for each in PEOPLE))
    text = ONCE.format(batch=100, pause="0").replace("public.", "")
    assert migrate(any_database, [fill(text)], scope=Scope("two")).applied
    count = "SELECT n, count(*) FROM {}.people GROUP BY n"
    assert rows(any_database, count.format("one")) == [(0, 2345)]
    assert rows(any_database, count.format("two")) == [(1, 2345)]


WRONG = [
    ("public.nowhere", "id", "there is no table public.nowhere", "is it spelled right"),
    ("public.seen", "id", "public.seen is not a table", "is it spelled right"),
    ("public.people", "code", "table public.people has no column code", "go by id"),
    ("public.people", "name", "(name) is no unique key of table public.people", "go by id"),
    ("public.people", "name, id", "(name, id) is no unique key of table public.people", "go by id"),
    ("public.loose", "id", "(id) is no unique key of table public.loose", "public.loose has no key to go by"),
]


@pytest.mark.parametrize(("table", "key", "message", "hint"), WRONG)
def test_what_is_no_key_is_refused_before_anything_runs(
    any_database: str, table: str, key: str, message: str, hint: str
) -> None:
    run(any_database, *PEOPLE, "CREATE VIEW public.seen AS SELECT * FROM public.people")
    run(any_database, "CREATE TABLE public.loose (id integer UNIQUE)")
    run(any_database, "INSERT INTO public.loose VALUES (1)")
    with pytest.raises(DatabaseError) as refused:
        migrate(any_database, [fill(f"-- step 1: backfill {table} by {key}\nUPDATE {table} SET n = 1;\n")])
    assert message in refused.value.message
    assert hint in refused.value.hint
    assert rows(any_database, "SELECT count(*) FROM mizzle.steps") == [(0,)]


def test_what_the_server_does_not_understand_is_told_with_its_line(any_database: str) -> None:
    run(any_database, *PEOPLE)
    text = "-- step 1: backfill public.people by id\nUPDATE public.people SET n = 1\nWHERE true AND\n  nothing > 1;\n"
    with pytest.raises(DatabaseError, match=r'up.sql:4: column "nothing" does not exist\n    nothing > 1;\n    \^'):
        migrate(any_database, [fill(text)])


def test_a_row_that_does_not_fit_ends_it_and_the_next_run_goes_on(any_database: str) -> None:
    run(any_database, *PEOPLE, "ALTER TABLE public.people ADD CHECK (id <> 3000 OR n = 0)")
    text = ONCE.format(batch=100, pause="0")
    with pytest.raises(DatabaseError, match="violates check constraint"):
        migrate(any_database, [fill(text)])
    assert rows(any_database, "SELECT sum(n), count(*) FROM public.people WHERE n > 0") == [(900, 900)]
    assert states(any_database) == [(_ID, "failed")]
    run(any_database, "ALTER TABLE public.people DROP CONSTRAINT people_check")
    told: list[events.Event] = []
    migrate(any_database, [fill(text)], on_event=told.append)
    first = next(event for event in told if isinstance(event, events.Progressed))
    assert first.progress.rows == 900
    assert rows(any_database, "SELECT n, count(*) FROM public.people GROUP BY n") == [(1, 2345)]
    assert rows(any_database, "SELECT attempt, state FROM mizzle.steps ORDER BY 1") == [(1, "started"), (2, "done")]


def test_what_got_somewhere_goes_on_by_the_same_key(database: str) -> None:
    run(database, *PEOPLE, "ALTER TABLE public.people ADD UNIQUE (name), ADD CHECK (id <> 3000 OR n = 0)")
    with pytest.raises(DatabaseError):
        migrate(database, [fill(ONCE.format(batch=100, pause="0"))])
    with pytest.raises(HistoryError, match="an earlier attempt went by another key, and got to"):
        migrate(database, [fill(ONCE.format(batch=100, pause="0").replace("by id", "by name"))])
    with pytest.raises(HistoryError, match="nobody can say whether it was done"):
        migrate(database, [fill("-- step 1: transaction\nUPDATE public.people SET n = n + 1;\n")])
    assert rows(database, "SELECT max(n) FROM public.people") == [(1,)]


def test_a_condition_that_does_not_hold_in_the_end_is_told(any_database: str) -> None:
    run(any_database, *PEOPLE)
    text = ONCE.format(batch=1000, pause="0; done when query SELECT min(n) = 2 FROM public.people")
    for _ in range(2):
        with pytest.raises(DatabaseError, match="it ran, and is not done: query SELECT min"):
            migrate(any_database, [fill(text)])
    assert rows(any_database, "SELECT n, count(*) FROM public.people GROUP BY n") == [(1, 2345)]
    run(any_database, "UPDATE public.people SET n = 2")
    assert migrate(any_database, [fill(text)]).applied


@contextmanager
def _writing(url: str) -> Iterator[list[BaseException]]:
    """Insert behind the end, delete and change rows all the while."""
    over, failed = threading.Event(), list[BaseException]()

    def write() -> None:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                for number in range(100_000):
                    if over.is_set():
                        return
                    connection.execute("INSERT INTO public.people VALUES (%s, 'new', 1)", (number * 3 + 1,))
                    connection.execute("UPDATE public.people SET name = 'seen' WHERE id = %s", (number * 3,))
                    connection.execute("DELETE FROM public.people WHERE id = %s", (number * 21,))
        except psycopg.Error as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield failed
    finally:
        over.set()
        writer.join()


def test_others_write_meanwhile(any_database: str) -> None:
    run(any_database, *PEOPLE)
    text = (
        "-- step 1: backfill public.people by id; batch 50; pause 2ms; done when query "
        "SELECT min(n) > 0 FROM public.people\nUPDATE public.people SET n = n + 1 WHERE n = 0;\n"
    )
    with _writing(any_database) as failed:
        assert migrate(any_database, [fill(text)]).applied
    assert failed == []
    assert rows(any_database, "SELECT DISTINCT n FROM public.people") == [(1,)]


@contextmanager
def _holding(url: str, statement: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, application_name="holder") as connection:
        connection.execute(statement.encode())
        yield connection
        connection.rollback()


class TestLocks:
    """A row that another session holds: smaller batches up to it, then patience, then its holder's name."""

    TEXT = ONCE.format(batch=200, pause="0; lock_timeout 400ms")

    def test_it_is_given_up_and_the_holder_named(self, any_database: str) -> None:
        run(any_database, *PEOPLE)
        told: list[events.Event] = []
        with _holding(any_database, "SELECT * FROM public.people WHERE id = 3000 FOR UPDATE") as holder:
            with pytest.raises(LockedError, match="step 1 of 1: no lock in time, tried 8 times") as refused:
                migrate(any_database, [fill(self.TEXT)], on_event=told.append)
            assert f"held by pid {holder.info.backend_pid} (holder, role postgres" in refused.value.message
        assert rows(any_database, "SELECT count(*) FROM public.people WHERE n = 1") == [(999,)]
        assert any(isinstance(event, events.Retrying) for event in told)
        assert migrate(any_database, [fill(self.TEXT)]).applied
        assert rows(any_database, "SELECT n, count(*) FROM public.people GROUP BY n") == [(1, 2345)]

    def test_it_goes_on_when_the_row_is_free_again(self, any_database: str) -> None:
        run(any_database, *PEOPLE)
        with _holding(any_database, "SELECT * FROM public.people WHERE id = 3000 FOR UPDATE") as holder:

            def give_up(event: events.Event) -> None:
                if isinstance(event, events.Retrying):
                    holder.rollback()

            assert migrate(any_database, [fill(self.TEXT)], on_event=give_up).applied
        assert rows(any_database, "SELECT n, count(*) FROM public.people GROUP BY n") == [(1, 2345)]


class TestPace:
    """How many rows a batch has, by how long the one before took."""

    def test_it_begins_small_and_grows_to_what_is_stated(self) -> None:
        pace = Pace.of(Backfill(("", "t"), ("id",), 1500))
        assert [pace.rows, pace.after(0.0).rows, pace.after(0.0).after(0.001).rows] == [500, 1000, 1500]
        assert Pace.of(Backfill(("", "t"), ("id",), 3)).rows == 3

    def test_it_has_as_many_rows_as_fit(self) -> None:
        pace = Pace.of(Backfill(("", "t"), ("id",)))
        assert [pace.after(seconds).rows for seconds in (0.02, 0.04, 0.2, 100)] == [500, 250, 50, 1]

    def test_it_shrinks_where_locks_are_in_the_way(self) -> None:
        pace = Pace.of(Backfill(("", "t"), ("id",)))
        assert [pace.smaller().rows, pace.smaller().smaller().smaller().smaller().rows] == [62, 1]

    def test_it_pauses_as_long_as_a_batch_took_or_as_stated(self) -> None:
        assert [Pace.of(Backfill(("", "t"), ("id",))).rest(seconds) for seconds in (0.01, 2.0)] == [0.01, 0.05]
        assert Pace.of(Backfill(("", "t"), ("id",), pause="1min")).rest(0.01) == 60


def _started(url: str, text: str) -> subprocess.Popen[str]:
    program = _MIGRATOR.format(tests=str(_TESTS), id=_ID)
    return subprocess.Popen([sys.executable, "-c", program, url, text], text=True)


def _wait_for_batch(process: subprocess.Popen[str], url: str, number: int) -> None:
    query = b"SELECT count(*) FROM public.people WHERE n = 1"
    with psycopg.connect(url, autocommit=True) as connection:
        while process.poll() is None:
            found = connection.execute(query).fetchone()
            if found is not None and found[0] >= number:
                return
            time.sleep(0.001)


@pytest.mark.parametrize(("how", "number"), [("KILL", 1), ("KILL", 700), ("INT", 1700)])
def test_a_migrator_that_is_ended_is_gone_on_from_exactly_there(any_database: str, how: str, number: int) -> None:
    run(any_database, *PEOPLE)
    text = ONCE.format(batch=20, pause="1ms")
    process = _started(any_database, text)
    _wait_for_batch(process, any_database, number)
    process.send_signal(signal.Signals[f"SIG{how}"])
    process.wait()
    assert states(any_database) == [(_ID, "running" if how == "KILL" else "failed")]
    assert migrate(any_database, [fill(text)]).applied
    assert rows(any_database, "SELECT n, count(*) FROM public.people GROUP BY n") == [(1, 2345)]
    assert states(any_database) == [(_ID, "failed"), (_ID, "applied")]
