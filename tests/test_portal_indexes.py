"""A guard: each of the portal's eight indexes is used by the query that it is for, at the size where it matters."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg
import pytest

sys.path[:0] = [str(Path(__file__).parents[1] / "portal")]  # the queries are written with its models

from bench.growth.load import load  # noqa: E402
from bench.growth.queries import EIGHT, Query, queries  # noqa: E402
from bench.growth.rows import Population  # noqa: E402

from mizzle.advise import planner, statistics  # noqa: E402
from mizzle.advise.imitation import Imitation  # noqa: E402
from mizzle.advise.plans import planned  # noqa: E402
from mizzle.project.database import migrate  # noqa: E402
from mizzle.prove import Scratch  # noqa: E402
from test_advise_rules import MIGRATIONS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers import Server

ROWS = 30_000
"""In each of the largest tables: a tenant of ordinary size owns 504 of them."""

ASKED = [query for query in queries(Population(10_000, 1)) if query.group == "eight"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A portal with rows, and the queries with their parameters there."""

    server: Server
    url: str
    queries: dict[str, Query]


@pytest.fixture(scope="module", params=[18, 15])
def portal(request: pytest.FixtureRequest, server_of: Callable[[int], Server]) -> Iterator[Loaded]:
    """The portal, loaded and vacuumed, with all its indexes."""
    server = server_of(request.param)
    url = server.create()
    migrate(url, MIGRATIONS)
    population = Population(ROWS, 1)
    indexes = load(url, population)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in indexes.values():
            connection.execute(cast("LiteralString", statement))
        connection.execute("ANALYZE")
    yield Loaded(server, url, {query.key: query for query in queries(population)})
    server.drop(url)


def test_there_is_a_query_for_each_index() -> None:
    assert tuple(query.index for query in ASKED) == EIGHT


@pytest.mark.parametrize("asked", ASKED, ids=lambda query: query.index)
def test_it_goes_by_its_index(portal: Loaded, asked: Query) -> None:
    query = portal.queries[asked.key]
    with psycopg.connect(portal.url) as connection:
        assert query.index in _used(connection, query)
        connection.execute("SET plan_cache_mode = force_generic_plan")
        assert query.index in _used(connection, query)  # as one that is prepared is planned in the end
        connection.execute(f"DROP INDEX {query.index}".encode())
        assert query.index not in _used(connection, query)  # this test can fail


@pytest.mark.parametrize("asked", ASKED, ids=lambda query: query.index)
def test_it_still_does_at_ten_million_rows(portal: Loaded, asked: Query) -> None:
    """The planner is asked with the statistics of a portal that has grown: more tenants, users and weeks."""
    if portal.server.major < 18:
        pytest.skip("PostgreSQL 18 and newer import statistics")
    factor = 10_000_000 / ROWS
    query = portal.queries[asked.key]
    with psycopg.connect(portal.url, autocommit=True) as connection:
        known = statistics.read(connection, schemas=["public"], exclude=())
    grown = replace(
        known,
        relations=tuple(
            replace(each, pages=int(each.pages * factor), rows=each.rows * factor, all_visible=0)
            for each in known.relations
        ),
        columns=tuple(_grown(row, factor) for row in known.columns),
    )
    sql = _literal(portal.url, query)
    with Scratch(portal.server.admin_url, private=False) as scratch, scratch.database() as empty:
        for file in sorted(MIGRATIONS.glob("*/up.sql")):
            empty.execute(file.read_bytes())
        with empty.transaction(force_rollback=True):
            planner.begin(empty, ["public"])
            asked_of = Imitation(empty, grown, about="")
            asked_of.offer(())
            assert query.index in asked_of.plan(sql, ()).indexes


def _grown(row: tuple[Any, ...], factor: float) -> tuple[Any, ...]:
    """Return a column's statistics when there are more values, each as often as before: none is common any more."""
    schema, table, name, inherited, nulls, width, distinct, *_ = row
    more = distinct * factor if distinct > 20 else distinct  # few values, such as those of a status, stay few
    values = list(row[7:]) if distinct <= 20 else [None, None, None, None]
    return (schema, table, name, inherited, nulls, width, more, *values)


def _used(connection: psycopg.Connection[Any], query: Query) -> frozenset[str]:
    row = connection.execute(
        cast("LiteralString", f"EXPLAIN (VERBOSE, FORMAT JSON) {query.sql}"), query.parameters
    ).fetchone()
    assert row is not None
    return planned(row[0][0]).indexes


def _literal(url: str, query: Query) -> str:
    """Return the query with its parameters as literals."""
    with psycopg.connect(url) as connection:
        return psycopg.ClientCursor(connection).mogrify(cast("LiteralString", query.sql), query.parameters)
