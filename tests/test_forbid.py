"""Hazards that a project forbids: nothing that has them is written, unless it is allowed for once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from projects import Project, project

if TYPE_CHECKING:
    from pathlib import Path

T = "CREATE TABLE t (id integer PRIMARY KEY, a integer, b text)"


@pytest.fixture
def strict(tmp_path: Path) -> Project:
    made = project(tmp_path / "strict", T)
    made.settings('forbid = ["TABLE_REWRITE", "BREAKS_OLD_CODE"]')
    made.run("generate")
    return made


def test_what_is_forbidden_is_not_written_and_named(strict: Project) -> None:
    strict.schema("CREATE UNLOGGED TABLE t (id integer PRIMARY KEY, a integer)")
    before = strict.ids()
    ran = strict.run("generate", "--plain", code=1)
    assert ran.says(
        "the plan has hazards that this project forbids; nothing was written",
        "TABLE_REWRITE: ALTER TABLE public.t SET UNLOGGED",
        "--allow BREAKS_OLD_CODE --allow TABLE_REWRITE allows it for once",
    )
    assert strict.ids() == before
    strict.run("generate", "--plain", "--allow", "TABLE_REWRITE", code=1)
    strict.run("generate", "--plain", "--allow", "TABLE_REWRITE", "--allow", "BREAKS_OLD_CODE")
    assert len(strict.ids()) == len(before) + 1


def test_what_is_not_forbidden_is_written(strict: Project) -> None:
    strict.schema(T, "CREATE INDEX t_b ON t (b)")
    strict.run("generate")
    strict.schema(T)
    strict.run("generate", "--drop", "public.t_b")


def test_expand_and_contract_is_a_way_out_of_breaking_old_code(strict: Project) -> None:
    strict.schema("CREATE TABLE t (id integer PRIMARY KEY, a integer)")
    assert strict.run("generate", code=1).says(
        "--allow BREAKS_OLD_CODE allows it for once, --expand-contract splits it"
    )
    strict.run("generate", "--expand-contract")
    strict.settings('forbid = ["DELETES_DATA"]')
    strict.schema("CREATE TABLE t (id integer PRIMARY KEY)")
    before = strict.ids()
    strict.run("generate", "--expand-contract", code=1)
    assert strict.ids() == before


def test_a_word_that_is_no_hazard_is_refused(strict: Project) -> None:
    strict.schema("CREATE TABLE t (id integer PRIMARY KEY, a bigint, b text)")
    assert strict.run("generate", "--allow", "NONSENSE", code=2).says("--allow NONSENSE: there is no such hazard")
    strict.settings('forbid = ["TABLE_REWRITES"]')
    assert strict.run("generate", code=2).says("forbid = 'TABLE_REWRITES' is no hazard", "TABLE_REWRITE")
