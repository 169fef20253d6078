"""One migrator at a time; whoever waits is told for whom; whatever ends a migrator, the next one completes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from mizzle.errors import DatabaseError, LockedError
from mizzle.runner import events
from mizzle.runner.history import ABANDONED
from mizzle.runner.lock import lock_key
from mizzle.runner.migrate import migrate
from mizzle.runner.status import status
from runner_units import BUILD, A, B, C, rows, run, states, unit
from servers import database_name

_ID = "20260105000000_x"
_TESTS = Path(__file__).parent
# A migrator in a process of its own, which says on its output what happens.
_MIGRATOR = """
import sys
sys.path.insert(0, {tests!r})
from runner_units import BUILD, A, B, C, unit
from mizzle.runner.migrate import migrate
units = [A, B, C] if len(sys.argv) == 2 else [A, unit({id!r}, sys.argv[2])]
print(migrate(sys.argv[1], units, on_event=lambda event: print(type(event).__name__, flush=True)).applied, flush=True)
"""


def _start(url: str, *args: str) -> subprocess.Popen[str]:
    program = _MIGRATOR.format(tests=str(_TESTS), id=_ID)
    return subprocess.Popen([sys.executable, "-c", program, url, *args], stdout=subprocess.PIPE, text=True)


def _until(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    for found in process.stdout:
        if found.strip() == line:
            return
    pytest.fail(f"the migrator did not come to {line}")


@contextmanager
def _holding(url: str, *statements: str) -> Iterator[psycopg.Connection]:
    """Hold what the statements take, in an open transaction of application `holder`."""
    with psycopg.connect(url, application_name="holder") as connection:
        for statement in statements:
            connection.execute(statement.encode())
        yield connection
        connection.rollback()


def _wait_for(url: str, query: str) -> None:
    """Wait until a query answers true; that is to be so within a minute."""
    deadline = time.monotonic() + 60
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(query.encode()).fetchone() != (True,):
            assert time.monotonic() < deadline, f"never true: {query}"
            connection.execute("SELECT pg_sleep(0.01)")


class TestTogether:
    """One migrator at a time, and the others know whom they wait for."""

    def test_of_many_migrators_at_once_each_migration_runs_once(self, any_database: str) -> None:
        migrators = [_start(any_database) for _ in range(4)]
        outputs = [process.communicate()[0].splitlines()[-1] for process in migrators]
        assert [process.returncode for process in migrators] == [0] * 4
        assert sum(A.id in output for output in outputs) == 1
        assert states(any_database) == [(A.id, "applied"), (B.id, "applied"), (C.id, "applied")]
        assert rows(any_database, "SELECT count(*) FROM public.a") == [(1,)]

    def test_the_holder_of_the_lock_is_named(self, database: str) -> None:
        told: list[events.Event] = []
        with _holding(database, f"SELECT pg_advisory_xact_lock({lock_key('mizzle')})") as holder:
            with pytest.raises(LockedError, match="another migrator is at work") as refused:
                migrate(database, [A], wait=0, on_event=told.append)
            assert f"pid {holder.info.backend_pid} (holder, role postgres, connected since" in refused.value.message
            assert "pg_terminate_backend" in refused.value.hint
            (waiting,) = told
            assert isinstance(waiting, events.Waiting)
            assert waiting.holder is not None
            assert waiting.holder.pid == holder.info.backend_pid
        assert rows(database, "SELECT nspname FROM pg_namespace WHERE nspname = 'mizzle'") == []

    def test_a_migrator_that_waited_goes_on_when_the_other_is_done(self, database: str) -> None:
        holder = psycopg.connect(database)
        holder.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key("mizzle"),))

        def give_up(event: events.Event) -> None:
            if isinstance(event, events.Waiting) and not holder.closed:
                holder.close()

        assert migrate(database, [A], on_event=give_up).applied

    def test_another_history_or_database_has_another_lock(self, database: str) -> None:
        with _holding(database, f"SELECT pg_advisory_xact_lock({lock_key('mizzle')})"):
            assert migrate(database, [A], schema="other", wait=0).applied

    def test_nothing_pending_takes_no_lock(self, database: str) -> None:
        migrate(database, [A])
        with _holding(database, f"SELECT pg_advisory_xact_lock({lock_key('mizzle')})"):
            assert migrate(database, [A], wait=0).applied == ()

    def test_a_running_migration_is_seen(self, database: str) -> None:
        slow = unit(_ID, "SELECT pg_sleep(600);\n")
        process = _start(database, "SELECT pg_sleep(600);\n")
        _until(process, "StepStarted")
        _until(process, "StepDone")
        _until(process, "StepStarted")
        found = status(database, [A, slow])
        assert [one.state for one in found] == ["applied", "running"]
        assert "mizzle, role postgres" in found[1].error
        sleeping = "FROM pg_stat_activity WHERE query = E'SELECT pg_sleep(600);'"
        _wait_for(database, f"SELECT count(*) = 1 {sleeping}")
        process.kill()
        process.communicate()
        _wait_for(database, f"SELECT pg_terminate_backend(pid) {sleeping}")


class TestTableLocks:
    """A step waits for locks with limits, and says who is in the way."""

    TEXT = "-- step 1: lock_timeout {}\nALTER TABLE public.t ADD COLUMN n integer;\n"

    def test_a_lock_that_is_not_to_be_had_is_given_up_and_its_holder_named(self, any_database: str) -> None:
        run(any_database, "CREATE TABLE public.t ()")
        told: list[events.Event] = []
        with _holding(any_database, "SELECT * FROM public.t") as holder:
            with pytest.raises(LockedError, match="step 1 of 1: no lock in time, tried 8 times") as refused:
                migrate(any_database, [unit(_ID, self.TEXT.format("400ms"))], on_event=told.append)
            assert f"held by pid {holder.info.backend_pid} (holder, role postgres" in refused.value.message
            assert ": SELECT * FROM public.t" in refused.value.message
        assert sum(isinstance(event, events.Retrying) for event in told) == 7
        assert any(isinstance(event, events.Blocked) for event in told)
        assert states(any_database) == [(_ID, "failed")]

    def test_the_step_runs_when_the_lock_is_free_again(self, database: str) -> None:
        run(database, "CREATE TABLE public.t ()")
        with _holding(database, "SELECT * FROM public.t") as holder:

            def free(event: events.Event) -> None:
                if isinstance(event, events.Retrying):
                    holder.rollback()

            assert migrate(database, [unit(_ID, self.TEXT.format("4s"))], on_event=free).applied

    def test_other_clients_go_on_meanwhile(self, any_database: str) -> None:
        """Whoever comes behind the lock request waits no longer than it does: its own timeout is never reached."""
        run(any_database, "CREATE TABLE public.t ()")
        held = threading.Event()
        asked: list[int] = []

        def ask() -> None:
            with psycopg.connect(any_database, autocommit=True) as client:
                client.execute("SET lock_timeout = '3s'")
                while not held.wait(0.01):
                    client.execute("SELECT count(*) FROM public.t")
                    asked.append(1)

        told: list[events.Event] = []
        with _holding(any_database, "SELECT * FROM public.t") as holder:
            pid = holder.info.backend_pid
            client = threading.Thread(target=ask)
            client.start()

            def listen(event: events.Event) -> None:
                told.append(event)
                if isinstance(event, events.Retrying) and event.tried == 5:
                    holder.rollback()

            assert migrate(any_database, [unit(_ID, self.TEXT.format("1s"))], on_event=listen).applied
            held.set()
            client.join()
        retried = [event for event in told if isinstance(event, events.Retrying)]
        assert [event.tried for event in retried] == [1, 2, 3, 4, 5]
        assert {found.pid for event in retried for found in event.holders} == {pid}
        assert len(asked) > len(retried)

    def test_nobody_queues_behind_a_step_that_waits_for_what_lasts(self, any_database: str) -> None:
        """A vacuum or an index build holds SHARE UPDATE EXCLUSIVE, for long; readers and writers go on."""
        run(
            any_database, 'CREATE SCHEMA "S"', 'CREATE TABLE "S"."t u" (id integer)', "CREATE VIEW public.v AS SELECT 1"
        )
        text = (
            '-- step 1: lock_timeout 1min\n-- locks: ACCESS EXCLUSIVE on "S"."t u", public.v, public.gone\n'
            'ALTER TABLE "S"."t u" ADD COLUMN n integer;\n'
        )
        locked: list[int] = []

        def listen(event: events.Event) -> None:
            if isinstance(event, events.Blocked):
                with psycopg.connect(any_database) as client:
                    client.execute('LOCK TABLE "S"."t u" IN ROW EXCLUSIVE MODE NOWAIT')
                locked.extend(found.pid for found in event.holders)
                holder.rollback()

        with _holding(any_database, 'LOCK TABLE "S"."t u" IN SHARE UPDATE EXCLUSIVE MODE') as holder:
            assert migrate(any_database, [unit(_ID, text)], on_event=listen).applied
            assert locked == [holder.info.backend_pid]

    def test_what_lasts_is_named_when_it_is_not_over_in_time(self, database: str) -> None:
        run(database, "CREATE TABLE public.t ()")
        text = self.TEXT.format("150ms").replace("ms\n", "ms\n-- locks: ACCESS EXCLUSIVE on public.t\n")
        with _holding(database, "LOCK TABLE public.t IN SHARE UPDATE EXCLUSIVE MODE") as holder:
            with pytest.raises(LockedError, match="step 1 of 1: no lock in time, tried 8 times") as refused:
                migrate(database, [unit(_ID, text)])
            assert f"held by pid {holder.info.backend_pid} (holder, role postgres" in refused.value.message
            assert "LOCK TABLE ONLY public.t IN SHARE UPDATE EXCLUSIVE MODE" in refused.value.message

    def test_a_listener_that_raises_in_its_thread_is_heard(self, database: str) -> None:
        run(database, "CREATE TABLE public.t ()")

        def listen(event: events.Event) -> None:
            match event:
                case events.Blocked(migration):
                    holder.rollback()
                    raise LookupError(migration)
                case _:
                    return

        with _holding(database, "SELECT * FROM public.t") as holder, pytest.raises(LookupError, match=_ID):
            migrate(database, [unit(_ID, self.TEXT.format("0"))], on_event=listen)

    def test_a_concurrent_build_waits_for_others_and_says_for_whom(self, any_database: str) -> None:
        run(any_database, "CREATE TABLE public.t (id integer)")
        with _holding(any_database, "INSERT INTO public.t VALUES (1)") as holder:
            seen: list[int] = []

            def listen(event: events.Event) -> None:
                if isinstance(event, events.Blocked):
                    seen.extend(found.pid for found in event.holders)
                    holder.rollback()

            assert migrate(any_database, [unit(_ID, BUILD)], on_event=listen, lock_timeout="10ms").applied
            assert seen == [holder.info.backend_pid]

    def test_a_deadlock_is_tried_again(self, database: str) -> None:
        """The other session is never the one that PostgreSQL chooses to end, for it looks for deadlocks much later."""
        run(database, "CREATE TABLE public.t ()", "CREATE TABLE public.u ()")
        other = psycopg.connect(database)
        other.execute("SET deadlock_timeout = '1min'")
        other.execute("LOCK TABLE public.u")

        def lock_the_other_way() -> None:
            _wait_for(database, _T_IS_LOCKED)
            other.execute("LOCK TABLE public.t")
            other.close()

        thread = threading.Thread(target=lock_the_other_way)
        thread.start()
        text = "-- step 1: lock_timeout 0\nLOCK TABLE public.t;\nLOCK TABLE public.u;\nCREATE TABLE public.done ();\n"
        told: list[events.Event] = []
        assert migrate(database, [unit(_ID, text)], on_event=told.append).applied
        thread.join()
        assert sum(isinstance(event, events.Retrying) for event in told) == 1


_T_IS_LOCKED = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'public.t'::regclass AND granted)"


class TestCrashes:
    """Whatever ended a run, the next one completes it."""

    STEPS = textwrap.dedent("""\
        -- step 1
        CREATE TABLE public.t (id integer);
        INSERT INTO public.t SELECT generate_series(1, 1000);

        -- step 2: no transaction; done when index public.t_idx is valid
        CREATE INDEX CONCURRENTLY t_idx ON public.t (id);

        -- step 3
        UPDATE public.t SET id = id + 1;
        """)

    def _expect_whole(self, url: str) -> None:
        assert migrate(url, [A, unit(_ID, self.STEPS)]).applied
        assert rows(url, "SELECT count(*), sum(id) FROM public.t") == [(1000, 501_500)]
        assert rows(url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.t_idx'::regclass") == [(True,)]
        assert [found.state for found in status(url, [A, unit(_ID, self.STEPS)])] == ["applied"] * 2

    @pytest.mark.parametrize("step", [1, 2, 3])
    def test_kill_9_before_a_step_or_in_it(self, any_database: str, step: int) -> None:
        process = _start(any_database, self.STEPS)
        for _ in range(step + 1):
            _until(process, "StepStarted")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if not rows(any_database, f"SELECT FROM mizzle.history WHERE id = '{_ID}' AND state = 'applied'"):
            self._expect_whole(any_database)

    def test_kill_9_while_an_index_is_built(self, any_database: str) -> None:
        with _holding(any_database, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT 1"):  # an old snapshot
            process = _start(any_database, self.STEPS)
            for _ in range(3):
                _until(process, "StepStarted")
            _wait_for(any_database, "SELECT EXISTS (SELECT FROM pg_stat_progress_create_index)")
            process.send_signal(signal.SIGKILL)
            process.communicate()
            with pytest.raises(LockedError, match="CREATE INDEX CONCURRENTLY"):
                migrate(any_database, [A, unit(_ID, self.STEPS)], wait=0)
            (_, found) = status(any_database, [A, unit(_ID, self.STEPS)])
            assert found.state == "running"
        self._expect_whole(any_database)

    @pytest.mark.parametrize("step", [1, 3])
    def test_a_session_that_is_ended_while_a_step_runs(self, any_database: str, step: int) -> None:
        def end(event: events.Event) -> None:
            if isinstance(event, events.StepStarted) and event.id == _ID and event.number == step:
                run(
                    any_database,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mizzle'",
                )

        with pytest.raises(DatabaseError, match=r"terminating connection due to administrator command") as refused:
            migrate(any_database, [A, unit(_ID, self.STEPS)], on_event=end)
        assert "it goes on where it stopped" in refused.value.hint
        (_, found) = status(any_database, [A, unit(_ID, self.STEPS)])
        assert (found.state, found.error) == ("failed", ABANDONED)
        self._expect_whole(any_database)

    @pytest.mark.parametrize("step", [1, 2, 3])
    def test_ctrl_c_between_steps(self, database: str, step: int) -> None:
        def interrupt(event: events.Event) -> None:
            if isinstance(event, events.StepStarted) and event.id == _ID and event.number == step:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            migrate(database, [A, unit(_ID, self.STEPS)], on_event=interrupt)
        (_, found) = status(database, [A, unit(_ID, self.STEPS)])
        assert (found.state, found.error) == ("failed", "interrupted: KeyboardInterrupt")
        self._expect_whole(database)

    @pytest.mark.parametrize("header", ["", ": no transaction; done when query SELECT false"])
    def test_ctrl_c_while_a_step_runs_cancels_it(self, database: str, header: str) -> None:
        slow = unit(_ID, f"-- step 1{header}\nSELECT pg_sleep(600)\n")
        with (
            _interrupted_when(
                database, "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%'"
            ),
            pytest.raises(KeyboardInterrupt),
        ):
            migrate(database, [slow])
        assert states(database) == [(_ID, "failed")]
        query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'"
        assert rows(database, query) == [(0,)]

    def test_ctrl_c_while_it_waits_for_the_lock(self, database: str) -> None:
        def interrupt(event: events.Event) -> None:
            assert isinstance(event, events.Waiting)
            os.kill(os.getpid(), signal.SIGINT)

        with (
            _holding(database, f"SELECT pg_advisory_xact_lock({lock_key('mizzle')})"),
            pytest.raises(KeyboardInterrupt),
        ):
            migrate(database, [A], on_event=interrupt)


@contextmanager
def _interrupted_when(url: str, query: str) -> Iterator[None]:
    """Send this process SIGINT, as Ctrl-C does, once a query answers true."""

    def interrupt() -> None:
        _wait_for(url, query)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        thread.join()


class TestRoles:
    """A role that may not is told what it needs."""

    def test_a_role_that_may_not_create_is_told_what_it_needs(self, any_database: str) -> None:
        with pytest.raises(DatabaseError, match="role guest may not create the history's schema mizzle") as refused:
            migrate(_as_guest(any_database), [A])
        name = database_name(any_database)
        assert refused.value.hint.startswith(f"GRANT CREATE ON DATABASE {name} TO guest, or")
        run(any_database, "CREATE SCHEMA mizzle AUTHORIZATION guest", "GRANT CREATE ON SCHEMA public TO guest")
        assert migrate(_as_guest(any_database), [A]).applied

    def test_a_role_that_may_not_read_the_history_is_told_what_it_needs(self, database: str) -> None:
        migrate(database, [A])
        for use in (migrate, status):
            with pytest.raises(DatabaseError, match="permission denied for schema mizzle") as refused:
                use(_as_guest(database), [A])
            assert "GRANT USAGE" in refused.value.hint
            assert refused.value.sqlstate == "42501"

    def test_a_role_that_may_only_read_gets_the_status(self, database: str) -> None:
        migrate(database, [A])
        run(database, "GRANT USAGE ON SCHEMA mizzle TO guest", "GRANT SELECT ON ALL TABLES IN SCHEMA mizzle TO guest")
        assert [found.state for found in status(_as_guest(database), [A, B])] == ["applied", "pending"]
        assert migrate(_as_guest(database), [A]).applied == ()
        with pytest.raises(DatabaseError, match="permission denied for table history"):
            migrate(_as_guest(database), [A, B])

    def test_a_read_only_database_is_told(self, database: str) -> None:
        name = database_name(database)
        run(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        assert [found.state for found in status(database, [A])] == ["pending"]
        with pytest.raises(DatabaseError, match="read-only transaction") as refused:
            migrate(database, [A])
        assert "may only read" in refused.value.hint


def _as_guest(url: str) -> str:
    return url.replace("postgres@", "guest@")
