"""The fixed point, on schemas of real applications: what was read, rendered and loaded again reads the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from mizzle.catalog import prune
from mizzle.catalog.catalog import EMPTY
from mizzle.catalog.read import read
from mizzle.differ.compare import compare, describe
from mizzle.planning.plan import plan
from mizzle.planning.session import pin_sql
from mizzle.server.session import UNCHECKED
from mizzle.sources.dumps import plain
from referee import restore, schema_text
from roles import with_roles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mizzle.catalog.catalog import Catalog
    from mizzle.prove import Scratch
    from servers import Server

_FOLDER = Path(__file__).parents[2] / "shared" / "dumps"
_ABSENT = pytest.param(Path(), marks=pytest.mark.skip(reason="no dumps beside the repository, in ../shared/dumps"))
_DUMPS = [pytest.param(file, id=file.stem) for file in sorted(_FOLDER.glob("*.sql"))] or [_ABSENT]
_WHOLE = [each for each in _DUMPS if each.id in {"chinook", "northwind", "temporal"}] or [_ABSENT]

_NEWER_THAN_15 = {
    "pagila": "virtual columns",
    "pagila_temporal": "virtual columns",
    "supabase_auth": "the privilege MAINTAIN",
}


@pytest.fixture(params=_DUMPS, scope="module")
def dump(request: pytest.FixtureRequest) -> Path:
    """Each of the dumps in turn."""
    file: Path = request.param
    return file


@pytest.fixture(scope="module")
def schema(dump: Path, pg18: Server, scratch: Scratch) -> Catalog:
    """What 18 says of the dump."""
    return with_roles(pg18, lambda: scratch.load(_text(dump), name=dump.name))


@pytest.fixture
def on_15(dump: Path, pg15: Server) -> Iterator[str]:
    """The URL of a database on 15 that holds the dump."""
    if dump.stem in _NEWER_THAN_15:
        pytest.skip(f"PostgreSQL 15 has not {_NEWER_THAN_15[dump.stem]}")
    url = pg15.create()
    with_roles(pg15, lambda: _run(url, _text(dump)))
    yield url
    pg15.drop(url)


def test_what_is_rendered_reads_the_same_and_its_undo_leaves_nothing(schema: Catalog, scratch: Scratch) -> None:
    managed = prune.managed(schema)
    planned = plan(EMPTY, managed)
    assert describe(compare(scratch.load(f"{UNCHECKED}; {planned.sql}"), managed)) == ()
    scratch.prove(planned)


@pytest.mark.parametrize("dump", _WHOLE, indirect=True)
def test_what_is_all_managed_is_rebuilt_as_pg_dump_says(dump: Path, schema: Catalog, pg18: Server) -> None:
    assert schema.unmanaged == ()
    assert _restored(pg18, plan(EMPTY, schema).sql) == _restored(pg18, _text(dump))


def test_no_difference_to_the_same_schema_on_15(schema: Catalog, scratch: Scratch, on_15: str) -> None:
    with psycopg.connect(on_15, autocommit=True) as connection:
        connection.execute(pin_sql().encode())
        live = read(connection)
    assert live.unmanaged == schema.unmanaged
    assert describe(compare(scratch.rehome(live), schema)) == ()


def _text(dump: Path) -> str:
    return plain(dump.read_text(encoding="utf-8"), place=dump.name)[0]


def _restored(server: Server, sql: str) -> str:
    source, copy = server.create(), server.create()
    _run(source, sql)
    restore(source, copy, bin=server.bin)
    return schema_text(copy, bin=server.bin)


def _run(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode())
