"""bench/growth: the rows are the same each time, and what the typical tenant owns does not grow."""

from __future__ import annotations

from collections import Counter

import pytest
from bench.growth.rows import LARGEST, RARE, RARE_ROWS, TYPICAL, Population, Table

SMALL, LARGER = 10_000, 30_000


def lines(table: Table) -> list[list[str]]:
    """The values of a table's rows, by row."""
    return [line.split("\t") for chunk in table.chunks() for line in chunk.splitlines()]


def table(population: Population, name: str) -> Table:
    """One of the tables."""
    return next(each for each in (population.snapshots, *population.tables) if each.name == name)


def column(population: Population, name: str, wanted: str) -> list[str]:
    """The values of one column of a table."""
    found = table(population, name)
    return [line[found.columns.replace("\n", " ").split(", ").index(wanted)] for line in lines(found)]


def test_rows_are_the_same_each_time_and_others_by_another_seed() -> None:
    first, again, other = (Population(SMALL, seed) for seed in (1, 1, 2))
    for name in ("sync_runs", "hot_list_items", "memberships"):
        assert lines(table(first, name)) == lines(table(again, name)) != lines(table(other, name))


@pytest.mark.parametrize(
    ("name", "owned"),
    [
        ("ct_raw_snapshots", 504),
        ("sync_runs", 504),
        ("lead_metrics", 500),
        ("pipeline_stage_counts", 250),
        ("hot_list_items", 250),
        ("report_weeks", 156),
        ("memberships", 20),
    ],
)
def test_the_typical_tenant_owns_as_much_at_every_size(name: str, owned: int) -> None:
    for size in (SMALL, LARGER):
        population = Population(size, 1)
        owners = Counter(column(population, name, "tenant_id"))
        assert owners[population.tenant_ids[TYPICAL]] == owned


@pytest.mark.parametrize("name", ["ct_raw_snapshots", "sync_runs", "lead_metrics"])
def test_the_largest_tenant_owns_fifteen_percent_and_nobody_more(name: str) -> None:
    population = Population(SMALL, 1)
    owners = Counter(column(population, name, "tenant_id"))
    assert owners.total() == SMALL
    assert owners.most_common(1)[0][0] == population.tenant_ids[LARGEST]
    assert 0.14 < owners[population.tenant_ids[LARGEST]] / SMALL <= 0.15


def test_one_endpoint_is_rare_at_every_size() -> None:
    for size in (SMALL, LARGER):
        assert Counter(column(Population(size, 1), "ct_raw_snapshots", "endpoint"))[RARE] == RARE_ROWS


def test_keys_are_unique() -> None:
    population = Population(SMALL, 1)
    for each in (population.snapshots, *population.tables):
        keys = [line[0] for line in lines(each)]
        assert len(keys) == len(set(keys)), each.name
