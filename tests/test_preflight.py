"""What is said before anything runs: who would be in the way, how large, how long; and limits by kind of step."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mizzle.errors import DatabaseError
from mizzle.planning.script import parse
from mizzle.runner import attempt, events, notes, preflight
from mizzle.runner.forecast import size
from mizzle.runner.migrate import migrate
from mizzle.runner.scope import Scope
from projects import Project, execute, project
from runner_units import BUILD, rows, run, unit
from servers import Server, embedded_bin

if TYPE_CHECKING:
    from pathlib import Path

_ID = "20260102000000_it"
ALTER = "-- step 1: transaction\n-- locks: ACCESS EXCLUSIVE on public.t\nALTER TABLE public.t ADD COLUMN n integer;\n"
READ = "-- step 1: transaction\n-- locks: SHARE on public.t\nCREATE INDEX t_idx ON public.t (id);\n"


@contextmanager
def doing(url: str, sql: str) -> Generator[int]:
    """Hold a transaction open that has done something; give its pid."""
    with psycopg.connect(url, application_name="holder") as conn:
        conn.execute(sql.encode())
        time.sleep(0.1)
        yield conn.info.backend_pid
        conn.rollback()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions count as long from 50 ms on."""
    monkeypatch.setattr(preflight, "LONG", 0.05)


def foreseen(url: str, text: str, scope: Scope | None = None) -> list[events.Foreseen]:
    told: list[events.Event] = []
    migrate(url, [unit(_ID, text)], dry_run=True, on_event=told.append, scope=scope or Scope())
    return [event for event in told if isinstance(event, events.Foreseen)]


@pytest.mark.usefixtures("impatient")
class TestForeseen:
    """Long transactions and vacuums that will be in the way."""

    def test_who_holds_what_a_step_wants_is_named(self, any_database: str) -> None:
        run(any_database, "CREATE TABLE public.t (id integer)", "CREATE TABLE public.u (id integer)")
        with doing(any_database, "SELECT * FROM public.t") as pid:
            (found,) = foreseen(any_database, ALTER)
            assert (found.id, found.number, found.holder.pid) == (_ID, 1, pid)
            assert found.reason == "it holds ACCESS SHARE on public.t"
            assert foreseen(any_database, READ) == []  # which bears readers
        with doing(any_database, "SELECT * FROM public.u"):
            assert foreseen(any_database, ALTER) == []
        with doing(any_database, "INSERT INTO public.t VALUES (1)"):
            assert {found.reason for found in foreseen(any_database, READ)} == {"it holds ROW EXCLUSIVE on public.t"}

    def test_a_concurrent_step_waits_for_every_transaction(self, any_database: str) -> None:
        run(any_database, "CREATE TABLE public.t (id integer)", "CREATE TABLE public.u (id integer)")
        with doing(any_database, "INSERT INTO public.u VALUES (1)") as pid:
            (found,) = foreseen(any_database, BUILD)
        assert (found.holder.pid, found.reason) == (pid, "its transaction has to end first")

    def test_a_tenants_table_is_meant_by_the_templates_name(self, database: str) -> None:
        run(database, 'CREATE SCHEMA "One"', 'CREATE TABLE "One".t (id integer)')
        text = ALTER.replace("TABLE public.t", "TABLE t")
        with doing(database, 'SELECT * FROM "One".t'):
            (found,) = foreseen(database, text, Scope("One"))
        assert found.reason == 'it holds ACCESS SHARE on "One".t'

    def test_it_is_said_by_the_command(self, tmp_path: Path, database: str) -> None:
        made = project(tmp_path / "shop", "CREATE TABLE t (id integer)")
        made.run("generate", "first")
        made.run("--url", database, "migrate")
        made.schema("CREATE TABLE t (id integer, n integer)")
        made.run("generate", "second")
        with doing(database, "SELECT * FROM public.t") as pid:
            ran = made.run("--url", database, "migrate", "--dry-run")
        assert f"step 1 will wait for pid {pid} (holder, role postgres" in ran.err
        assert ran.says("idle in transaction for", "it holds ACCESS SHARE on public.t")

    def test_a_vacuum_against_wraparound_is_named(self, wrapping: str) -> None:
        (found,) = foreseen(wrapping, ALTER)
        assert "(to prevent wraparound)" in found.holder.query
        assert found.reason.endswith("on public.t, and a vacuum against wraparound does not make way")


@pytest.fixture
def wrapping() -> Iterator[str]:
    """A database whose table t is being vacuumed against wraparound, slowly, by a real autovacuum worker."""
    server = Server.start(18, embedded_bin())
    try:
        url = server.create()
        settings = {"autovacuum": "on", "autovacuum_naptime": "1s", "autovacuum_vacuum_cost_delay": "100ms"}
        with psycopg.connect(url, autocommit=True) as conn:
            for name, value in {**settings, "autovacuum_vacuum_cost_limit": "1"}.items():
                conn.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
            conn.execute("CREATE TABLE public.t (id integer) WITH (autovacuum_freeze_max_age = 100000)")
            conn.execute("INSERT INTO public.t SELECT * FROM generate_series(1, 200000)")
            used = "FOR i IN 1..101000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP"
            conn.execute(f"DO $$ BEGIN {used}; END $$".encode())
            conn.execute("SELECT pg_reload_conf()")
        until(lambda: bool(rows(url, "SELECT 1 FROM pg_stat_progress_vacuum WHERE relid = 'public.t'::regclass")))
        yield url
    finally:
        server.stop()


def until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class TestForecast:
    """A dry run: sizes and times from the live database."""

    def test_sizes_rows_and_times_are_told(self, tmp_path: Path, any_database: str) -> None:
        made = indexed(tmp_path / "shop", any_database)
        ran = made.run("--url", any_database, "migrate", "--dry-run")
        assert ran.says("step 1 of 1, outside a transaction", "builds public.t_idx; about ")
        assert ran.says("SHARE UPDATE EXCLUSIVE on public.t (3.7 MB, about 100,000 rows)")
        (told,) = made.run("--url", any_database, "--json", "migrate", "--dry-run").json["plan"]
        (step,) = told["steps"]
        (lock,) = step["locks"]
        assert (lock["relation"], lock["lock"], lock["rows"]) == ("public.t", "SHARE UPDATE EXCLUSIVE", 100_000)
        assert step["seconds"] > 0
        assert (step["transaction"], step["lock_timeout"], step["done_when"]) == (
            False,
            "0",
            "index public.t_idx is valid",
        )
        assert step["work"] == {"rewrites": [], "scans": [], "builds": ["public.t_idx"]}
        assert (step["old_code"], step["hazards"]) == (True, [])
        assert step["sql"] == "CREATE INDEX CONCURRENTLY t_idx ON public.t USING btree (id);"
        assert rows(any_database, "SELECT 1 FROM mizzle.history WHERE id LIKE '%second'") == []

    def test_each_step_says_what_generate_said_when_it_wrote_it(self, tmp_path: Path, any_database: str) -> None:
        made = project(tmp_path / "shop", *PLAIN, settings=("postgres = 15",))
        made.run("generate", "first")
        made.run("--url", any_database, "migrate")
        made.schema(*CHANGED)
        written = made.run("--json", "generate", "--drop", "public.t.gone", "second").json["steps"]
        (told,) = made.run("--url", any_database, "--json", "migrate", "--dry-run").json["plan"]
        assert [without_subjects(step) for step in written] == [as_written(step) for step in told["steps"]]
        assert [step["step"] for step in written] == list(range(1, len(written) + 1))
        assert {step["transaction"] for step in written} == {True, False}
        assert {step["old_code"] for step in written} == {True, False}
        assert any(step["requires"] for step in written)
        assert any(step["work"]["scans"] for step in written)

    def test_a_step_by_hand_says_what_is_known_of_it(self, tmp_path: Path, database: str) -> None:
        made = project(tmp_path / "shop", "CREATE TABLE t (id integer PRIMARY KEY, n integer)")
        made.run("generate", "first")
        made.run("generate", "--custom", "filled")
        up = "-- step 1: backfill public.t by id; batch 100; pause 1s\n-- all of them\nUPDATE public.t SET n = 1;\n"
        made.write(made.ids()[-1], up=up, down="-- nothing\n")
        made.run("rebase")
        (_, told) = made.run("--url", database, "--json", "migrate", "--dry-run").json["plan"]
        (step,) = told["steps"]
        assert step["backfill"] == {"table": "public.t", "key": ["id"], "batch": 100, "pause": "1s"}
        assert (step["transaction"], step["old_code"], step["hazards"]) == (False, None, [])
        assert [(each["relation"], each["lock"]) for each in step["locks"]] == [("public.t", "ROW EXCLUSIVE")]
        assert step["sql"] == "UPDATE public.t SET n = 1;"

    def test_a_name_may_hold_what_parts_names(self, tmp_path: Path, database: str) -> None:
        table = 'CREATE TABLE "a, b and 3 more" (id integer)'
        made = project(tmp_path / "shop", table, "CREATE TABLE c (id integer)")
        made.run("generate", "first")
        made.run("--url", database, "migrate")
        made.schema(table.replace(")", ", n integer)"), "CREATE TABLE c (id integer, n integer)")
        made.run("generate", "second")
        ran = made.run("--url", database, "migrate", "--dry-run")
        assert ran.says(
            'ACCESS EXCLUSIVE on public."a, b and 3 more" (0 bytes', "ACCESS EXCLUSIVE on public.c (0 bytes"
        )

    def test_an_empty_database_has_no_sizes(self, tmp_path: Path, database: str) -> None:
        made = project(tmp_path / "shop", "CREATE TABLE t (id integer)")
        made.run("generate", "first")
        ran = made.run("--url", database, "migrate", "--dry-run")
        assert ran.out == f"pending  {made.ids()[0]}\n"
        assert json.dumps(made.run("--url", database, "--json", "migrate", "--dry-run").json["plan"])

    def test_sizes_are_short(self) -> None:
        assert [size(each) for each in (0, 999, 8192, 12_000_000, 1_250_000_000)] == [
            "0 bytes",
            "999 bytes",
            "8.2 kB",
            "12 MB",
            "1.2 GB",
        ]


def indexed(folder: Path, url: str) -> Project:
    made = project(folder, "CREATE TABLE t (id integer)")
    made.run("generate", "first")
    made.run("--url", url, "migrate")
    execute(url, "INSERT INTO public.t SELECT * FROM generate_series(1, 100000)")
    execute(url, "ANALYZE public.t")
    made.schema("CREATE TABLE t (id integer)", "CREATE INDEX t_idx ON t (id)")
    made.run("generate", "second")
    return made


PLAIN = (
    'CREATE TABLE t (id integer PRIMARY KEY, n integer, gone integer, "a; scans b, c" text)',
    'CREATE TABLE "u, v and 2 more" (id integer)',
)
CHANGED = (
    'CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL CHECK (n > 0), "a; scans b, c" text)',
    'CREATE TABLE "u, v and 2 more" (id integer REFERENCES t)',
    'CREATE UNIQUE INDEX "i; old code breaks" ON t ("a; scans b, c")',
)


def without_subjects(step: dict[str, Any]) -> dict[str, Any]:
    return step | {"hazards": [hazard | {"subject": None} for hazard in step["hazards"]]}


def as_written(step: dict[str, Any]) -> dict[str, Any]:
    """What a dry run says of a step, without what it has from the database."""
    locks = [{"relation": each["relation"], "lock": each["lock"]} for each in step["locks"]]
    return {name: value for name, value in step.items() if name != "seconds"} | {"locks": locks}


class TestLimits:
    """A statement that only changes the catalog under a lock has a limit; those that go through rows have none."""

    SLOW = "ALTER TABLE public.t ADD CHECK (public.slow(id))"

    def test_a_brief_step_that_is_not_brief_is_ended(self, any_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(attempt, "BRIEF", 200)
        run(any_database, "CREATE TABLE public.t AS SELECT 1 AS id", slow_function())
        text = f"-- step 1: transaction\n-- locks: ACCESS EXCLUSIVE on public.t\n{self.SLOW};\n"
        with pytest.raises(DatabaseError, match="statement timeout") as refused:
            migrate(any_database, [unit(_ID, text)], lock_timeout="100ms")
        assert refused.value.sqlstate == "57014"
        assert "in its header" in refused.value.hint
        longer = text.replace("transaction\n", "transaction; statement_timeout 0\n", 1)
        assert migrate(any_database, [unit(_ID, longer)], lock_timeout="100ms").applied

    @pytest.mark.parametrize(
        ("text", "brief"),
        [
            (ALTER, True),
            (ALTER.replace("-- step 1: transaction\n-- locks: ACCESS EXCLUSIVE on public.t\n", ""), False),
            (ALTER.replace("ALTER", "-- hazard: TABLE_REWRITE: writes it again\nALTER"), False),
            (ALTER + "UPDATE public.t SET n = 1;\n", False),
            (READ, False),
            (BUILD, False),
        ],
    )
    def test_what_is_brief(self, text: str, *, brief: bool) -> None:
        (step,) = parse(text, name="up.sql").steps
        assert notes.is_brief(step) is brief


def slow_function() -> str:
    return (
        "CREATE FUNCTION public.slow(integer) RETURNS boolean LANGUAGE sql IMMUTABLE "
        "AS 'SELECT true FROM pg_catalog.pg_sleep(1)'"
    )


def test_how_far_a_build_is_is_told(any_database: str) -> None:
    run(any_database, "CREATE TABLE public.t (id integer)", "CREATE TABLE public.u ()")
    with psycopg.connect(any_database) as holder:
        holder.execute("INSERT INTO public.t VALUES (1)")
        seen: list[str] = []

        def listen(event: events.Event) -> None:
            if isinstance(event, events.Progressed):
                seen.append(str(event.progress))
                holder.rollback()

        assert migrate(any_database, [unit(_ID, BUILD)], on_event=listen).applied
    assert seen[0] == "waiting for writers before build, 0%"
