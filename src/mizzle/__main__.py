"""`python -m mizzle`."""

from __future__ import annotations

from mizzle.cli.main import main

if __name__ == "__main__":
    main()
