"""What the docs say of the code is what the code says; their examples are what the schemas allow."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from tools.reference.pages import FILES, PAGES, now

from documents import blocks, commands
from mizzle.cli.results.schemas import RESULTS
from told import expect_as_said, strict

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", [*PAGES, *FILES])
def test_a_page_says_what_the_code_says(name: str) -> None:
    before, after = now(name)
    assert before == after, f"docs/{name} is not what the code says: make docs"


def test_each_command_has_a_chapter_with_an_example_that_its_schema_allows() -> None:
    chapters = re.split(r"^## ", (DOCS / "json.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {title.removeprefix("mizzle "): text for title, _, text in (each.partition("\n") for each in chapters)}
    assert [name for name in found if name in RESULTS] == list(RESULTS)
    for name in ("Errors", *(name for name, shapes in RESULTS.items() if shapes)):
        (example,) = [json.loads(each.text) for each in blocks(found[name]) if each.language == "json"]
        strict("migrate" if name == "Errors" else name).validate(example)


def test_what_commands_print_in_the_docs_is_what_their_schemas_allow() -> None:
    seen = 0
    for page in DOCS.glob("*.md"):
        for block in blocks(page.read_text(encoding="utf-8")):
            for command in commands(block) if block.language == "console" else ():
                words = shlex.split(command.line, comments=True)
                if words[0] == "mizzle" and "--json" in words and command.output.startswith("{"):
                    expect_as_said(words[1:], command.output, command.exit_code)
                    seen += 1
    assert seen
