"""What was found to be equal before, so that it need not be loaded again: the key in a snapshot, or in the cache."""

from __future__ import annotations

import os
from collections.abc import Sequence

from mizzle import caches
from mizzle.migrations.folder import Migration
from mizzle.project.project import Project, stamps

_EQUAL, _PROVED = "equal", "proved"


def unchanged(project: Project, chain: Sequence[Migration]) -> bool:
    """Say whether sources and migrations are those that were found equal before; starts no server."""
    key = project.key(stamps(chain))
    return bool(chain) and (chain[-1].key == key or _kept(_EQUAL, key))


def remember(project: Project, chain: Sequence[Migration]) -> None:
    """Keep that sources and migrations are equal."""
    _keep(_EQUAL, project.key(stamps(chain)))


def proved(project: Project, stamped: Sequence[tuple[str, str, str]]) -> int:
    """Return how many of these migrations, from the first on, were replayed and undone before, on this server."""
    keys = project.proof_keys(stamped)
    return next((number for number in range(len(keys), 0, -1) if _kept(_PROVED, keys[number - 1])), 0)


def remember_proof(project: Project, stamped: Sequence[tuple[str, str, str]]) -> None:
    """Keep that these migrations were replayed and undone."""
    for key in project.proof_keys(stamped)[-1:]:
        _keep(_PROVED, key)


def _kept(kind: str, key: str) -> bool:
    cache = caches.folder()
    # Path.exists() raises in a folder that is not ours.
    return cache is not None and os.path.exists(cache / kind / key)  # noqa: PTH110


def _keep(kind: str, key: str) -> None:
    cache = caches.folder()
    if cache is None:
        return
    try:
        folder = cache / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / key).touch()
    except OSError:
        return  # a cache that cannot be written costs time, nothing else
