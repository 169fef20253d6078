"""Runs a Markdown page: what its fenced blocks tell a reader to do, from top to bottom.

- ```` ```console ````: a line after `$ ` is a command, the lines below it are what it prints, where `...` stands for
  anything. Each command succeeds; the comment `<!-- exits 1 -->` before a block says how its last one ends instead.
- ```` ```diff ````: an edit of the file that its first line names (`--- FILE`); each hunk, between `@@` lines or the
  block's ends, is found in exactly one place.
- `<!-- in FILE -->` before any other block: the block becomes the text of FILE. FILE may be a pattern for one file.
- Other blocks are for reading.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_BLOCK = re.compile(r"^(?:<!-- ([^\n]*?) -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


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


def follow(page: str, folder: Path, env: Mapping[str, str]) -> None:
    """Do in `folder` what the page says. Raises AssertionError that names the line of the page."""
    for block in blocks(page):
        if block.language == "console":
            for command in commands(block):
                run(command, folder, env, where=f"line {block.line}")
        elif block.language == "diff":
            edit(block, folder)
        elif block.comment.startswith("in "):
            one_file(folder, block.comment.removeprefix("in ")).write_text(block.text, encoding="utf-8")


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a `console` block."""
    found = [entry.partition("\n") for entry in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]]
    assert found, f"line {block.line}: a console block without a command"
    last = int(block.comment.removeprefix("exits ")) if block.comment.startswith("exits ") else 0
    for number, (line, _, output) in enumerate(found, 1):
        yield Command(line, output, last if number == len(found) else 0)


def run(command: Command, folder: Path, env: Mapping[str, str], *, where: str) -> None:
    """Run one command in a shell, and compare its exit code and what it prints."""
    process = subprocess.run(
        ["bash", "-c", command.line],
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    told = f"{where}: $ {command.line}\nexit code {process.returncode}\n{process.stdout}"
    assert process.returncode == command.exit_code, told
    expected = ".*?".join(map(re.escape, command.output.split("...")))
    assert re.search(expected, process.stdout, re.DOTALL), f"{told}\ndoes not print\n{command.output}"


def edit(block: Block, folder: Path) -> None:
    """Apply a `diff` block."""
    first, _, rest = block.text.partition("\n")
    file = one_file(folder, first.removeprefix("--- "))
    text = file.read_text(encoding="utf-8")
    for hunk in re.split(r"^@@.*\n", rest, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
        assert text.count(old) == 1, f"line {block.line}: found {text.count(old)} times in {file.name}:\n{old}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def one_file(folder: Path, pattern: str) -> Path:
    """Return the one file in `folder` that `pattern` names."""
    found = list(folder.glob(pattern))
    assert len(found) == 1, f"{pattern} names {len(found)} files"
    return found[0]
