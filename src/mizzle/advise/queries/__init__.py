"""The queries of advice, as they are sent."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> bytes:
    """Return the text of a query by its file's name."""
    return files(__name__).joinpath(name).read_bytes()
