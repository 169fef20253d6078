"""`python -m bench.compare`: try the tools, keep what they said, and fill the tables of docs/compare.md.

--only and --of name trials and tools; what they leave out stays as it was tried before. --page tries nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bench.compare import judged, page, record, trying

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "compare.md"
RECORD = ROOT / "docs" / "compare" / "tried.json"


def main() -> None:
    """Do what the arguments ask for; exit with the verdicts that the record does not bear out."""
    asked = _arguments()
    tried = record.read(RECORD)
    if not asked.page:
        for tried_now in trying.everything(asked.folder, tried, only=asked.only, of=asked.of):
            record.write(RECORD, tried_now)
        tried = record.read(RECORD)
    themes = judged.read()
    if wrong := list(judged.wrong(themes, tried)):
        sys.exit("\n".join(wrong))
    PAGE.write_text(page.filled(PAGE.read_text(encoding="utf-8"), themes, tried), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(prog="bench.compare", description=__doc__)
    parser.add_argument("--folder", type=Path, default=cache / "mizzle-bench", help="where tools and projects go")
    parser.add_argument("--only", nargs="*", default=[], choices=[*trying.TRIALS])
    parser.add_argument("--of", nargs="*", default=[])
    parser.add_argument("--page", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
