"""Writes the program's help texts into docs/commands.md: `make docs`. A test fails where they are not up to date."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
SHOWN = re.compile(r"^\$ mizzle (?P<arguments>.*--help)\n(?:(?!\$ |```).*\n)*", re.MULTILINE)


def main() -> None:
    """Renew the page."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(SHOWN.sub(lambda match: shown(match["arguments"]), text), encoding="utf-8")


def shown(arguments: str) -> str:
    """Return a command that asks for help, and what it prints, as the page shows it."""
    process = subprocess.run(
        [sys.executable, "-m", "mizzle", *arguments.split()],
        env=os.environ | {"COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return f"$ mizzle {arguments}\n{process.stdout}"


if __name__ == "__main__":
    main()
