"""All rules on the facts of a database."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle.advise.facts import Facts
from mizzle.advise.findings import Finding, ordered
from mizzle.advise.naming import Names
from mizzle.advise.rules import foreign_keys, indexes, sizes, tenants, types
from mizzle.advise.tenancy import Tenancy
from mizzle.advise.thresholds import Thresholds


def examine(
    facts: Facts, tenancy: Tenancy | None, named: Names, *, limits: Thresholds, queries: bool
) -> tuple[Finding, ...]:
    """Return what the rules find; `queries`: it is known what is asked, so that reads of whole tables are explained."""
    found = list(_catalog(facts, named, limits))
    if tenancy is not None:
        found += tenants.without_index(facts, tenancy, named)
        found += tenants.guessable(facts, tenancy)
        found += tenants.without_row_security(tenancy)
        found += tenants.nullable(tenancy)
    if not queries:
        found += sizes.read_whole(facts, limits)
    return ordered(found)


def _catalog(facts: Facts, named: Names, limits: Thresholds) -> Iterator[Finding]:
    yield from foreign_keys.without_index(facts, named)
    yield from indexes.duplicate(facts)
    yield from indexes.overlapping(facts)
    yield from indexes.unused(facts, limits)
    yield from indexes.invalid(facts)
    yield from sizes.near_end(facts, limits)
    yield from types.wide_keys(facts, limits)
    yield from types.timestamps(facts)
    yield from sizes.partitioning(facts, limits)
    yield from sizes.bloat(facts, limits)
