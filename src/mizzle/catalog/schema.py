"""Schemas: the namespaces of everything else."""

from __future__ import annotations

from dataclasses import dataclass

QUERY = "schemas.sql"


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema. `public` is taken to be there in every database and is never one of these."""

    name: str
    comment: str | None = None
