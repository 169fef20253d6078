"""Where what may be forgotten is kept."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path:
    """Return the folder for what may be forgotten (XDG Base Directory Specification: a relative path is ignored)."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return Path(named if named.startswith("/") else Path.home() / ".cache", "mizzle")
    except RuntimeError:  # a user without a home folder
        import tempfile  # noqa: PLC0415 - hardly ever needed, and slow to import

        return Path(tempfile.gettempdir(), f"mizzle-{os.geteuid()}", "mizzle")
