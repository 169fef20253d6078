"""The models, read: imported, looked over, and compiled to DDL, in this process."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Request(msgspec.Struct, frozen=True):
    """What to read: `MODULE:ATTR` specs, beside `root`; DDL for PostgreSQL `major`; modules to leave unimported."""

    specs: tuple[str, ...]
    root: str
    major: int
    ignore: tuple[str, ...]


def read(request: Request) -> tuple[str, ...]:
    """Return the DDL of the models, in the order of creation, and what is told about them, as comments.

    Raises ConfigError and ImportFailed, naming what is wrong; also for a module that defines tables and is not imported
    by the models.
    """
    # Imported here: whoever asks for a reading may find that it was made before.
    from mizzle.sources import metadata, models, unimported  # noqa: PLC0415

    statements = metadata.ddl(models.load(request.specs, root=Path(request.root)), major=request.major)
    unimported.refuse(unimported.find(map(models.module_of, request.specs), ignore=request.ignore))
    return (*statements, *models.classes(request.specs))
