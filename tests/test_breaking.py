"""What a change breaks for old code: said of each table, and at the statement that does it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mizzle.differ.changes import Rename
from mizzle.planning.breaking import breaks
from mizzle.planning.plan import plan
from mizzle.planning.steps import HazardCode

if TYPE_CHECKING:
    from mizzle.prove import Scratch

_DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "breaks" / "breaks.toml").read_text(encoding="utf-8"))
_CASES = {case["name"]: {**_DATA["shared"], **case} for case in _DATA["case"]}


@pytest.mark.parametrize("case", _CASES.values(), ids=_CASES)
def test_what_breaks_is_said_of_each_table_and_at_the_statement(case: dict[str, Any], scratch: Scratch) -> None:
    old, renames = scratch.load(case["old"]), case.get("renames", {})
    new = scratch.load(case.get("new", f"{case['old']}; {case.get('change', '')}"))
    found = breaks(old, new, renames=renames)
    assert sorted(f"{each.relation.sql}: {each.what}" for each in found) == case.get("breaks", [])
    planned = plan(old, new, renames=renames)
    told = {hazard.subject for hazard in planned.hazards if hazard.code is HazardCode.BREAKS_OLD_CODE}
    renamed = {str(each.address) for each in planned.changes if isinstance(each, Rename)}
    assert {str(each.subject) for each in found} - renamed <= told
    assert bool(told) == bool(found) or case["name"].startswith("a table renamed that has a view")


def test_what_is_equal_breaks_nothing(scratch: Scratch) -> None:
    old = scratch.load(_DATA["shared"]["old"])
    assert breaks(old, old) == ()
