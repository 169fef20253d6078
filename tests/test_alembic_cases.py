"""Plans as Alembic revisions: what stands in tests/cases, run by Alembic itself, with a connection and as SQL for psql.

One of 24 cases (half of them each way); all with `make fuzz`.
"""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import postgresql

from acceptance import Case, cases
from mizzle.differ.compare import compare, describe
from mizzle.planning import script
from mizzle.planning.plan import Plan, plan
from mizzle.project import revision
from mizzle.sqltext import split
from referee import schema_text

if TYPE_CHECKING:
    from mizzle.prove import Scratch
    from servers import Server

_FILES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
_ALL = {f"{file.stem}: {case.name}": case for file in _FILES for case in cases(file)}
_ONE_OF = 1 if "MIZZLE_TEST_FUZZ" in os.environ else 48
_CASES = {
    name: (case, number % 2 == 0)
    for number, (name, case) in enumerate(
        (name, case)
        for name, case in _ALL.items()
        if 18 in case.majors
        and not (case.refused or case.access or case.unchanged or case.restored)
        and not name.startswith("event_triggers:")  # which may forbid to drop Alembic's own table
    )
    if number % _ONE_OF < 2
}


@pytest.mark.parametrize(("case", "online"), _CASES.values(), ids=_CASES)
def test_a_case_as_a_revision(case: Case, *, online: bool, scratch: Scratch, pg18: Server) -> None:
    scratch.also = ()
    old, new = scratch.load(case.old), scratch.load(case.wanted)
    forward = plan(old, new, renames=case.renames, major=18)
    url, direct = pg18.create(), pg18.create()
    try:
        _direct(url, case.old)
        _direct(direct, case.wanted)
        for planned, name in ((forward, "up"), (forward.undo(), "down"), (forward, "again")):
            source = _source(planned, name)
            with_connection = (
                online or "\t" in source or "\\t" in source
            )  # Alembic makes spaces of tabs in what it prints
            (_run if with_connection else _run_as_sql)(url, source, pg18)
            with scratch_connection(url) as connection:
                assert describe(compare(scratch.read(connection), planned.new)) == (), source
        _direct(url, "DROP TABLE IF EXISTS alembic_version")
        assert schema_text(url, bin=pg18.clients) == schema_text(direct, bin=pg18.clients)
    finally:
        pg18.drop(url)
        pg18.drop(direct)


def scratch_connection(url: str) -> psycopg.Connection:
    """A connection as Scratch.read() takes it."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("DROP TABLE IF EXISTS alembic_version")
    return connection


def _source(planned: Plan, name: str) -> str:
    """The plan as a function of a revision, and a call of it."""
    steps = script.parse(planned.sql, name=name)
    return f"def upgrade():\n    {revision.body(steps, key=f'20260101000000 {name}')}\n\n\nupgrade()\n"


def _direct(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for fragment in split(sql):
            connection.execute(fragment.sql.encode())


def _run(url: str, source: str, server: Server) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        context._ensure_version_table()  # noqa: SLF001 - as run_migrations() begins
        connection.commit()
        with context.begin_transaction(), Operations.context(context) as op:
            exec(source, {"op": op})  # noqa: S102 - it is what is tested
    engine.dispose()


def _run_as_sql(url: str, source: str, server: Server) -> None:
    printed = io.StringIO()
    options = {"as_sql": True, "output_buffer": printed}
    context = MigrationContext.configure(dialect_name="postgresql", dialect_opts={"paramstyle": "named"}, opts=options)
    with context.begin_transaction(), Operations.context(context) as op:
        exec(source, {"op": op})  # noqa: S102 - as above
    psql = [server.clients / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", url]
    subprocess.run(psql, input=printed.getvalue(), encoding="utf-8", check=True, stdout=subprocess.DEVNULL)


@settings(deadline=None)
@given(st.text(st.sampled_from(":\\a$ \"'\n%é"), max_size=12))
def test_what_is_escaped_comes_out_as_it_was(sql: str) -> None:
    compiled = text(revision.escaped(sql)).compile(dialect=postgresql.dialect(paramstyle="named"))
    assert str(compiled) == sql


@settings(deadline=None)
@given(st.text(st.sampled_from(":\\a$ \"'\n\r\t%é\x0c"), max_size=12))
def test_what_is_written_is_read_as_it_was(sql: str) -> None:
    found: list[str] = []

    class Op:
        execute = staticmethod(found.append)

    exec("\n".join(revision.execute(sql)), {"op": Op})  # noqa: S102 - it is what is tested
    assert len(found) == 1
    (written,) = found
    multiline = "\n" in sql
    assert (
        "\n".join(line.strip(" ") for line in written.strip("\n ").split("\n"))
        == "\n".join(line.strip(" ") for line in revision.escaped(sql).strip("\n ").split("\n"))
        if multiline
        else written == revision.escaped(sql)
    )
