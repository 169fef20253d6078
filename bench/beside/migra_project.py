"""migra compares two databases: one that the migrations have made with another that they have made as well."""

from __future__ import annotations

from pathlib import Path

from bench.beside import rows
from bench.measure import Case


def drift(ours: Case, tools: Path, database: str, wanted: str) -> Case:
    """Return the comparison of two databases, in the folder and environment of another case."""
    command = (tools / "migra", database, wanted)
    return Case(rows.DRIFT, rows.MIGRA, command, ours.folder, ours.environment)
