"""adopt on databases of real applications: what is written is what is there, and another database comes of it.

Some of the dumps are tried each time, all of them with MIZZLE_TEST_FUZZ=1 (make fuzz).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from mizzle.sources.dumps import plain
from projects import Project, execute
from referee import schema_text
from roles import with_roles

if TYPE_CHECKING:
    from servers import Server

_FOLDER = Path(__file__).parents[2] / "shared" / "dumps"
_ABSENT = pytest.param(Path(), marks=pytest.mark.skip(reason="no dumps beside the repository, in ../shared/dumps"))
_SOME = ("pagila", "supabase_storage")
_ALL = os.environ.get("MIZZLE_TEST_FUZZ") == "1"
_DUMPS = [pytest.param(file, id=file.stem) for file in sorted(_FOLDER.glob("*.sql")) if _ALL or file.stem in _SOME] or [
    _ABSENT
]
_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1"


@pytest.mark.parametrize("dump", _DUMPS)
def test_a_real_database_is_taken_over_whole(dump: Path, pg18: Server, tmp_path: Path) -> None:
    url, copy = pg18.create(), pg18.create()
    text = plain(dump.read_text(encoding="utf-8"), place=dump.name)[0]
    with_roles(pg18, lambda: _run(url, text))
    schemas = [name for (name,) in execute(url, _SCHEMAS)]
    shop = Project(tmp_path)
    (tmp_path / "mizzle.toml").write_text(f"schemas = {json.dumps(schemas)}\n", encoding="utf-8")
    before = schema_text(url, bin=pg18.bin)
    told = shop.run("--url", url, "adopt", "--json").json
    assert told["drift"] == []
    assert schema_text(url, bin=pg18.bin) == before
    assert told["unmanaged"] == []
    assert told["ignored"] == (["table:public.alembic_version"] if dump.stem == "warehouse" else [])
    shop.run("check", "--url", url)
    shop.run("--url", copy, "migrate")
    shop.run("check", "--url", copy)


def _run(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode())
