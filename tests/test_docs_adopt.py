"""docs/adopt.md and the guides from other tools do what they say, each in a folder and a database of its own."""

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

DOCS = Path(__file__).parents[1] / "docs"
DRIZZLE = "from-drizzle.md"
PAGES = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("from-alembic.md", DRIZZLE, "adopt.md")}


@pytest.mark.parametrize("name", PAGES)
def test_a_guide_does_what_it_says(pg18: Server, database: str, tmp_path: Path, name: str) -> None:
    url = tcp_url(database)
    programs = [str(Path(sys.executable).parent), str(pg18.bin), os.environ["PATH"]]
    folder = tmp_path / "project"
    folder.mkdir()
    text = PAGES[name]
    if name == DRIZZLE:
        (folder / "node_modules").symlink_to(kit("0.31") / "node_modules")
        (folder / "schema.ts").touch()
        text = text.replace("postgresql://localhost/shop", url)
    follow(text, folder, {**os.environ, "HOME": str(tmp_path), "PATH": os.pathsep.join(programs), "DATABASE_URL": url})


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_no_block_of_a_page_escapes_the_test(page: str) -> None:
    found = list(blocks(page))
    assert page.count("\n```") == 2 * len(found)
    assert all(b.language in {"console", "diff"} or b.comment.startswith("in ") for b in found)


def test_each_finding_has_its_row() -> None:
    chapter = PAGES[DRIZZLE].partition("\n## What may be found\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([^`]+)` \|", chapter, re.MULTILINE) == list(Kind)
