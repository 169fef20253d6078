"""Where what may be forgotten is kept: the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path | None:
    """Return the folder `mizzle` in the user's cache folder, whether it is there or not; None without a home.

    XDG Base Directory Specification: a relative path is ignored.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return Path(named if named.startswith("/") else Path.home() / ".cache", "mizzle")
    except RuntimeError:
        return None
