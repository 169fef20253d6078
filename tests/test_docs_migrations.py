"""docs/migrations.md does what it says: its commands run, in order, in the portal of a fresh clone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from documents import blocks, follow
from messages import is_said

if TYPE_CHECKING:
    from servers import Server

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "migrations.md").read_text(encoding="utf-8")


@pytest.fixture
def environment(pg18: Server, database: str, tmp_path: Path) -> dict[str, str]:
    """What a developer's shell has: two databases, and `mizzle` and git of one's own."""
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


@pytest.fixture
def portal(environment: dict[str, str], tmp_path: Path) -> Path:
    """The portal's folder in a clone of its own."""
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "portal", clone / "portal", ignore=shutil.ignore_patterns("__pycache__", ".mizzle", ".env"))
    shutil.copy(ROOT / ".gitignore", clone)
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "The portal"]):
        subprocess.run(["git", *command], cwd=clone, env=environment, check=True)
    return clone / "portal"


def test_every_command_of_the_page_does_what_the_page_says(environment: dict[str, str], portal: Path) -> None:
    follow(PAGE, portal, environment)


def test_no_block_of_the_page_escapes_the_test() -> None:
    assert PAGE.count("\n```") == 2 * len(list(blocks(PAGE)))
    assert {block.language for block in blocks(PAGE)} <= {"console", "diff", "sql", "sh"}
    assert all(block.comment.startswith("in ") for block in blocks(PAGE) if block.language == "sql")


def test_the_messages_of_the_page_are_those_of_the_software() -> None:
    table = PAGE.partition("## Something went wrong")[2].partition("\n## ")[0]
    quoted = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    assert len(quoted) > 15
    assert [message for message in quoted if not is_said(message)] == []
