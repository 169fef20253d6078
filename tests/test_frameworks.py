"""docs/frameworks.md: each chapter is a project of its own, and does what it says."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from documents import blocks, follow

if TYPE_CHECKING:
    from servers import Server

PAGE = (Path(__file__).parents[1] / "docs" / "frameworks.md").read_text(encoding="utf-8")
HEAD, *CHAPTERS = re.split(r"^## ", PAGE, flags=re.MULTILINE)


def title(chapter: str) -> str:
    return chapter.partition("\n")[0]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=title)
def test_a_chapter_does_what_it_says(chapter: str, pg18: Server, database: str, tmp_path: Path) -> None:
    other = pg18.create()
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "DATABASE_URL": database,
        "DEV_DATABASE_URL": other,
    }
    folder = tmp_path / "project"
    folder.mkdir()
    try:
        follow(chapter, folder, environment)
    finally:
        pg18.drop(other)


def test_no_block_of_the_page_escapes_the_test() -> None:
    assert not list(blocks(HEAD))
    found = list(blocks(PAGE))
    assert PAGE.count("\n```") == 2 * len(found)
    assert all(block.language == "console" or block.comment.startswith("in ") for block in found)


def test_each_chapter_that_answers_requests_has_a_test_that_asks() -> None:
    asking = [title(chapter) for chapter in CHAPTERS if "client" in chapter]
    assert asking == ["FastAPI", "Flask", "SQLModel"]
