"""The docs leave nothing out: every hazard, setting, command, public name and link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mizzle
from mizzle.advise.findings import Code
from mizzle.cli.main import COMMANDS
from mizzle.lint.findings import Code as Lint
from mizzle.lint.rules import RULES
from mizzle.planning.steps import HAZARDS, HazardCode
from mizzle.project.config import Config

ROOT = Path(__file__).parents[1]
# Pages whose files are examples of SQL, each for the command below it.
WITHOUT_NAMES = {"commands", "hazards", "lint", "migrations", "online"}
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("portal/*.md")])


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def headings(text: str, level: int) -> list[str]:
    """The headings of one level, in their order."""
    return re.findall(rf"^#{{{level}}} (.+)$", text, re.MULTILINE)


def first_column(text: str) -> list[str]:
    """What stands in code style in the first column of the tables, in their order."""
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def test_each_hazard_has_its_chapter() -> None:
    assert headings(page("docs/hazards.md"), 2) == list(HAZARDS)
    assert sorted(HAZARDS) == sorted(HazardCode)


def test_each_kind_of_advice_has_its_chapter_in_the_order_of_the_output() -> None:
    chapters = headings(page("docs/advise.md"), 2)
    assert [each for each in chapters if each in set(Code)] == list(Code)


def test_each_code_of_lint_has_its_chapter_in_the_order_of_the_output() -> None:
    chapters = headings(page("docs/lint.md"), 2)
    assert [each for each in chapters if each in set(Lint)] == list(Lint)


def test_each_rule_that_squawk_alone_has_is_described() -> None:
    alone = [name for name, rule in RULES.items() if rule.counts in {"always", "locked"}]
    assert sorted(first_column(page("docs/lint.md"))[2:]) == sorted(alone)


def test_each_setting_is_described() -> None:
    settings = page("docs/configuration.md").partition("## Environment")[0]
    assert first_column(settings) == [name for name in Config.__struct_fields__ if name not in {"root", "flag_url"}]


def test_each_command_has_its_chapter_and_its_help() -> None:
    text = page("docs/commands.md")
    assert sorted(headings(text, 2)[1:]) == sorted(f"mizzle {command}" for command in COMMANDS)
    assert all(f"$ mizzle {command} --help\n" in text for command in COMMANDS)


def test_the_public_names_are_those_of_the_page_sorted_and_importable() -> None:
    assert mizzle.__all__ == sorted(mizzle.__all__)
    assert sorted(first_column(page("docs/library.md"))) == sorted(mizzle.__all__)
    assert all(getattr(mizzle, name) is not None for name in mizzle.__all__)
    assert dir(mizzle) == mizzle.__all__


def test_a_reader_sees_what_each_file_is_called() -> None:
    pages = [each for each in PAGES if each.stem not in WITHOUT_NAMES]
    files = [
        (each, found)
        for each in pages
        for found in re.finditer(r"([^\n]*\n[^\n]*)\n\n<!-- in (\S+) -->\n", each.read_text())
    ]
    assert len(files) > 50
    assert [(each.name, found[2]) for each, found in files if f"`{found[2]}`" not in found[1]] == []


def test_the_page_that_is_made_from_the_code_has_each_public_name_and_each_fixture() -> None:
    made = re.findall(r"^::: (\S+)$", page("docs/api.md"), re.MULTILINE)
    assert {f"mizzle.{name}" for name in mizzle.__all__} <= {*made}
    fixtures = re.findall(r"^def (mizzle_\w+)", page("src/mizzle/testing/plugin.py"), re.MULTILINE)
    assert {f"mizzle.testing.plugin.{name}" for name in fixtures} <= {*made}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        found = path.parent / file if file else path
        assert found.exists(), target
        if anchor:
            text = found.read_text(encoding="utf-8")
            assert anchor in map(slug, (*headings(text, 2), *headings(text, 3))), target


def slug(heading: str) -> str:
    """The anchor that a heading gets where pages are shown."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
