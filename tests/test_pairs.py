"""Pairs of schemas that other projects test themselves with: from old to new, and back, as the referee says.

A fixed sample of them; all with MIZZLE_TEST_FUZZ=1.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from acceptance import Case, run
from roles import with_roles

if TYPE_CHECKING:
    from mizzle.prove import Scratch
    from servers import Server

_FOLDER = Path(__file__).parents[2] / "shared" / "cases"
_ABSENT = pytest.param("", "", marks=pytest.mark.skip(reason="no cases beside the repository, in ../shared/cases"))
_LINES = [line for file in sorted(_FOLDER.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
_ALL = [pytest.param(each["old"], each["new"], id=each["id"]) for each in map(json.loads, _LINES)]
_PAIRS = _ALL if os.environ.get("MIZZLE_TEST_FUZZ") else _ALL[::10]


@pytest.mark.parametrize(("old", "new"), _PAIRS or [_ABSENT])
def test_leads_from_old_to_new_and_back(old: str, new: str, pg18: Server, scratch: Scratch) -> None:
    unmanaged = with_roles(pg18, lambda: (*scratch.load(old).unmanaged, *scratch.load(new).unmanaged))
    if unmanaged:
        pytest.skip(f"not managed yet: {', '.join(sorted({each.kind for each in unmanaged}))}")
    same = scratch.load(old) == scratch.load(new)
    run(Case("", old, new, rows="", restored=True, unchanged=same), pg18, scratch, {})
