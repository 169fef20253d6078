"""Readings of the models that were kept: what they said, for as long as nothing that they depend on has changed.

    <cache>/mizzle/models/<key>    one reading: of one project, by one Python, in one environment

Only `mizzle check` reads anew each time: it is what continuous integration relies on.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from mizzle import caches
from mizzle.sources import inputs
from mizzle.sources.inputs import Signature
from mizzle.sources.reading import Request

_FORMAT = 3
# What a shell or a terminal writes into the environment for itself.
_PASSING = frozenset("_ COLUMNS LINES OLDPWD PWD SHLVL TERM_SESSION_ID WINDOWID WT_SESSION".split())


class Kept(msgspec.Struct, frozen=True):
    """A reading: what was looked into, and the DDL."""

    paths: dict[str, Signature]
    ddl: tuple[str, ...]


def place(request: Request) -> Path | None:
    """Return where a reading of this request, here and now, is kept; None where nothing can be."""
    cache = caches.folder()
    if cache is None:
        return None
    environment = sorted((name, value) for name, value in os.environ.items() if name not in _PASSING)
    said = (_FORMAT, request, sys.version, sys.executable, sys.path, os.getcwd(), environment)
    # By repr(): what the system gives as text may hold bytes that are none.
    return cache / "models" / sha256(repr(said).encode(errors="surrogateescape")).hexdigest()


def find(at: Path) -> tuple[str, ...] | None:
    """Return the DDL that is kept there, if all that it depends on is as it was."""
    try:
        kept = msgspec.msgpack.decode(at.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return None
    if not inputs.steady(kept.paths):
        return None
    caches.used(at)
    return kept.ddl


def keep(at: Path, paths: dict[str, Signature], ddl: tuple[str, ...]) -> None:
    """Keep a reading; a cache that cannot be written costs time, nothing else."""
    with suppress(UnicodeEncodeError):  # a path may hold bytes that are no text
        caches.put(at, msgspec.msgpack.encode(Kept(paths, ddl)))
