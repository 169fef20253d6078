"""Migrations are applied once, wholly, in order, and resumed where an attempt stopped."""

from __future__ import annotations

import psycopg
import pytest

from mizzle.errors import ConfigError, DatabaseError, HistoryError
from mizzle.runner import events
from mizzle.runner.history import ABANDONED
from mizzle.runner.migrate import migrate, rollback
from mizzle.runner.status import status
from mizzle.runner.tables import FORMAT
from runner_units import BUILD, A, B, C, rows, run, states, unit

_BUILD = "20260104000000_index"
_INDEX = """\
-- step 1: transaction
CREATE TABLE public.t (id integer);
INSERT INTO public.t VALUES (1), (1);

-- step 2: no transaction; done when index public.t_idx is valid
CREATE UNIQUE INDEX CONCURRENTLY t_idx ON public.t (id);
"""


def _states(url: str, units: tuple[object, ...]) -> list[str]:
    return [found.state for found in status(url, units)]  # type: ignore[arg-type]


class TestApplying:
    """What is pending runs, in order, once."""

    def test_each_migration_is_applied_once_and_recorded(self, any_database: str) -> None:
        told: list[events.Event] = []
        report = migrate(any_database, [A, B], on_event=told.append)
        assert [name for name, _ in report.applied] == [A.id, B.id]
        assert migrate(any_database, [A, B]).applied == ()
        assert states(any_database) == [(A.id, "applied"), (B.id, "applied")]
        assert rows(any_database, "SELECT count(*) FROM public.a") == [(1,)]
        kinds = [type(event).__name__ for event in told]
        assert kinds == ["Started", "StepStarted", "StepDone", "Applied"] * 2

    def test_the_history_says_who_ran_what(self, database: str) -> None:
        migrate(database, [A])
        query = (
            "SELECT direction, checksum, role, application, origin, finished >= started, host <> '' FROM mizzle.history"
        )
        assert rows(database, query) == [("up", A.checksum, "postgres", "mizzle", "run", True, True)]
        assert rows(database, "SELECT step, state FROM mizzle.steps") == [(1, "done")]
        assert rows(database, "SELECT format FROM mizzle.meta") == [(FORMAT,)]

    def test_to_stops_there(self, database: str) -> None:
        migrate(database, [A, B, C], to=B.id)
        assert _states(database, (A, B, C)) == ["applied", "applied", "pending"]
        assert migrate(database, [A, B, C], to=A.id).applied == ()

    def test_to_an_unknown_migration_is_refused(self, database: str) -> None:
        with pytest.raises(ConfigError, match="there is no migration nowhere"):
            migrate(database, [A], to="nowhere")

    def test_a_dry_run_and_a_status_create_nothing(self, database: str) -> None:
        assert migrate(database, [A, B], dry_run=True).pending == (A.id, B.id)
        assert _states(database, (A, B)) == ["pending", "pending"]
        assert rows(database, "SELECT nspname FROM pg_namespace WHERE nspname = 'mizzle'") == []

    def test_no_migrations_create_nothing(self, database: str) -> None:
        assert migrate(database, []).applied == ()
        assert rows(database, "SELECT nspname FROM pg_namespace WHERE nspname = 'mizzle'") == []

    def test_a_migration_without_steps_is_applied(self, database: str) -> None:
        migrate(database, [unit("20260101000000_empty", "-- nothing to do\n")])
        assert states(database) == [("20260101000000_empty", "applied")]

    @pytest.mark.parametrize("schema", ['we"ird %s {x} schema', "é" * 31, "select"])
    def test_the_schema_of_the_history_may_have_any_name(self, database: str, schema: str) -> None:
        migrate(database, [A], schema=schema)
        assert migrate(database, [A], schema=schema).applied == ()
        assert [found.state for found in status(database, [A], schema=schema)] == ["applied"]

    @pytest.mark.parametrize("schema", ["é" * 32, "", "pg_mine"])
    def test_a_name_no_schema_can_have_is_refused(self, database: str, schema: str) -> None:
        with pytest.raises(ConfigError, match="no schema can be called"):
            migrate(database, [A], schema=schema)

    def test_a_connection_may_be_given(self, database: str) -> None:
        with psycopg.connect(database) as connection:
            connection.execute("SET search_path = pg_temp")
            connection.commit()
            assert migrate(connection, [A]).applied
            assert connection.autocommit is False
            assert connection.execute("SELECT count(*) FROM a").fetchone() == (1,)
            with pytest.raises(ConfigError, match="in a transaction"):
                migrate(connection, [A])

    def test_settings_of_role_and_database_do_not_matter(self, hostile_database: str) -> None:
        text = "CREATE TABLE public.d (d date, t text);\nINSERT INTO public.d VALUES ('2026-01-02', 'a\\b');\n"
        migrate(hostile_database, [unit("20260101000000_d", text)])
        query = "SELECT extract(month FROM d)::int, length(t) FROM public.d"
        assert rows(hostile_database, query) == [(1, 3)]


class TestResuming:
    """The next run goes on where an attempt stopped."""

    def test_a_failure_leaves_what_was_done_and_the_next_run_goes_on(self, any_database: str) -> None:
        text = "-- step 1\nCREATE TABLE public.x (id integer);\n\n-- step 2\nCREATE TABLE public.y (id missing);\n"
        broken = unit("20260105000000_x", text)
        with pytest.raises(DatabaseError, match='type "missing" does not exist'):
            migrate(any_database, [A, broken, C])
        assert states(any_database) == [(A.id, "applied"), (broken.id, "failed")]
        (_, failed, _) = status(any_database, [A, broken, C])
        assert (failed.state, failed.hint) == ("failed", "run mizzle migrate again: it goes on where it stopped")
        assert 'type "missing" does not exist' in failed.error
        told: list[events.Event] = []
        mended = unit(broken.id, text.replace("missing", "integer"))
        migrate(any_database, [A, mended], on_event=told.append)
        assert states(any_database)[1:] == [(broken.id, "failed"), (broken.id, "applied")]
        assert isinstance(told[0], events.Started)
        assert told[0].resumed
        assert events.StepSkipped(broken.id, 1, 2) in told

    def test_a_step_that_ran_may_not_be_edited(self, database: str) -> None:
        text = "-- step 1\nCREATE TABLE public.x (id integer);\n\n-- step 2\nSELECT 1 / 0;\n"
        with pytest.raises(DatabaseError, match="division by zero"):
            migrate(database, [unit("20260105000000_x", text)])
        for edited in (text.replace("integer", "bigint"), "-- nothing any more\n"):
            with pytest.raises(HistoryError, match=r"up.sql, step 1: it ran in an earlier attempt, and was edited"):
                migrate(database, [unit("20260105000000_x", edited)])

    def test_a_failed_migration_that_left_nothing_may_go(self, database: str) -> None:
        broken = unit("20260105000000_x", "SELECT 1 / 0;\n")
        with pytest.raises(DatabaseError, match="division by zero"):
            migrate(database, [A, broken])
        assert migrate(database, [A, unit("20260106000000_y", "SELECT 1;\n")]).applied
        assert _states(database, (A,)) == ["applied", "unknown"]

    def test_a_failed_migration_that_left_something_may_not_go(self, database: str) -> None:
        broken = unit("20260105000000_x", "-- step 1\nCREATE TABLE public.x ();\n\n-- step 2\nSELECT 1 / 0;\n")
        with pytest.raises(DatabaseError, match="division by zero"):
            migrate(database, [A, broken])
        with pytest.raises(HistoryError, match=r"20260105000000_x \(half applied .* by postgres\)"):
            migrate(database, [A, unit("20260106000000_y", "SELECT 1;\n")])

    def test_an_invalid_index_is_dropped_and_built_again(self, any_database: str) -> None:
        build = unit(_BUILD, _INDEX)
        with pytest.raises(DatabaseError, match="could not create unique index"):
            migrate(any_database, [build])
        assert rows(any_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.t_idx'::regclass") == [
            (False,)
        ]
        with pytest.raises(DatabaseError, match="could not create unique index"):
            migrate(any_database, [build])
        run(any_database, "DELETE FROM public.t WHERE ctid = (SELECT max(ctid) FROM public.t)")
        told: list[events.Event] = []
        migrate(any_database, [build], on_event=told.append)
        assert events.Repaired(_BUILD, 2, "dropped the invalid index public.t_idx of an earlier attempt") in told
        assert rows(any_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.t_idx'::regclass") == [
            (True,)
        ]
        assert _states(any_database, (build,)) == ["applied"]

    def test_an_index_that_was_there_before_is_not_taken_for_the_steps_own(self, database: str) -> None:
        run(database, "CREATE TABLE public.t (id integer, n integer)", "CREATE INDEX t_idx ON public.t (n)")
        for _ in range(2):
            with pytest.raises(DatabaseError, match='relation "t_idx" already exists'):
                migrate(database, [unit(_BUILD, BUILD)])
        assert rows(database, "SELECT pg_get_indexdef('public.t_idx'::regclass)")[0][0].endswith("(n)")

    def test_an_invalid_index_that_if_not_exists_keeps_is_found(self, database: str) -> None:
        build = unit(_BUILD, _INDEX.replace("CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS"))
        with pytest.raises(DatabaseError, match="could not create unique index"):
            migrate(database, [build])
        run(database, "TRUNCATE public.t")
        migrate(database, [build])
        assert rows(database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.t_idx'::regclass") == [
            (True,)
        ]

    def test_the_database_is_asked_whether_a_step_that_was_begun_is_done(self, database: str) -> None:
        build = unit(_BUILD, _INDEX)
        with pytest.raises(DatabaseError):
            migrate(database, [build])
        run(database, "TRUNCATE public.t", "DROP INDEX public.t_idx", "CREATE UNIQUE INDEX t_idx ON public.t (id)")
        told: list[events.Event] = []
        migrate(database, [build], on_event=told.append)
        assert not any(isinstance(event, events.Repaired) for event in told)
        assert _states(database, (build,)) == ["applied"]

    def test_a_step_that_was_begun_and_states_no_condition_stops_the_run(self, database: str) -> None:
        text = "-- step 1: no transaction\nCREATE INDEX CONCURRENTLY t_idx ON public.t (id);\n"
        with pytest.raises(DatabaseError, match=r'relation "public\.t" does not exist'):
            migrate(database, [unit(_BUILD, text)])
        run(database, "CREATE TABLE public.t (id integer)")
        with pytest.raises(HistoryError, match="step 1 of 1: it was begun in an earlier attempt") as refused:
            migrate(database, [unit(_BUILD, text)])
        assert "done when" in refused.value.hint
        stated = text.replace("no transaction", "no transaction; done when index public.t_idx is valid")
        migrate(database, [unit(_BUILD, stated)])
        assert _states(database, (unit(_BUILD, stated),)) == ["applied"]

    def test_a_step_that_the_server_does_not_understand_was_not_begun(self, database: str) -> None:
        text = "-- step 1: no transaction\nVACUUUM public.a;\n"
        with pytest.raises(DatabaseError, match=r"up.sql:2: syntax error"):
            migrate(database, [A, unit(_BUILD, text)])
        migrate(database, [A, unit(_BUILD, text.replace("UUU", "UU"))])

    def test_an_attempt_that_nobody_is_at_is_failed(self, database: str) -> None:
        migrate(database, [A])
        run(
            database,
            "UPDATE mizzle.history SET state = 'running', finished = NULL",
            "TRUNCATE mizzle.steps",
            "DROP TABLE a",
        )
        (found,) = status(database, [A])
        assert (found.state, found.error) == ("failed", ABANDONED)
        migrate(database, [A])
        assert states(database) == [(A.id, "failed"), (A.id, "applied")]


class TestFolderAndHistory:
    """What does not fit is named, and nothing runs."""

    def test_an_edited_migration_is_named(self, database: str) -> None:
        migrate(database, [A, B])
        edited = unit(A.id, "SELECT 2;\n")
        with pytest.raises(
            HistoryError, match=f"edited after it was applied to this database: migrations/{A.id}/up.sql"
        ):
            migrate(database, [edited, B])
        assert _states(database, (edited, B)) == ["edited", "applied"]

    def test_a_migration_that_the_folder_lost_is_missing(self, database: str) -> None:
        migrate(database, [A, B])
        with pytest.raises(HistoryError, match=rf"not in the folder: {A.id} \(applied .* by postgres\)"):
            migrate(database, [B])
        assert [(found.id, found.state) for found in status(database, [B])] == [(B.id, "applied"), (A.id, "missing")]

    def test_a_migration_newer_than_the_folder_is_unknown(self, database: str) -> None:
        migrate(database, [A, B])
        with pytest.raises(HistoryError, match=f"newer than all in the folder: {B.id}"):
            migrate(database, [A])
        assert [(found.id, found.state) for found in status(database, [A])] == [(A.id, "applied"), (B.id, "unknown")]

    def test_a_migration_below_an_applied_one_is_out_of_order(self, database: str) -> None:
        migrate(database, [A, C])
        with pytest.raises(
            HistoryError, match=f"out of order: {B.id} pending, and {C.id}, which comes after, applied"
        ) as refused:
            migrate(database, [A, B, C], dry_run=True)
        assert "mizzle rebase" in refused.value.hint

    def test_a_migration_below_one_that_was_rebased_over_it_is_applied(self, database: str) -> None:
        migrate(database, [A, C])
        rebased = unit(C.id, "CREATE TABLE public.c (id integer);\n", over=(B.id,))
        migrate(database, [A, B, rebased])
        assert _states(database, (A, B, rebased)) == ["applied"] * 3

    @pytest.mark.parametrize(
        "statement", ["CREATE TABLE mizzle.other ()", "CREATE FUNCTION mizzle.other() RETURNS int RETURN 1"]
    )
    def test_a_schema_of_somebody_elses_is_left_alone(self, database: str, statement: str) -> None:
        run(database, "CREATE SCHEMA mizzle", statement)
        for attempt in (lambda: migrate(database, [A]), lambda: status(database, [A])):
            with pytest.raises(ConfigError, match="schema mizzle is not a history of migrations: it holds other"):
                attempt()

    def test_an_empty_schema_is_filled(self, database: str) -> None:
        run(database, "CREATE SCHEMA mizzle")
        assert migrate(database, [A]).applied

    def test_tables_of_the_same_names_are_not_taken_for_the_history(self, database: str) -> None:
        run(
            database,
            "CREATE SCHEMA mizzle",
            *(f"CREATE TABLE mizzle.{name} ()" for name in ("meta", "history", "steps")),
        )
        with pytest.raises(ConfigError, match="schema mizzle is not a history of migrations"):
            migrate(database, [A])

    def test_a_newer_history_is_refused(self, database: str) -> None:
        migrate(database, [A])
        run(database, "UPDATE mizzle.meta SET format = 9, version = '9.1'")
        with pytest.raises(HistoryError, match=r"has format 9, written by mizzle 9\.1; this mizzle knows format 3"):
            migrate(database, [A])


class TestReverting:
    """down.sql goes the same way as up.sql."""

    DOWN = unit(A.id, "DROP TABLE public.a;\n", direction="down")

    def test_a_reverted_migration_is_pending_again(self, any_database: str) -> None:
        migrate(any_database, [A])
        assert rollback(any_database, [A], self.DOWN).reverted[0][0] == A.id
        assert _states(any_database, (A,)) == ["pending"]
        assert states(any_database) == [(A.id, "applied"), (A.id, "reverted")]
        migrate(any_database, [A])
        assert _states(any_database, (A,)) == ["applied"]

    def test_what_is_not_applied_cannot_be_reverted(self, database: str) -> None:
        with pytest.raises(HistoryError, match="is not applied to this database"):
            rollback(database, [A], self.DOWN)
        assert rows(database, "SELECT nspname FROM pg_namespace WHERE nspname = 'mizzle'") == []

    def test_what_has_others_above_it_cannot_be_reverted(self, database: str) -> None:
        migrate(database, [A, B])
        with pytest.raises(HistoryError, match=f"cannot be reverted before what comes after it: {B.id}"):
            rollback(database, [A, B], self.DOWN)

    def test_half_reverted_is_finished_before_anything_else(self, database: str) -> None:
        migrate(database, [A])
        text = "-- step 1\nDELETE FROM public.a;\n\n-- step 2\nDROP TABLE public.nowhere;\n"
        with pytest.raises(DatabaseError, match='"nowhere" does not exist'):
            rollback(database, [A], unit(A.id, text, direction="down"))
        with pytest.raises(HistoryError, match=f"{A.id} is half reverted"):
            migrate(database, [A])
        (found,) = status(database, [A])
        assert (found.state, found.direction) == ("failed", "down")
        rollback(database, [A], unit(A.id, text.replace("nowhere", "a"), direction="down"))
        assert _states(database, (A,)) == ["pending"]
