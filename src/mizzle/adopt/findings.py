"""What is out of order in another tool's files, or between them and the database: a closed set of words."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What may be found of a file, in the order of docs/from-drizzle.md."""

    DUPLICATE = "duplicate"
    OUTSIDE = "outside"
    LOST = "lost"
    ORDER = "order"
    NEVER_RAN = "never-ran"
    EDITED = "edited"
    UNKNOWN = "unknown"
    BY_HAND = "by-hand"
    GONE = "gone"
    IN_PART = "in-part"
    REFUSED = "refused"


DIFFER = frozenset({Kind.NEVER_RAN, Kind.GONE, Kind.IN_PART})
"""Those that say that the database has not what the files say: somebody has to decide what is right."""


class Finding(msgspec.Struct, frozen=True):
    """One of them: `file` as the folder has it, `lines` the objects that it is about."""

    kind: Kind
    file: str
    message: str
    lines: tuple[str, ...] = ()
