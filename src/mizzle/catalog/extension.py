"""Extensions; their member objects are theirs and never ours."""

from __future__ import annotations

from dataclasses import dataclass, field

QUERY = "extensions.sql"


@dataclass(frozen=True, slots=True)
class Extension:
    """An installed extension. The version is a note: it follows the server's packages, not the schema."""

    name: str
    schema: str
    version: str = field(default="", compare=False)
