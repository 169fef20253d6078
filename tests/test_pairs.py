"""Pairs of schemas that other projects test themselves with: from old to new, and back, as the referee says.

A fixed sample of them on PostgreSQL 18; all, on each of the versions, with `make pairs`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from acceptance import Case, run
from mizzle.catalog.access import KINDS
from mizzle.errors import Unsupported
from roles import with_roles

if TYPE_CHECKING:
    from collections.abc import Callable

    from mizzle.prove import Scratch
    from servers import Server

_FOLDER = Path(__file__).parents[2] / "shared" / "cases"
_ABSENT = pytest.param("", "", marks=pytest.mark.skip(reason="no cases beside the repository, in ../shared/cases"))
_LINES = [line for file in sorted(_FOLDER.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
_ALL = [pytest.param(each["old"], each["new"], id=each["id"]) for each in map(json.loads, _LINES)]
_MAJORS = os.environ.get("MIZZLE_TEST_MAJORS", "")
_PAIRS = _ALL if _MAJORS or os.environ.get("MIZZLE_TEST_FUZZ") else _ALL[::14]

_ABOUT_ROLES = ("GRANT ", "REVOKE ", "OWNER TO ", "DEFAULT PRIVILEGES")
"""What a pair says that is about more than objects: then that is managed, too."""

REFUSED = {"migra/FIXTURES/partitioning": "cannot make table public.partitioned2reg a table without partitions"}
"""The pairs that are refused before anything runs, with the words that say why."""


@pytest.mark.parametrize("major", [int(major) for major in (_MAJORS or "18").split(",")])
@pytest.mark.parametrize(("old", "new"), _PAIRS or [_ABSENT])
def test_leads_from_old_to_new_and_back(
    old: str,
    new: str,
    major: int,
    scratch: Scratch,
    server_of: Callable[[int], Server],
    request: pytest.FixtureRequest,
) -> None:
    server = server_of(major)
    for schema in (old, new):
        _load(server, schema)
    access = any(words in f"{old}{new}".upper() for words in _ABOUT_ROLES)
    scratch.also = tuple(KINDS) if access else ()
    was, wanted = with_roles(server_of(18), lambda: (scratch.load(old), scratch.load(new)))
    case = Case("", old, new, fitting=True, restored=True, access=access, unchanged=was == wanted)
    reason = REFUSED.get(request.node.callspec.id.removesuffix(f"-{major}"), "")
    if not reason:
        run(case, server, scratch, {})
        return
    with pytest.raises(Unsupported, match=reason):
        run(case, server, scratch, {})
    pytest.skip(f"refused: {reason}")


def _load(server: Server, schema: str) -> None:
    """Load a schema as it stands, to see whether this version of PostgreSQL can."""
    url = server.create()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            with_roles(server, lambda: connection.execute(schema.encode()))
    except psycopg.Error as error:
        pytest.skip(f"PostgreSQL {server.major} cannot load it: {error.diag.message_primary}")
    finally:
        server.drop(url)
