"""Runs the pages of README and docs, and writes into them what their commands print now: `make outputs`.

Only where it is not what the page says; `...` and the moments of an output that still fits stay. Read the difference.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from documents import Command, blocks, commands, edit, outcome, pattern, place  # noqa: E402
from servers import Server, embedded_bin  # noqa: E402

IN_THE_PORTAL = "docs/migrations.md"
PAGES = (
    "README.md",
    *(
        f"docs/{each}.md"
        for each in ("commands", "expand-contract", "hazards", "index", "lint", "online", "pull", "team")
    ),
    IN_THE_PORTAL,
)


def main() -> None:
    """Renew the pages that are named, or all."""
    server = Server.start(18, embedded_bin())
    try:
        for page in sys.argv[1:] or PAGES:
            with tempfile.TemporaryDirectory() as temporary:
                renew(page, Path(temporary), server)
    finally:
        server.stop()


def renew(page: str, temporary: Path, server: Server) -> None:
    """Renew one page, in a folder of its own."""
    environment = {
        **os.environ,
        "HOME": str(temporary),
        "XDG_CACHE_HOME": str(temporary / "cache"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "DATABASE_URL": server.create(),
        "DEV_DATABASE_URL": server.create(),
        **{f"GIT_{role}_{what}": "dev" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        **{f"GIT_CONFIG_{which}": os.devnull for which in ("GLOBAL", "SYSTEM")},
    }
    folder = portal(temporary, environment) if page == IN_THE_PORTAL else temporary / "project"
    folder.mkdir(exist_ok=True)
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in blocks(text):
        if block.language == "diff":
            edit(block, folder)
        elif block.comment.startswith("in "):
            place(folder, block.comment.removeprefix("in ")).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            new = "".join(printed(command, folder, environment, f"{page}:{block.line}") for command in commands(block))
            text = text.replace(f"```console\n{block.text}```", f"```console\n{new}```", 1)
    (ROOT / page).write_text(text, encoding="utf-8")


def printed(command: Command, folder: Path, environment: dict[str, str], where: str) -> str:
    """Run a command, and return what the page is to show of it."""
    code, output = outcome(["bash", "-c", command.line], folder, environment)
    if code != command.exit_code:
        sys.stderr.write(f"{where}: $ {command.line}\nexits {code}, not {command.exit_code}\n{output}\n")
    fits = not command.output.strip() or re.fullmatch(pattern(command.output), output, re.DOTALL)
    shown = command.output if fits else "".join(merged(command.output, output.replace(str(folder), "...")))
    return f"$ {command.line}\n{shown}"


def merged(old: str, new: str) -> Iterator[str]:
    """Yield the lines of `new`, as `old` has them where they fit."""
    before = [line for line in old.splitlines(keepends=True) if line.strip("., \n")]  # `...` alone fits everything
    for line in new.splitlines(keepends=True):
        found = next((each for each in before if re.fullmatch(pattern(each), line)), line)
        if found in before:
            del before[: before.index(found) + 1]
        yield found


def portal(temporary: Path, environment: dict[str, str]) -> Path:
    """Return the portal's folder in a clone of its own."""
    clone = temporary / "clone"
    shutil.copytree(ROOT / "portal", clone / "portal", ignore=shutil.ignore_patterns("__pycache__", ".mizzle", ".env"))
    shutil.copy(ROOT / ".gitignore", clone)
    for line in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "The portal"]):
        subprocess.run(["git", *line], cwd=clone, env=environment, check=True)  # noqa: S607 - whoever's git it is
    return clone / "portal"


if __name__ == "__main__":
    main()
