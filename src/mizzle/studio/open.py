"""Studio for a project's database, or for any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mizzle.studio.database import Database
from mizzle.studio.state import Studio

if TYPE_CHECKING:
    from mizzle.project.project import Project


def studio(url: str, project: Project | None, *, write: bool) -> Studio:
    """Return what is served for the database at `url`; `project` None where there is no configuration."""
    if project is None:
        return Studio(Database(url, write=write))
    config = project.config
    schemas = (project.tenant,) if project.tenant else config.schemas
    return Studio(Database(url, role=config.role, schemas=schemas, write=write), config.tenants, project)
