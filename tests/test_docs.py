"""README and docs do what they say: their commands and sessions run, and print what the pages show."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from documents import blocks, follow

if TYPE_CHECKING:
    from servers import Server

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "docs/alembic.md",
    "docs/commands.md",
    "docs/expand-contract.md",
    "docs/hazards.md",
    "docs/index.md",
    "docs/library.md",
    "docs/lint.md",
    "docs/online.md",
    "docs/pull.md",
    "docs/push.md",
    "docs/team.md",
    "docs/testing.md",
)
FOR_READING = {"sh", "toml", "json", "text"}


@pytest.fixture
def environment(pg18: Server, database: str, tmp_path: Path) -> dict[str, str]:
    """What a reader's shell has: two databases, `mizzle` on its path, and a name in git."""
    person = {f"GIT_{role}_{what}": "dev" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {
        **os.environ,
        **person,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "HOME": str(tmp_path),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "DATABASE_URL": database,
        "DEV_DATABASE_URL": pg18.create(),
    }


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_says(environment: dict[str, str], tmp_path: Path, page: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    follow((ROOT / page).read_text(encoding="utf-8"), folder, environment)


@pytest.mark.parametrize("page", PAGES)
def test_no_block_of_a_page_escapes_the_test(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = list(blocks(text))
    assert text.count("\n```") == 2 * len(found)
    unread = [b for b in found if b.language not in {"console", "diff", "pycon"} and not b.comment.startswith("in ")]
    assert {block.language for block in unread} <= FOR_READING
