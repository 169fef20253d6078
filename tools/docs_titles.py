"""An extension of Markdown for the site: a link that reads `[log.md](log.md)` shows the title of that page.

Where the files are read, in an editor or a repository, the file's name says more.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

if TYPE_CHECKING:
    from markdown import Markdown

DOCS = Path("docs")  # Zensical runs in the project's folder


class _Titles(Treeprocessor):
    """Goes through the links of a page."""

    def run(self, root: Element) -> None:
        """Change the texts of links."""
        for link in root.iter("a"):
            name = link.get("href", "").partition("#")[0]
            if name and link.text == name and (page := DOCS / name).is_file():
                link.text = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


class _Extension(Extension):
    """Adds it."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's name
        """Add it to what a page goes through."""
        md.treeprocessors.register(_Titles(md), "docs_titles", 15)  # behind what makes links, which has 20


def makeExtension() -> Extension:  # noqa: N802 - Markdown's name
    """Return the extension."""
    return _Extension()
