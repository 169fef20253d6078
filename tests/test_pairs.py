"""Pairs of schemas that other projects test themselves with: from old to new, and back, as the referee says.

A fixed sample of them on PostgreSQL 18; all, on each of the versions, with `make pairs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from acceptance import Case, run
from mizzle.catalog.access import KINDS
from mizzle.errors import Unsupported
from roles import with_roles
from shared_pairs import is_about_roles, load_or_skip, majors, pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    from mizzle.prove import Scratch
    from servers import Server

REFUSED = {"migra/FIXTURES/partitioning": "cannot make table public.partitioned2reg a table without partitions"}
"""The pairs that are refused before anything runs, with the words that say why."""


@pytest.mark.parametrize("major", majors("18"))
@pytest.mark.parametrize(("old", "new"), pairs(one_of=28))
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
        load_or_skip(server, schema)
    access = is_about_roles(old, new)
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
