"""Advice on all schemas in a folder: `python -m tools.advice FOLDER`, for docs/advise.md.

Prints a table of the findings by kind. --sample N prints N of each kind instead, chosen by --seed, to be looked at;
--kind KIND all of one.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

from mizzle.advise.findings import Code, Finding
from mizzle.project.advise import Asked, advise
from mizzle.project.config import Config
from mizzle.project.project import Project


def main() -> None:
    """Advise on each file, and print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", default="")
    asked = parser.parse_args()
    found = [(file.name, finding) for file in sorted(asked.folder.glob("*.sql")) for finding in _of(file)]
    if asked.kind:
        shown = [each for each in found if each[1].code == asked.kind]
    else:
        chance = random.Random(asked.seed)  # noqa: S311 - to choose what is looked at
        by_kind = [[each for each in found if each[1].code == code] for code in Code]
        shown = [each for kind in by_kind for each in chance.sample(kind, min(asked.sample, len(kind)))]
    print(*(_said(name, finding) for name, finding in shown), sep="\n")
    if not asked.sample and not asked.kind:
        print(*_table(found), sep="\n")


def _of(file: Path) -> tuple[Finding, ...]:
    project = Project(Config(root=file.parent, schemas=()))
    try:
        return advise(project, Asked(str(file))).findings
    finally:
        project.close()


def _said(name: str, finding: Finding) -> str:
    lines = [f"{name}: {finding.key}", f"  {finding.message}", *(f"  {each}" for each in finding.evidence)]
    return "\n".join((*lines, *(f"  > {each}" for each in finding.statements or (finding.instead,))))


def _table(found: list[tuple[str, Finding]]) -> list[str]:
    counts = Counter(finding.code for _, finding in found)
    files = {code: len({name for name, finding in found if finding.code == code}) for code in counts}
    lines = ["| kind | findings | schemas |", "| --- | --- | --- |"]
    return [*lines, *(f"| `{code}` | {counts[code]} | {files[code]} |" for code in Code if code in counts)]


if __name__ == "__main__":
    main()
