"""What a migrator's session is confined to."""

from __future__ import annotations

from typing import NamedTuple


class Scope(NamedTuple):
    """The one schema of a session's search_path, which is a tenant's, and the role that it takes.

    Raw names; empty where there is none: then the search_path is empty, and the role that of the URL.
    """

    tenant: str = ""
    role: str = ""


WHOLE = Scope()
"""A whole database, as the role of the URL."""
