"""What an attempt leaves half done, the next one mends; and it waits for a build that runs on, and says so."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from mizzle.errors import DatabaseError
from mizzle.runner import events
from mizzle.runner.migrate import migrate
from projects import project
from runner_units import rows, run, unit

_ID = "20260105000000_x"
_ATTACHED = "SELECT NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = 'public.\"Old\"'::regclass)"
DETACH = f"""\
-- step 1: no transaction; done when query {_ATTACHED}
ALTER TABLE public.events DETACH PARTITION public."Old" CONCURRENTLY;
"""
PARTITIONED = (
    "CREATE TABLE public.events (id integer) PARTITION BY LIST (id)",
    'CREATE TABLE public."Old" PARTITION OF public.events FOR VALUES IN (1)',
)


def until(url: str, query: str) -> None:
    deadline = time.monotonic() + 30
    while rows(url, query) != [(True,)]:
        assert time.monotonic() < deadline, query
        time.sleep(0.05)


@pytest.mark.parametrize("migrator_goes", [True, False])
def test_a_partition_that_is_half_detached_is_detached(any_database: str, *, migrator_goes: bool) -> None:
    run(any_database, *PARTITIONED)
    with psycopg.connect(any_database) as reader:
        reader.execute("SELECT * FROM public.events")
        ending = "pg_terminate_backend" if migrator_goes else "pg_cancel_backend"
        running = "FROM pg_stat_activity WHERE application_name = 'mizzle' AND query LIKE '%DETACH PARTITION%'"

        def end_it() -> None:
            until(any_database, "SELECT EXISTS (SELECT FROM pg_inherits WHERE inhdetachpending)")
            run(any_database, f"SELECT {ending}(pid) {running}")

        thread = threading.Thread(target=end_it)
        thread.start()
        with pytest.raises(DatabaseError):
            migrate(any_database, [unit(_ID, DETACH)])
        thread.join()
    told: list[events.Event] = []
    assert migrate(any_database, [unit(_ID, DETACH)], on_event=told.append).applied
    (repaired,) = (event for event in told if isinstance(event, events.Repaired))
    assert repaired.done == 'finished detaching public."Old" from public.events, which an earlier attempt had begun'
    assert rows(any_database, _ATTACHED) == [(True,)]


def test_one_that_somebody_else_left_half_detached_is_not_touched(database: str) -> None:
    run(database, *PARTITIONED)
    with psycopg.connect(database) as reader, psycopg.connect(database, autocommit=True) as other:
        reader.execute("SELECT * FROM public.events")
        other.execute("SET statement_timeout = '200ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            other.execute('ALTER TABLE public.events DETACH PARTITION public."Old" CONCURRENTLY')
    with pytest.raises(DatabaseError, match="already pending detach") as refused:
        migrate(database, [unit(_ID, DETACH)])
    assert "FINALIZE" in refused.value.hint


def test_after_kill_9_the_next_run_waits_for_the_build_that_goes_on(tmp_path: Path, any_database: str) -> None:
    made = project(tmp_path / "shop", "CREATE TABLE t (id integer)")
    made.run("generate", "first")
    made.run("--url", any_database, "migrate")
    made.run("generate", "--custom", "second")
    build = "CREATE INDEX CONCURRENTLY t_idx ON public.t (id);\n"
    made.write(
        made.ids()[-1],
        up=f"-- step 1: no transaction; done when index public.t_idx is valid\n{build}",
        down="DROP INDEX public.t_idx;\n",
    )
    made.run("rebase")
    command = [sys.executable, "-m", "mizzle", "-C", str(made.folder), "--url", any_database, "migrate"]
    with psycopg.connect(any_database) as writer:
        writer.execute("INSERT INTO public.t VALUES (1)")
        first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        until(any_database, "SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%')")
        first.kill()
        first.communicate()
        second = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert second.stderr is not None
        said = second.stderr.readline()
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert said.startswith("waiting for another migrator: pid ")
    assert "CREATE INDEX CONCURRENTLY t_idx ON public.t" in said
    assert "(waiting for writers before build, 0%)" in said
    assert "applied" in out
    assert rows(any_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.t_idx'::regclass") == [
        (True,)
    ]
    assert rows(any_database, "SELECT count(*) FROM pg_class WHERE relname LIKE 't_idx%'") == [(1,)]
