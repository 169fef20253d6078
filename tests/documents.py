"""Runs a Markdown page: what its fenced blocks tell a reader to do, from top to bottom.

- ```` ```console ````: a line after `$ ` is a command, the lines below it are all that it prints; `...` stands for
  anything, and moments and durations differ each time. Each command succeeds; the comment `<!-- exits 1 -->` before a
  block says how its last one ends instead. A command without lines below it may print what it likes.
- ```` ```diff ````: an edit of the file that its first line names (`--- FILE`); each hunk, between `@@` lines or the
  block's ends, is found in exactly one place.
- `<!-- in FILE -->` before any other block: the block becomes the text of FILE. FILE may be a pattern for one file.
- ```` ```pycon ````: Python's own prompt, with what it prints. All such blocks of a page are one session, run last.
- Other blocks are for reading.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Bash = Callable[[str], tuple[int, str]]

_BLOCK = re.compile(r"^(?:<!-- ([^\n]*?) -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_VARIES = re.compile(
    r"""
      (?P<anything> \.\.\. )
    | (?P<id>       [0-9]{14}(?=_) )
    | (?P<moment>   [0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:]{8}(?:\.[0-9]+)? )
    | (?P<seconds>  [0-9]+\.[0-9]+(?=\ s\b) | (?<="seconds":\ )[0-9.]+ )
    """,
    re.VERBOSE,
)
_STANDS_FOR = {
    "anything": r".*?",
    "id": r"[0-9]{14}",
    "moment": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:]{8}(?:\.[0-9]+)?",
    "seconds": r"[0-9.]+",
}
_OF_MAKE = frozenset({"ARGS", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"})
_SESSION = """
import doctest, sys
sys.path.insert(0, "")
sys.exit(doctest.testfile(sys.argv[1], module_relative=False, optionflags=doctest.ELLIPSIS).failed > 0)
"""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the comment before it, its language, its text, and its line in the page, counted from 1."""

    comment: str
    language: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a `console` block, what it prints, and how it ends."""

    line: str
    output: str
    exit_code: int


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for match in _BLOCK.finditer(page):
        yield Block(match[1] or "", match[2], match[3], page.count("\n", 0, match.start(2)) + 1)


def follow(page: str, folder: Path, env: Mapping[str, str], *, shell: Bash | None = None) -> None:
    """Do in `folder` what the page says. Raises AssertionError that names the line of the page.

    `shell` is given each command's line, and returns its exit code and what it prints; by default a new bash.
    """

    def bash(line: str) -> tuple[int, str]:
        return outcome(["bash", "-c", line], folder, env)

    for block in blocks(page):
        if block.language == "console":
            for command in commands(block):
                run(command, shell or bash, where=f"line {block.line}")
        elif block.language == "diff":
            edit(block, folder)
        elif block.comment.startswith("in "):
            place(folder, block.comment.removeprefix("in ")).write_text(block.text, encoding="utf-8")
    if any(block.language == "pycon" for block in blocks(page)):
        converse(page, folder, env)


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a `console` block."""
    found = [entry.partition("\n") for entry in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]]
    assert found, f"line {block.line}: a console block without a command"
    last = int(block.comment.removeprefix("exits ")) if block.comment.startswith("exits ") else 0
    for number, (line, _, output) in enumerate(found, 1):
        yield Command(line, output, last if number == len(found) else 0)


def run(command: Command, shell: Bash, *, where: str) -> None:
    """Run one command in a shell, and compare its exit code and what it prints."""
    code, printed = shell(command.line)
    told = f"{where}: $ {command.line}\nexit code {code}\n{printed}"
    assert code == command.exit_code, told
    if command.output.strip():
        assert re.fullmatch(pattern(command.output), printed, re.DOTALL), f"{told}\nis not\n{command.output}"


def pattern(output: str) -> str:
    """Return a regular expression for what a command prints, from what a page shows of it; an empty line may end it."""
    pieces: list[str] = []
    end = 0
    for match in _VARIES.finditer(output := output.rstrip("\n")):
        pieces += [re.escape(output[end : match.start()]), _STANDS_FOR[match.lastgroup or ""]]
        end = match.end()
    return "".join([*pieces, re.escape(output[end:]), r"\n*"])


def converse(page: str, folder: Path, env: Mapping[str, str]) -> None:
    """Run a page's Python sessions as one doctest, which says the page's own lines."""
    lines = [""] * (page.count("\n") + 1)
    for block in blocks(page):
        if block.language == "pycon":
            text = block.text.splitlines()
            lines[block.line : block.line + len(text)] = text
    script = folder / "session.txt"
    script.write_text("\n".join(lines), encoding="utf-8")
    code, printed = outcome([sys.executable, "-c", _SESSION, script.name], folder, env)
    assert code == 0, printed


def outcome(command: list[str], folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a program without a terminal; return its exit code and all that it prints.

    A `make` in it is a reader's own, not one that the make running the tests has called: that would tell its folder.
    """
    process = subprocess.run(
        command,
        cwd=folder,
        env={name: value for name, value in env.items() if name not in _OF_MAKE},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return process.returncode, process.stdout


def edit(block: Block, folder: Path) -> None:
    """Apply a `diff` block."""
    first, _, rest = block.text.partition("\n")
    file = place(folder, first.removeprefix("--- "))
    text = file.read_text(encoding="utf-8")
    for hunk in re.split(r"^@@.*\n", rest, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
        assert text.count(old) == 1, f"line {block.line}: found {text.count(old)} times in {file.name}:\n{old}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def place(folder: Path, name: str) -> Path:
    """Return the file in `folder` that `name` is: a path, or a pattern for the one file that there is."""
    if "*" not in name:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        return folder / name
    found = list(folder.glob(name))
    assert len(found) == 1, f"{name} names {len(found)} files"
    return found[0]
