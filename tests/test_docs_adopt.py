"""docs/adopt.md does what it says: each guide runs from top to bottom in a folder and a database of its own."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from documents import blocks, follow
from foreign import kit
from mizzle.adopt.findings import Kind
from servers import tcp_url

if TYPE_CHECKING:
    from servers import Server

PAGE = (Path(__file__).parents[1] / "docs" / "adopt.md").read_text(encoding="utf-8")
GUIDES = ("From Alembic", "From Drizzle", "From nothing")


def guide(name: str) -> str:
    """The text of a chapter."""
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_does_what_it_says(pg18: Server, database: str, tmp_path: Path, name: str) -> None:
    url = tcp_url(database)
    programs = [str(Path(sys.executable).parent), str(pg18.bin), os.environ["PATH"]]
    folder = tmp_path / "project"
    folder.mkdir()
    text = guide(name)
    if name == "From Drizzle":
        (folder / "node_modules").symlink_to(kit("0.31") / "node_modules")
        (folder / "schema.ts").touch()
        text = text.replace("postgresql://localhost/shop", url)
    follow(text, folder, {**os.environ, "HOME": str(tmp_path), "PATH": os.pathsep.join(programs), "DATABASE_URL": url})


def test_no_block_of_the_page_escapes_the_test() -> None:
    found = list(blocks(PAGE))
    assert PAGE.count("\n```") == 2 * len(found) == 2 * sum(len(list(blocks(guide(name)))) for name in GUIDES)
    assert all(b.language in {"console", "diff"} or b.comment.startswith("in ") for b in found)


def test_each_finding_has_its_row() -> None:
    assert re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE) == list(Kind)
