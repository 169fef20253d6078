"""`python -m mizzle`, and where the command `mizzle` begins."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    try:
        from mizzle.cli.main import main as run  # noqa: PLC0415 - Ctrl-C while it is being loaded ends it quietly, too
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
