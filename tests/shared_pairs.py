"""The pairs of schemas in ../shared/cases, which other projects test themselves with, as parameters of tests."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from roles import with_roles

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

    from servers import Server

_FOLDER = Path(__file__).parents[2] / "shared" / "cases"
_ABSENT = pytest.param("", "", marks=pytest.mark.skip(reason="no cases beside the repository, in ../shared/cases"))
_LINES = [line for file in sorted(_FOLDER.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
_ALL = [pytest.param(each["old"], each["new"], id=each["id"]) for each in map(json.loads, _LINES)]
_MAJORS = os.environ.get("MIZZLE_TEST_MAJORS", "")
_ABOUT_ROLES = ("GRANT ", "REVOKE ", "OWNER TO ", "DEFAULT PRIVILEGES")


def pairs(*, one_of: int) -> list[ParameterSet]:
    """Return `old` and `new` of all pairs where all are asked for, else of one of so many."""
    return (_ALL if _MAJORS or os.environ.get("MIZZLE_TEST_FUZZ") else _ALL[::one_of]) or [_ABSENT]


def majors(otherwise: str) -> list[int]:
    """Return the versions that MIZZLE_TEST_MAJORS names, or those of `otherwise`."""
    return [int(major) for major in (_MAJORS or otherwise).split(",")]


def is_about_roles(*schemas: str) -> bool:
    """Say whether a schema is about more than objects: then that is managed, too."""
    return any(words in schema.upper() for schema in schemas for words in _ABOUT_ROLES)


def load_or_skip(server: Server, schema: str) -> None:
    """Load a schema as it stands; skip the test where this version of PostgreSQL cannot."""
    url = server.create()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            with_roles(server, lambda: connection.execute(schema.encode()))
    except psycopg.Error as error:
        pytest.skip(f"PostgreSQL {server.major} cannot load it: {error.diag.message_primary}")
    finally:
        server.drop(url)
