"""What a migration requires of the rows is asked before anything of it runs."""

from __future__ import annotations

import pytest

from mizzle.errors import DatabaseError, RowsError
from mizzle.planning import requirements, script
from mizzle.planning.steps import Requirement, Statement, Step
from mizzle.runner.migrate import migrate
from runner_units import rows, run, states, unit

_ID = "20260105000000_x"
_NULLS = Requirement("column public.t.a holds no NULL", "SELECT count(*) FROM public.t WHERE a IS NULL", "mend it")
_TWICE = Requirement("no two rows are alike", "SELECT 2")
_STEPS = (
    Step("", statements=(Statement("CREATE TABLE public.made ()"),)),
    Step("", statements=(Statement("ALTER TABLE public.t ALTER a SET NOT NULL", requires=(_NULLS,)),)),
)


@pytest.fixture
def table(database: str) -> str:
    """A database with a table of three rows, two of which have no value."""
    run(database, "CREATE TABLE t (a integer)", "INSERT INTO t VALUES (1), (NULL), (NULL)")
    return database


def test_rows_in_the_way_are_counted_before_the_first_step(table: str) -> None:
    text = script.render(_STEPS)
    with pytest.raises(RowsError) as caught:
        migrate(table, [unit(_ID, text)])
    assert caught.value.rows == ((_NULLS.sentence, 2),)
    assert "up.sql cannot run yet, and nothing of it has" in caught.value.message
    assert "column public.t.a holds no NULL: 2 rows are against it\n    mend it" in caught.value.message
    assert rows(table, "SELECT to_regclass('public.made')") == [(None,)]
    assert states(table) == [(_ID, "failed")]
    run(table, "UPDATE t SET a = 2 WHERE a IS NULL")
    migrate(table, [unit(_ID, text)])
    assert states(table)[-1] == (_ID, "applied")


def test_all_is_told_at_once(table: str) -> None:
    statement = Statement("SELECT 1", requires=(_NULLS, _TWICE))
    with pytest.raises(RowsError) as caught:
        migrate(table, [unit(_ID, script.render([Step("", statements=(statement,))]))])
    assert caught.value.rows == ((_NULLS.sentence, 2), (_TWICE.sentence, 2))


def test_who_goes_on_is_not_asked_again(table: str) -> None:
    text = script.render(_STEPS).replace("count(*)", "count(*) - 2")
    with pytest.raises(DatabaseError, match="contains null values"):
        migrate(table, [unit(_ID, text)])
    run(table, "INSERT INTO t VALUES (NULL)")
    with pytest.raises(DatabaseError, match="contains null values"):
        migrate(table, [unit(_ID, text)])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT count(*) FROM public.gone", 'relation "public.gone" does not exist'),
        ("UPDATE public.t SET a = 1", "cannot execute UPDATE in a read-only transaction"),
    ],
)
def test_a_question_without_an_answer_stops_it_too(table: str, query: str, message: str) -> None:
    statement = Statement("CREATE TABLE public.made ()", requires=(Requirement("all is well", query),))
    with pytest.raises(DatabaseError, match=f"cannot ask whether all is well: {message}"):
        migrate(table, [unit(_ID, script.render([Step("", statements=(statement,))]))])
    assert rows(table, "SELECT to_regclass('public.made')") == [(None,)]


def test_what_is_written_is_what_is_read() -> None:
    read = script.parse(script.render(_STEPS), name="up.sql").steps
    assert [requirements.required(step) for step in read] == [(), (_NULLS,)]
    assert [requirements.required(step) for step in _STEPS] == [(), (_NULLS,)]
