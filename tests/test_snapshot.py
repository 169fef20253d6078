"""Catalogs as JSON: they come back equal, notes and all, and the same one is always the same bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from mizzle.catalog import snapshot
from mizzle.catalog.catalog import EMPTY
from schemas import EVERYTHING, MORE, UNMANAGED

if TYPE_CHECKING:
    from mizzle.prove import Scratch


@pytest.mark.parametrize("sql", ["", EVERYTHING, MORE, UNMANAGED])
def test_comes_back_with_its_notes(sql: str, scratch: Scratch) -> None:
    catalog = scratch.load(sql)
    back = snapshot.decode(snapshot.encode(catalog))
    assert back == catalog
    assert (back.unmanaged, back.dependencies, back.major) == (catalog.unmanaged, catalog.dependencies, catalog.major)
    assert [table.order for table in back.tables] == [table.order for table in catalog.tables]


def test_the_same_schema_is_the_same_bytes(scratch: Scratch) -> None:
    assert snapshot.encode(scratch.load(EVERYTHING)) == snapshot.encode(scratch.load(EVERYTHING))


def test_what_has_its_default_is_left_out(scratch: Scratch) -> None:
    catalog = scratch.load("CREATE TABLE t (a integer, b text NOT NULL)")
    assert json.loads(snapshot.encode(catalog)) == {
        "tables": [
            {
                "schema": "public",
                "name": "t",
                "columns": [{"name": "a", "type": "integer"}, {"name": "b", "type": "text", "nullable": False}],
                "order": ["a", "b"],
            }
        ],
        "major": 18,
    }
    assert snapshot.encode(EMPTY) == b"{}"


@pytest.mark.parametrize("text", [b"[]", b'{"tables": 1}', b'{"tables": [{"name": "t"}]}', b"{"])
def test_what_is_no_catalog_is_refused(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        snapshot.decode(text)
