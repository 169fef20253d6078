"""Writes what the code says into the docs: `make docs`."""

from __future__ import annotations

from tools.reference.pages import DOCS, FILES, PAGES, now


def main() -> None:
    """Renew the pages and the files."""
    for name in (*PAGES, *FILES):
        before, after = now(name)
        if after != before:
            (DOCS / name).write_text(after, encoding="utf-8")
            print(f"docs/{name}: renewed")


if __name__ == "__main__":
    main()
