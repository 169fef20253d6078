"""Any two schemas: models, head, empty, a database, SQL files, a migration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mizzle.catalog import snapshot
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.errors import ConfigError
from mizzle.planning.plan import Plan, plan
from mizzle.project import live
from mizzle.project.generate import read_head
from mizzle.project.project import Project
from mizzle.prove import Scratch

_HINT = "name models, head, empty, a postgresql:// URL, a .sql file or a folder of them, or a migration id"


def diff(project: Project, a: str, b: str, *, renames: Mapping[str, str] | None = None, prove: bool = False) -> Plan:
    """Return the plan from `a` to `b`; with `prove`, after it was proved on scratch.

    Raises ConfigError for an operand that names nothing, and ProofError.
    """
    with project.scratch() as server:
        old, new = side(project, server, a), side(project, server, b)
        planned = plan(old, new, renames=renames, major=project.target)
        if prove and planned.steps:
            server.prove(planned)
        return planned


def side(project: Project, server: Scratch, name: str) -> Catalog:
    """Return the catalog that an operand names."""
    match name:
        case "empty":
            return EMPTY
        case "models":
            return project.wanted(server)
        case "head":
            return read_head(project.chain()).catalog
        case _ if name.startswith(("postgresql://", "postgres://", "postgresql+")):
            found = live.read(name, schemas=project.config.schemas, history=project.config.history)
            return server.rehome(project.own(found))
        case _:
            return _file_or_migration(project, server, name)


def _file_or_migration(project: Project, server: Scratch, name: str) -> Catalog:
    path = Path(name)
    if path.suffix == ".sql" or path.is_dir():
        from mizzle.server.loading import load_sources  # noqa: PLC0415 - beside the sources it needs
        from mizzle.sources import files  # noqa: PLC0415 - one operand of six

        read = files.read([path])
        return load_sources(server, (), tuple((str(f.path), f.text) for f in read))
    for migration in project.chain():
        if name in {migration.id, migration.id.partition("_")[0]}:
            return snapshot.decode(migration.snapshot().catalog)
    raise ConfigError(f"nothing to compare is called {name}", hint=_HINT)
