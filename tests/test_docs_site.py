"""The docs as a site: built strictly, whole, and at home on its own: it loads nothing from anybody else."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect
from tools.docs_site import broken, build, left_out, warned

from chromium import chromium

ROOT = Path(__file__).parents[1]
LOOKED_AT = ("index", "commands", "api", "oracle")
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
LISTS = "an empty line stands before a list, and four spaces before what belongs to an item"
SMALL = """
[project]
site_name = "small"
use_directory_urls = false
nav = ["index.md", "other.md"]
[project.theme]
font = false
"""


def test_the_site_is_built_without_a_warning_and_shows_without_an_error(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    for name in ("src", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    assert build(tmp_path) == []
    with chromium() as browser:
        page, wrong = browser.new_page(), list[str]()
        page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: wrong.append(asked.url) if asked.url.startswith("http") else None)
        for name in LOOKED_AT:
            page.goto((tmp_path / "site" / f"{name}.html").as_uri())
            fits(page, name)
        page.goto((tmp_path / "site" / "index.html").as_uri())
        use(page)
        assert wrong == []


def fits(page: Page, name: str) -> None:
    """Expect a page whose tables and blocks scroll, and that does not scroll sideways itself."""
    expect(page.locator("h1")).to_be_visible()
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {size}"


def use(page: Page) -> None:
    """Search, and copy a command, in pages that no server gives."""
    expect(page.locator(".language-console code").nth(1)).to_have_attribute("data-copy", "mizzle generate customers")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search").fill("expand contract")
    expect(page.get_by_role("option").first).to_contain_text("contract")


def test_what_a_reader_would_stumble_over_is_told(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "zensical.toml").write_text(SMALL)
    (tmp_path / "docs" / "index.md").write_text("# Here\n\n![lost](lost.png) ![far](https://example.org/a.png)\n")
    (tmp_path / "docs" / "alone.md").write_text("# Alone\n")
    assert [*left_out(tmp_path)] == [
        "docs/alone.md is not in the navigation: name it in `nav` of zensical.toml",
        "`nav` of zensical.toml names docs/other.md, which is not there",
    ]
    (tmp_path / "docs" / "alone.md").unlink()
    (tmp_path / "docs" / "other.md").write_text("# Other\n\nA list:\n- one\n- two\n")
    assert build(tmp_path) == [
        "index.html loads lost.png, which is not there",
        "index.html loads https://example.org/a.png from another host",
        f"docs/other.md has 0 items of lists instead of 2: {LISTS}",
    ]
    (tmp_path / "docs" / "index.md").write_text("# Here\n\n[one](lost.md) [two](other.md#lost) [three](#lost)\n")
    [told] = warned(tmp_path)
    assert [
        each for each in ("page does not exist", "anchor does not exist", "3 issues found") if each not in told
    ] == []
    assert "Traceback" not in told


def test_links_of_a_built_page_lead_somewhere(tmp_path: Path) -> None:
    links = ("there.html#a", "there.html#b", "gone.html", "../out.py", "#c", "https://example.org", "mailto:a@b.c")
    (tmp_path / "here.html").write_text("".join(f'<a href="{each}">x</a>' for each in links))
    (tmp_path / "there.html").write_text('<h2 id="a">A</h2>')
    (tmp_path / "index.html").write_text('<a href="/">x</a> <a href=".">y</a>')
    (tmp_path / "look.css").write_text(
        "@import 'https://example.org/a.css'; a { background: url(//example.org/b.png) }"
    )
    assert [*broken(tmp_path)] == [
        "here.html links to there.html#b, which has no such heading",
        "here.html links to gone.html, which is not there",
        "here.html links to ../out.py, out of docs/: write the file's name in backticks",
        "here.html links to #c, which has no such heading",
        "look.css loads https://example.org/a.css from another host",
        "look.css loads //example.org/b.png from another host",
    ]
