"""Says how many runs `make interruptions` has ended, from pytest's JUnit file, which the first argument names."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET


def main() -> None:
    """Print the sums of the property `runs`: on the way there, and on the way back."""
    found: Counter[str] = Counter()
    for case in ET.parse(Path(sys.argv[1])).iter("testcase"):  # noqa: S314 - a file of our own
        way = "back" if "rollback" in case.get("name", "") else "up"
        found[way] += sum(int(each.get("value", "")) for each in case.iter("property") if each.get("name") == "runs")
    sys.stdout.write(f"{found['up']:,} runs and {found['back']:,} rollbacks were ended\n")


if __name__ == "__main__":
    main()
