"""Which class is mapped to which table: told beside the DDL, as comments, which are no statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

COMMENT = "-- class "
"""What such a comment begins with; the rest is JSON."""


class Mapped(msgspec.Struct, frozen=True, order=True):
    """A class, the table that it is mapped to, as `public.users`, and its module's file, empty where it has none."""

    table: str
    name: str
    file: str = ""


def told(mapped: Mapped) -> str:
    """Return the comment that says it."""
    return COMMENT + msgspec.json.encode(mapped).decode()


def without(ddl: Iterable[str]) -> Iterator[str]:
    """Yield the statements among `ddl`."""
    return (each for each in ddl if not each.startswith(COMMENT))


def read(ddl: Iterable[str]) -> tuple[Mapped, ...]:
    """Return what the comments among `ddl` say."""
    said = (each.removeprefix(COMMENT) for each in ddl if each.startswith(COMMENT))
    return tuple(msgspec.json.decode(each, type=Mapped) for each in said)
