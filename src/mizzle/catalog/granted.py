"""Rows of aclexplode() put together into what is granted on one object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from mizzle.catalog.access import RELATIONS, TABLE_PRIVILEGES
from mizzle.catalog.address import Address

Row = tuple[Any, ...]
Granted = tuple[tuple[str, ...], ...]

_TABLES = RELATIONS | {"tables"}
_MAINTAIN = 17  # the major that this privilege came with


def granted(rows: Iterable[Row], size: int, major: int) -> dict[Row, Granted]:
    """Return the grants in `rows` by what their first `size` values name, each of all privileges on a table as one."""
    found: defaultdict[Row, list[tuple[str, ...]]] = defaultdict(list)
    for row in rows:
        grants = found[row[:size]]
        if row[size] is not None:
            grants.append((row[size], *row[size + 1 :]))
    every = TABLE_PRIVILEGES | {"MAINTAIN"} if major >= _MAINTAIN else TABLE_PRIVILEGES
    for key, grants in found.items():
        subject = key[-1].kind if isinstance(key[-1], Address) else key[-1]
        if subject in _TABLES:
            grants[:] = _as_all(grants, every)
    return {key: tuple(sorted(set(grants))) for key, grants in found.items()}


def _as_all(grants: list[tuple[str, ...]], every: Collection[str]) -> Iterator[tuple[str, ...]]:
    by: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for role, privilege, column, option in grants:
        by[role, column, option].add(privilege)
    for (role, column, option), privileges in by.items():
        whole = not column and privileges >= set(every)
        yield from ((role, each, column, option) for each in ({"ALL"} if whole else privileges))
