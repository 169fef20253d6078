"""The other tools' projects are made of the same schema, and what was measured finds its place in the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench import report, schemas
from bench.beside import django_models, figures, history, mizzle_project, rows, tables, trees, typescript
from bench.beside.figures import Figures, Key
from bench.measure import Case, Result, Sample

from mizzle.catalog import snapshot
from mizzle.catalog.catalog import Catalog
from mizzle.migrations import folder
from mizzle.project.check import check
from mizzle.project.generate import generate
from mizzle.project.project import Project

PAGE = schemas.PORTAL.parent / "docs" / "benchmarks.md"


@pytest.fixture(scope="module")
def portal() -> Catalog:
    *_, last = folder.load(schemas.PORTAL / "migrations").chain()
    return snapshot.decode(last.snapshot().catalog)


def test_every_table_and_column_is_written_for_the_other_tools(portal: Catalog) -> None:
    typed, models = typescript.schema(portal), django_models.models(portal)
    compile(models, "models.py", "exec")
    for table in portal.tables:
        assert f'pgTable("{table.name}"' in typed
        assert f'db_table = "{table.name}"' in models
        for column in table.columns:
            assert f'"{column.name}"' in typed
            assert re.search(rf"\b{column.name.removesuffix('_id')}", models)
    assert 'text("more")' in typescript.with_column(typed, "more")
    assert "more = models.TextField(null=True)" in django_models.with_column(models, "more")


def test_a_history_ends_in_the_schema_that_it_began_with() -> None:
    made = list(history.changes(["a", "b"], 10))
    assert [change.kind for change in made] == ["add", "default", "drop"] * 3
    assert [change.table for change in made[::3]] == ["a", "b", "a"]
    assert made[3].sql == 'ALTER TABLE "b" ADD COLUMN "note_1" text'
    with pytest.raises(ValueError, match="a history of 12"):
        list(history.changes(["a"], 12))


def test_a_long_history_is_what_generate_would_have_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop.sql").write_text(
        "CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY);"
    )
    (tmp_path / "mizzle.toml").write_text('sql = ["shop.sql"]\n')
    monkeypatch.chdir(tmp_path)
    generate(Project.load(tmp_path))
    mizzle_project.extend(tmp_path / "migrations", 7)
    checked = check(Project.load(tmp_path))
    assert checked.findings == ()
    assert checked.passed[0] == "7 migrations, whole and in one line"


def test_files_are_put_back_and_those_untouched_left(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "history").mkdir(parents=True)
    for name in ("kept", "changed", "history/first"):
        (root / name).write_text(name)
    tree = trees.Tree.of(root)
    assert not tree.restore()
    before = (root / "kept").stat()
    (root / "changed").write_text("otherwise")
    (root / "history" / "second").mkdir()
    (root / "history" / "second" / "up.sql").write_text("new")
    tree.take(tmp_path / "taken", below="history")
    assert tree.restore()
    assert (root / "changed").read_text() == "changed"
    assert [each.name for each in (root / "history").iterdir()] == ["first"]
    after = (root / "kept").stat()
    assert (before.st_mtime_ns, before.st_ctime_ns, before.st_ino) == (
        after.st_mtime_ns,
        after.st_ctime_ns,
        after.st_ino,
    )
    tree.put(tmp_path / "taken")
    assert (root / "history" / "second" / "up.sql").read_text() == "new"


def found() -> Figures:
    def result(row: str, tool: str, *walls: float) -> Result:
        return Result(Case(row, tool, [], PAGE.parent, {}), tuple(Sample(wall, wall, 10.0) for wall in walls))

    made: Figures = {}
    for row, mine, theirs in (
        (rows.IMPORT, 0.3, 0.1),
        (rows.UNTOUCHED, 0.1, 0.4),
        (rows.SAVED, 0.4, 0.4),
        (rows.DRIFT, 0.2, 0.5),
    ):
        made[Key(row, rows.MIZZLE, 1000, 1)] = result(row, rows.MIZZLE, mine, mine)
        made[Key(row, rows.DRIZZLE, 1000, 1)] = result(row, rows.DRIZZLE, theirs, theirs)
    for length, seconds in ((10, 0.2), (1000, 0.3)):
        for tool, factor in ((rows.MIZZLE, 1), (rows.ALEMBIC, 2)):
            made[Key(rows.ONE, tool, 15, length)] = result(rows.ONE, tool, seconds * factor, seconds * factor)
    return made


def test_the_page_has_a_place_for_the_other_tools() -> None:
    told = tables.parts(found(), "Measured.\n")
    page = report.fill(PAGE.read_text(), told, by="bench-peers")
    assert "| compare a live database, 1,000 tables: 30% of the fastest other tool's | 40% | **missed** |" in page
    growth = "1.50; of the processor's seconds 1.50"
    missed = f"with 1,000 migrations 1.3 times what it takes with 10 | {growth} | **missed** |"
    assert f"| migrate, one pending: {missed}" in page
    assert "| find no change, a module saved again, 1,000 tables | 0.10 | 0.30 |" in page
    assert "| migrate, one pending | 0.20 / 0.30 (x 1.50) | - | - | 0.40 / 0.60 (x 1.50) | - | 50% / 50% |" in page
    assert "behind: find no change, a module saved again, 1,000 tables: 100%" in page
    assert report.fill(page, told, by="bench-peers") == page


def test_what_was_measured_is_kept(tmp_path: Path) -> None:
    figures.write(tmp_path / "kept.json", found())
    again = figures.read(tmp_path / "kept.json")
    assert again.keys() == found().keys()
    assert tables.parts(again, "") == tables.parts(found(), "")
    assert figures.measured(tmp_path / "kept.json").startswith("Measured on ")
    assert figures.read(tmp_path / "none.json") == {}
