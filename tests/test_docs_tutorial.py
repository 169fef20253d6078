"""docs/tutorial.md: typed word for word, from an empty folder to production, by a reader who has nothing but Python.

`mizzle` is the wheel of this repository; all else comes from the package registry, or pip's cache.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from documents import blocks, follow
from servers import short_lived_folder
from shells import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "mizzle"
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin")
ABOUT_PIP = "PIP_"  # how the machine reaches the registry
WRITER = {f"GIT_{role}_{what}": "reader" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory: pip writes some thousand files."""
    with short_lived_folder() as folder:
        yield folder


@pytest.fixture
def environment(place: Path, wheel: Path) -> dict[str, str]:
    """What a reader's shell has: a Python, an empty home, and of the machine nothing but how it installs packages."""
    (home := place / "home").mkdir()
    links = [os.environ.get("PIP_FIND_LINKS", ""), str(wheel.parent)]
    return {
        "PIP_CACHE_DIR": str(Path.home() / ".cache" / "pip"),
        **{name: value for name, value in os.environ.items() if name.startswith(ABOUT_PIP)},
        **WRITER,
        "HOME": str(home),
        "PATH": os.pathsep.join([str(Path(sys.base_prefix) / "bin"), *SYSTEM]),
        "PIP_FIND_LINKS": " ".join(links),
        "PIP_NO_COMPILE": "1",  # what is imported is compiled then
        "UVICORN_PORT": str(free_port()),
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def with_ports(page: str, environment: dict[str, str]) -> str:
    """Return the page with ports that are free here: somebody may have those of uvicorn and studio."""
    return page.replace("localhost:8000", f"localhost:{environment['UVICORN_PORT']}").replace(":4973/", ":.../")


def test_a_fresh_project_adopts_mizzle_as_the_page_says(environment: dict[str, str], place: Path) -> None:
    for program in ("bash", "curl", "git", "python3"):
        if shutil.which(program, path=environment["PATH"]) is None:
            stop(f"{program} is not here")
    (folder := place / "users").mkdir()
    with Shell(folder, environment) as bash:

        def shell(line: str) -> tuple[int, str]:
            code, printed = bash(line)
            if code and line.startswith("pip "):
                stop(f"pip cannot install what the page wants: {printed}")
            return code, printed

        follow(with_ports(PAGE, environment), folder, {}, shell=shell)
    (installed,) = (folder / ".venv").glob("lib/python*/site-packages/mizzle")
    assert all(
        (installed / path.relative_to(SOURCES)).read_bytes() == path.read_bytes() for path in SOURCES.rglob("*.py")
    )


def test_no_block_of_the_page_escapes_the_test() -> None:
    found = list(blocks(PAGE))
    assert PAGE.count("\n```") == 2 * len(found)
    assert all(block.language in {"console", "diff"} or block.comment.startswith("in ") for block in found)
