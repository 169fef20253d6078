"""An extension of Markdown for the site: titles, where the files have names.

A link that reads `[log.md](log.md)` shows the title of that page. A block of code that is a file, as the line before it
says, shows the file's name as its own title. Where the pages are read as files, in an editor or a repository, the names
say more.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

if TYPE_CHECKING:
    from markdown import Markdown

DOCS = Path("docs")  # Zensical runs in the project's folder
_FILE = re.compile(r"(?:^`(?P<said>\S+)`:\n\n)?^<!-- in (?P<name>\S+) -->\n```(?P<language>\w+)$", re.MULTILINE)


class _Links(Treeprocessor):
    """Goes through the links of a page."""

    def run(self, root: Element) -> None:
        """Change the texts of links."""
        for link in root.iter("a"):
            name = link.get("href", "").partition("#")[0]
            if name.endswith(".md") and link.text == name and (page := DOCS / name).is_file():
                link.text = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


class _Files(Preprocessor):
    """Goes through the blocks of a page."""

    def run(self, lines: list[str]) -> list[str]:
        """Give the blocks that are files their titles."""
        return titled("\n".join(lines)).split("\n")


def titled(page: str) -> str:
    """Return a page in which the titles of files are the blocks' own, instead of lines before them."""
    return _FILE.sub(_title, page)


def _title(found: re.Match[str]) -> str:
    said = found["said"]
    before = f"`{said}`:\n\n" if said and said != found["name"] else ""
    return f'{before}``` {{.{found["language"]} title="{found["name"]}"}}'


class _Extension(Extension):
    """Adds both."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's name
        """Add them to what a page goes through."""
        md.treeprocessors.register(_Links(md), "docs_links", 15)  # behind what makes links, which has 20
        md.preprocessors.register(_Files(md), "docs_files", 27)  # before what finds blocks of code, which has 25


def makeExtension() -> Extension:  # noqa: N802 - Markdown's name
    """Return the extension."""
    return _Extension()
