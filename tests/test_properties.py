"""Laws, on random schemas: nothing differs from itself, a plan leads where it says, and its undo leads back.

A few fixed ones, and with MIZZLE_TEST_FUZZ=1 (`make fuzz`) a thousand that differ with each run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, reject, settings

from acceptance import Case, run
from mizzle.catalog import snapshot
from mizzle.catalog.access import KINDS
from mizzle.catalog.catalog import EMPTY
from mizzle.differ.compare import compare
from mizzle.errors import Unsupported
from mizzle.planning.plan import plan
from random_schemas import RandomSchema, edits, renames, schemas
from schemas import EVERYTHING

if TYPE_CHECKING:
    from pathlib import Path

    from mizzle.prove import Scratch
    from servers import Server

_FUZZ = bool(os.environ.get("MIZZLE_TEST_FUZZ"))
_law = settings(
    max_examples=1000 if _FUZZ else 25,
    derandomize=not _FUZZ,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


_REFUSED = (
    "partitioned in another way",
    "the table is partitioned by it",
    "PostgreSQL decides that when the column is made",
    "there are arrays of it",
    "is of it",
)
"""Of the messages about what is refused by name: docs/kinds.md lists it."""


@contextmanager
def _not_refused() -> Generator[None]:
    """Pass over what is refused by name."""
    try:
        yield
    except Unsupported as refused:
        if any(text in refused.message for text in _REFUSED):
            reject()
        raise


_PRINT = """
import pathlib, sys
from mizzle.catalog import snapshot
from mizzle.planning.plan import plan
print(plan(*(snapshot.decode(pathlib.Path(name).read_bytes()) for name in sys.argv[1:])).sql)
"""


@pytest.fixture(autouse=True)
def managed(scratch: Scratch) -> Iterator[None]:
    """Have grants, owners and default privileges read, too."""
    scratch.also = tuple(KINDS)
    yield
    scratch.also = ()


@_law
@given(schema=schemas())
def test_a_schema_equals_itself_and_its_snapshot(schema: RandomSchema, scratch: Scratch) -> None:
    catalog = scratch.load(schema.sql())
    assert compare(catalog, scratch.load(schema.sql())) == ()
    assert snapshot.decode(snapshot.encode(catalog)) == catalog


@_law
@given(schema=schemas())
def test_what_is_rendered_reads_the_same(schema: RandomSchema, scratch: Scratch) -> None:
    catalog = scratch.load(schema.sql())
    assert scratch.load(plan(EMPTY, catalog).sql) == catalog


@_law
@given(pair=edits())
def test_a_plan_leads_to_the_new_schema_and_its_undo_to_the_old(
    pair: tuple[RandomSchema, RandomSchema], scratch: Scratch
) -> None:
    old, new = (scratch.load(schema.sql()) for schema in pair)
    with _not_refused():
        planned = plan(old, new)
        planned.undo()
    scratch.prove(planned)
    assert plan(old, new).sql == planned.sql
    assert planned.undo().undo().sql == planned.sql


@settings(_law, max_examples=500 if _FUZZ else 10)
@given(pair=edits())
def test_rows_stay_and_pg_dump_agrees(pair: tuple[RandomSchema, RandomSchema], scratch: Scratch, pg18: Server) -> None:
    old, new = (schema.sql() for schema in pair)
    unchanged = scratch.load(old) == scratch.load(new)
    with _not_refused():
        run(Case("", old, new, fitting=True, restored=True, unchanged=unchanged, access=True), pg18, scratch, {})


@_law
@given(renamed=renames())
def test_a_rename_is_nothing_but_a_rename(
    renamed: tuple[RandomSchema, RandomSchema, dict[str, str]], scratch: Scratch
) -> None:
    old, new, answers = renamed
    planned = plan(scratch.load(old.sql()), scratch.load(new.sql()), renames=answers)
    scratch.prove(planned)
    assert "DROP COLUMN" not in planned.sql
    assert "DROP TABLE" not in planned.sql


def test_the_same_catalogs_give_the_same_bytes_in_every_process(scratch: Scratch, tmp_path: Path) -> None:
    files = [tmp_path / "old.json", tmp_path / "new.json"]
    for file, sql in zip(files, (EVERYTHING, EVERYTHING.replace("mood", "feeling").replace(" t ", " u ")), strict=True):
        file.write_bytes(snapshot.encode(scratch.load(sql)))
    printed = {_print(files, seed) for seed in range(4)}
    assert len(printed) == 1
    assert "CREATE TYPE public.feeling" in printed.pop()


def _print(files: list[Path], seed: int) -> str:
    command = [sys.executable, "-c", _PRINT, *map(str, files)]
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True).stdout
