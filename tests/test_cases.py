"""Every case of tests/cases, forward and back, on rows: a third on 15, a third on 18; with `make fuzz` all on both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from acceptance import Case, cases, run

if TYPE_CHECKING:
    from mizzle.prove import Scratch
    from servers import Server

_FILES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
_CASES = {f"{file.stem}: {case.name}": case for file in _FILES for case in cases(file)}
_ALL, _TRIED, _ONE_OF = "MIZZLE_TEST_FUZZ" in os.environ, 2, 3
_PAIRS = {
    f"{name} [{major}]": (case, major)
    for number, (name, case) in enumerate(_CASES.items())
    for major in case.majors
    if _ALL or (number % _ONE_OF < _TRIED and major == (min if number % _ONE_OF == 0 else max)(case.majors))
}


@pytest.fixture(scope="session")
def texts() -> dict[tuple[int, bool, str], str]:
    """What the referee said of schemas that were built directly, by major version and SQL."""
    return {}


@pytest.mark.parametrize(("case", "major"), _PAIRS.values(), ids=_PAIRS)
def test_case(
    case: Case, major: int, scratch: Scratch, texts: dict[tuple[int, bool, str], str], request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(f"pg{major}")
    run(case, server, scratch, texts)
