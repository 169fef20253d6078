"""What was measured, as data that is written to JSON and read again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Timing:
    """One query in one state of the schema: milliseconds, rows, 8 KB pages that were touched, and the plan.

    `warm` and `cold` are what the application waits, `server` is what the server needs to find the rows; results of
    an early version lack it.
    """

    warm: float
    runs: int
    cold: float
    rows: int
    pages: int
    plan: str
    server: float | None = None


@dataclass(slots=True)
class Pair:
    """A query without and with its index."""

    title: str
    index: str
    group: str
    without: Timing
    indexed: Timing | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """What an index costs: seconds to build, bytes, and inserting rows (seconds, bytes of WAL) without and with it."""

    table: str
    build: float
    size: int
    seconds: tuple[float, float]
    wal: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Deletion:
    """Deleting the typical tenant: seconds, None when it was given up, and how many rows went."""

    seconds: float | None
    rows: dict[str, int]


@dataclass(slots=True)
class Size:
    """All of one size."""

    rows: int
    tables: dict[str, int]
    bytes: int
    load: float
    version: str
    machine: str
    pairs: dict[str, Pair] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    unindexed: list[str] = field(default_factory=list)
    """The foreign keys that no index serves, with the eight."""
    deletions: dict[str, Deletion] = field(default_factory=dict)
    """By "eight" and "all"."""


def save(path: Path, sizes: list[Size]) -> None:
    """Write what is known so far."""
    path.write_text(json.dumps([asdict(size) for size in sizes], indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> list[Size]:
    """Return what was saved, by size; nothing when there is no such file."""
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return sorted((_size(each) for each in found), key=lambda size: size.rows)


def _size(found: dict[str, Any]) -> Size:
    pairs = {
        key: Pair(
            **{**pair, "without": Timing(**pair["without"]), "indexed": pair["indexed"] and Timing(**pair["indexed"])}
        )
        for key, pair in found["pairs"].items()
    }
    indexes = {
        name: Index(**{**index, "seconds": tuple(index["seconds"]), "wal": tuple(index["wal"])})
        for name, index in found["indexes"].items()
    }
    deletions = {name: Deletion(**deletion) for name, deletion in found["deletions"].items()}
    return Size(**{**found, "pairs": pairs, "indexes": indexes, "deletions": deletions})
