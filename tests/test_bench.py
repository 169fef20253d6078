"""The benchmark measures what it says: projects are real, runs count, and its page has a place for each figure."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from bench import fixture, migrating, ours, peers, report, schemas
from bench.measure import Case, Failed, Result, Sample, in_turns
from bench.results import Size

from mizzle.project.project import Project

if TYPE_CHECKING:
    from pathlib import Path

TABLES = 60
PAGE = schemas.PORTAL.parent / "docs" / "benchmarks.md"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_project_of_one_size_is_always_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        schemas.write(tmp_path / name, TABLES)
    assert files(tmp_path / "a") == files(tmp_path / "b")


@pytest.mark.parametrize("tables", [schemas.PORTAL_TABLES, TABLES])
def test_a_project_has_its_tables_and_takes_one_more_column(
    tmp_path: Path, tables: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    sample = schemas.write(tmp_path, tables)
    before = files(sample.root)
    sample.add_column("first")
    sample.add_column("second")
    if tables == TABLES:  # another test may have imported the portal from elsewhere
        created = [each for each in Project.load(sample.root).sources.ddl if "CREATE TABLE" in each]
        assert len(created) == tables
        assert sum("second TEXT" in each for each in created) == 1
    sample.restore()
    assert files(sample.root).items() >= before.items()


def test_a_run_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    program = "import time; time.sleep(0.1); block = bytearray(50_000_000); print('done')"
    folder = tmp_path / "project"
    folder.mkdir()
    case = Case("a program", "Python", [sys.executable, "-c", program], folder, dict(os.environ), prints="done")
    (result,) = in_turns([case], 2, progress=lambda _: None)
    assert len(result.samples) == 2
    assert all(sample.wall >= 0.1 and 47 < sample.memory < 500 for sample in result.samples)


def test_a_run_that_does_not_do_its_work_is_no_figure(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    case = Case("a program", "Python", [sys.executable, "-c", "print('no')"], folder, dict(os.environ), prints="done")
    with pytest.raises(Failed, match="a program: exit code 0, it printed:\nno"):
        case.run()


def result(name: str, tool: str, *walls: float) -> Result:
    return Result(Case(name, tool, [], PAGE.parent, {}), tuple(Sample(wall, wall, 10.0) for wall in walls))


def test_the_page_has_a_place_for_every_table() -> None:
    names = (ours.IMPORT, ours.NO_CHANGE, ours.SAVED, ours.INITIAL)
    commands = tuple(result(name, ours.TOOL, 0.3, 0.5, 0.4) for name in names)
    steps = tuple(
        tuple(result(name, tool, 0.2, 0.2, 0.3) for tool in (ours.TOOL, peers.DRIZZLE, peers.ALEMBIC))
        for name in peers.STEPS
    )
    made = report.Report((Size(15, commands, commands[0]),), steps)
    page = report.fill(PAGE.read_text(), made.tables())
    assert "| find no change | **0.20** (0.20 to 0.30) |" in page
    assert "| find nothing to run: half of drizzle-kit 0.31.11's time | 100% | **missed** |" in page
    beyond = f"| {ours.SAVED}, 15 tables: 0.15 s beyond the import | 0.00 s | reached |"
    assert beyond in page
    assert report.fill(page, made.tables()) == page


def test_the_page_has_a_place_for_migrate_beside_the_others() -> None:
    mine, psql, drizzle, alembic = (
        result("x", tool, *seconds)
        for tool, *seconds in (
            ("mizzle", 0.5, 0.5),
            (migrating.PSQL, 0.5, 0.5),
            ("drizzle", 2.0, 1.0),
            ("alembic", 3.0, 3.0),
        )
    )
    row = migrating.Row(1000, "on a fresh database", mine, psql, (drizzle, alembic))
    told = migrating.parts(migrating.Measured((row,), 2))
    page = report.fill(PAGE.read_text(), told, by="bench-migrate")
    assert "| 1,000 tables, on a fresh database: 115% of psql's time | 100% | reached |" in page
    assert "| 1,000 tables, on a fresh database: 50% of the faster tool's time | 38% | reached |" in page


def test_what_a_fixture_costs_has_its_place_in_the_docs() -> None:
    page = (schemas.PORTAL.parent / "docs" / "testing.md").read_text(encoding="utf-8")
    told = report.fill(page, {"fixture": "here"}, by="bench-fixture")
    assert "\nhere\n" in told
    assert all(f"{size} tables, {server}" in page for size in fixture.SIZES for server in fixture.SERVERS)
