"""From which size on something is worth a finding."""

from __future__ import annotations

from dataclasses import dataclass

_MB, _GB, _DAY = 1_000_000, 1_000_000_000, 86_400


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Bytes, rows, seconds and shares.

    `unused_after`: an index is called unused when the server has counted for so many seconds. `sequence`: the share of
    its numbers that a sequence may have given out. `partition_bytes`, `partition_rows`: the size from which a table
    that only grows is better partitioned. `bloat`, `bloat_bytes`: the share and the size of what VACUUM cannot give
    back. `wide`: the average bytes of a key in a table of `wide_rows`. `read_whole`: rows read by scans of a whole
    table, of which there are at least `read_whole_scans`, each of `read_whole_rows` or more. `gain`: by how many times
    the planner's cost must fall for an index to be advised.
    """

    unused_after: float = 14 * _DAY
    unused_bytes: int = 1 * _MB
    sequence: float = 0.5
    partition_bytes: int = 50 * _GB
    partition_rows: int = 100_000_000
    bloat: float = 0.4
    bloat_bytes: int = 100 * _MB
    wide: int = 24
    wide_rows: int = 100_000
    read_whole: int = 10_000_000
    read_whole_scans: int = 50
    read_whole_rows: int = 1000
    gain: float = 3.0
