"""Builds the docs as a site, and fails on what a reader would stumble over: `make site`.

Zensical's strict build ends at a link to a page or a heading that is not there. What it lets pass is looked for here: a
page that the navigation leaves out, images that are not there, links out of docs/, anything that a page would load from
another host, and Markdown that comes out otherwise than where the file itself is shown.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

from markdown_it import MarkdownIt
from tools.docs_titles import titled

ROOT = Path(__file__).parents[1]
CONFIG = "zensical.toml"

_LOADS = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src", "video": "src"}
_COMPARED = {
    "li": "items of lists",
    "tr": "rows of tables",
    "pre": "blocks",
    "code": "pieces of code",
    "h2": "chapters",
}
_LOADING_LINKS = frozenset({"icon", "stylesheet", "preload", "modulepreload", "preconnect"})
_WAY_OUT = "an empty line stands before a list, and four spaces before what belongs to an item"
_FROM_CODE = re.compile(r"^::: ", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LOADED_BY_STYLE = re.compile(r"""(?:@import\s+|url\()["']?((?:https?:)?//[^"')\s]+)""")


@dataclass(slots=True)
class Page:
    """What a page of the site has: anchors, targets of links, what it loads, and how many elements of a kind."""

    anchors: set[str] = field(default_factory=set[str])
    links: list[str] = field(default_factory=list[str])
    loads: list[str] = field(default_factory=list[str])
    made: Counter[str] = field(default_factory=Counter[str])


class _Reader(HTMLParser):
    """Fills a Page."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what an element says of itself."""
        said = {name: value for name, value in attrs if value is not None}
        self.page.anchors.update(said[name] for name in ("id", *(["name"] if tag == "a" else [])) if name in said)
        self._inside |= tag == "article"
        if self._inside and tag in _COMPARED:
            self.page.made[tag] += 1
        target = said.get(_LOADS.get(tag, ""))
        if tag == "a" and "href" in said:
            self.page.links.append(said["href"])
        elif target is not None and (tag != "link" or _LOADING_LINKS & {*said.get("rel", "").split()}):
            self.page.loads.append(target)

    def handle_endtag(self, tag: str) -> None:
        """Take note of where the text of a page ends."""
        self._inside &= tag != "article"


def build(root: Path) -> list[str]:
    """Build the site of the project at `root` into its folder site/; return what is wrong with it, a line each."""
    return [*left_out(root)] or warned(root) or [*broken(root / "site"), *otherwise(root)]


def warned(root: Path) -> list[str]:
    """Build the site; return what Zensical says where it warns of anything, without its own traceback behind that."""
    program = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(program, cwd=root, capture_output=True, encoding="utf-8", check=False)
    told = _COLOURS.sub("", done.stderr or done.stdout)
    return [told.partition("\nTraceback")[0]] if done.returncode else []


def left_out(root: Path) -> Iterator[str]:
    """Yield the pages that the navigation leaves out, and those that it names and that are not there."""
    with (root / CONFIG).open("rb") as file:
        named = list(_pages(tomllib.load(file)["project"]["nav"]))
    there = {path.relative_to(root / "docs").as_posix() for path in root.glob("docs/**/*.md")}
    yield from (
        f"docs/{each} is not in the navigation: name it in `nav` of {CONFIG}" for each in sorted(there - {*named})
    )
    yield from (f"`nav` of {CONFIG} names docs/{each}, which is not there" for each in sorted({*named} - there))
    yield from (f"`nav` of {CONFIG} names docs/{each} twice" for each in sorted({*named}) if named.count(each) > 1)


def _pages(nav: Any) -> Iterator[str]:
    """Yield the pages of a navigation, in its order."""
    match nav:
        case str():
            yield nav
        case dict():
            for each in nav.values():
                yield from _pages(each)
        case _:
            for each in nav:
                yield from _pages(each)


def broken(site: Path) -> Iterator[str]:
    """Yield what is wrong with a built site: links and images that lead nowhere, what other hosts would serve."""
    pages = {path: read(path.read_text(encoding="utf-8")) for path in sorted(site.glob("**/*.html"))}
    for path, page in pages.items():
        name = path.relative_to(site)
        for target in page.loads:
            if _elsewhere(target):
                yield f"{name} loads {target} from another host"
            elif not _place(target, path, site).is_file():
                yield f"{name} loads {target}, which is not there"
        for target in page.links:
            if not _elsewhere(target):
                yield from _missing(target, path, site, pages)
    for path in sorted(site.glob("**/*.css")):
        found = _LOADED_BY_STYLE.findall(path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(site)} loads {each} from another host" for each in found)


def otherwise(root: Path) -> Iterator[str]:
    """Yield the pages that came out otherwise than GitHub would show them, whose Markdown is not the site's in all."""
    github = MarkdownIt("commonmark").enable("table")
    for path in sorted(root.glob("docs/*.md")):
        text = titled(path.read_text(encoding="utf-8"))
        there = read(f"<article>{github.render(text)}</article>").made
        here = read((root / "site" / f"{path.stem}.html").read_text(encoding="utf-8")).made
        found = [f"{here[each]} {told} instead of {there[each]}" for each, told in _COMPARED.items()]
        if here != there and not _FROM_CODE.search(text):
            told = ", ".join(each for each, tag in zip(found, _COMPARED, strict=True) if here[tag] != there[tag])
            yield f"docs/{path.name} has {told}: {_WAY_OUT}"


def read(text: str) -> Page:
    """Return what a page has."""
    reader = _Reader()
    reader.feed(text)
    return reader.page


def _elsewhere(target: str) -> bool:
    """Say whether a link or a file is not one of the site: of another host, or of a mail program."""
    parts = urlsplit(target)
    return bool(parts.netloc) or parts.scheme not in {"", "file"}


def _place(target: str, path: Path, site: Path) -> Path:
    """Return the file that a link on the page `path` leads to. A path from the root starts at the site."""
    file = unquote(urlsplit(target).path)
    if not file:
        return path
    found = (site / file.lstrip("/") if file.startswith("/") else path.parent / file).resolve()
    return found / "index.html" if found.is_dir() else found


def _missing(target: str, path: Path, site: Path, pages: dict[Path, Page]) -> Iterator[str]:
    found, (_, anchor) = _place(target, path, site), urldefrag(target)
    name = path.relative_to(site)
    if not found.is_relative_to(site):
        yield f"{name} links to {target}, out of docs/: write the file's name in backticks"
    elif not found.is_file():
        yield f"{name} links to {target}, which is not there"
    elif anchor and found in pages and unquote(anchor) not in pages[found].anchors:
        yield f"{name} links to {target}, which has no such heading"


if __name__ == "__main__":
    errors = build(ROOT)
    print(*errors, *([] if errors else ["the site is in site/: open site/index.html"]), sep="\n")
    sys.exit(bool(errors))
