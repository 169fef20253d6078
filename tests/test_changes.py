"""Each of the changes that people make, on a filled table, from SQL and from models."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import MetaData

from acceptance import Case, run
from changes import CHANGES, Change
from mizzle.differ.compare import compare, describe
from mizzle.planning.plan import plan
from mizzle.project.project import Project
from mizzle.project.push import apply_push, plan_push
from referee import schema_text
from rows import fill

if TYPE_CHECKING:
    from pathlib import Path

    from changes import Models
    from mizzle.catalog.catalog import Catalog
    from mizzle.prove import Scratch
    from servers import Server

_CASES = {
    f"{change.number}: {change.name} [{major}]": (change, major)
    for change in CHANGES
    for major in change.expect.get("majors", [18, 15])
}


@pytest.fixture(scope="session")
def texts() -> dict[tuple[int, bool, str], str]:
    """What the referee said of schemas that were built directly, by major version and SQL."""
    return {}


def test_each_is_there() -> None:
    assert [change.number for change in CHANGES] == list(range(1, 136))


@pytest.mark.parametrize(("change", "major"), _CASES.values(), ids=_CASES)
def test_a_change(
    change: Change,
    major: int,
    scratch: Scratch,
    texts: dict[tuple[int, bool, str], str],
    request: pytest.FixtureRequest,
) -> None:
    server: Server = request.getfixturevalue(f"pg{major}")
    case = Case(change.name, f"{change.old}\n{change.only}", f"{change.new}\n{change.only}", **change.expect)
    if case.old.strip() == case.wanted.strip() or "unchanged" in change.name:
        case = replace(case, unchanged=True)
    run(case, server, scratch, texts)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change.number}: {change.name}")
def test_models_say_the_same(change: Change, scratch: Scratch) -> None:
    for sql, models in zip((change.old, change.new), change.models, strict=True):
        assert describe(compare(scratch.load(sql), _loaded(scratch, models))) == ()
    if "refused" not in change.expect:
        old, new = (_loaded(scratch, models) for models in change.models)
        renames = change.expect.get("renames", {})
        assert (
            plan(old, new, renames=renames).sql
            == plan(scratch.load(change.old), scratch.load(change.new), renames=renames).sql
        )


_ONLY = [change for change in CHANGES if change.only]


@pytest.mark.parametrize("change", _ONLY, ids=lambda change: f"{change.number}: {change.name}")
def test_what_only_the_database_has_stays(
    change: Change, pg18: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "models_of_the_change", module := ModuleType("models_of_the_change"))
    module.metadata = MetaData()  # pyright: ignore[reportAttributeAccessIssue]
    change.models[1](module.metadata)  # pyright: ignore[reportAttributeAccessIssue]
    (tmp_path / "mizzle.toml").write_text('models = "models_of_the_change:metadata"\n')
    wanted = pg18.create()
    for url, sql in ((database, change.old), (wanted, change.new)):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"{sql}\n{change.only}".encode())
    with psycopg.connect(database, autocommit=True) as connection:
        fill(connection)
    project = Project.load(tmp_path)
    apply_push(database, plan_push(project, database))
    project.close()
    assert schema_text(database, bin=pg18.bin) == schema_text(wanted, bin=pg18.bin)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (3,)


def _loaded(scratch: Scratch, models: Models) -> Catalog:
    metadata = MetaData()
    models(metadata)
    return scratch.load(metadata)
