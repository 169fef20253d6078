"""Any two schemas: models, head, empty, a database, SQL files, a migration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.compare import compare
from mizzle.errors import ConfigError
from mizzle.migrations.folder import Migration
from mizzle.project import ignore, live
from mizzle.project.project import Project
from mizzle.project.recorded import catalog_of

if TYPE_CHECKING:
    from mizzle.planning.plan import Plan
    from mizzle.prove import Scratch

_HINT = "name models, head, empty, a postgresql:// URL, a .sql file or a folder of them, or a migration id"
URLS = ("postgresql://", "postgres://", "postgresql+")


Server: TypeAlias = "Callable[[], Scratch]"
"""What gives the scratch server, and starts it where it was not asked before."""


class Side(msgspec.Struct, frozen=True):
    """What an operand names; `catalog` reads it with the help of a scratch server, where it asks for one.

    `undeclared` lists what no source ever declared of a migration's catalog: models that lack it do not drop it; `live`
    is a database, told by its own server, in which others may have made things too.
    """

    catalog: Callable[[Server], Catalog]
    undeclared: tuple[str, ...] = ()
    live: bool = False

    def home(self, server: Server, found: Catalog, other: Catalog) -> Catalog:
        """Return `found`, its own catalog, as far as it is comparable with `other`, and told by scratch."""
        if not self.live:
            return found
        found = ignore.without_foreign(found, other)
        return server().rehome(found, near=other) if compare(found, other) else found


def diff(
    project: Project,
    a: str,
    b: str,
    *,
    renames: Mapping[str, str] | None = None,
    online: bool = True,
    prove: bool = False,
) -> Plan | None:
    """Return the plan from `a` to `b`, with `prove` after it was proved on scratch; None where they are equal.

    `online` is as in plan(); of a database `a`, its small tables are changed in the plain way anyway.
    Raises ConfigError for an operand that names nothing, and ProofError.
    """
    before, after = side(project, a), side(project, b)
    with project.scratch_if_needed() as server:
        old, new = before.catalog(server), after.catalog(server)
        old, new = before.home(server, old, new), after.home(server, new, old)
        if not renames and not compare(old, new):
            return None
        # Imported here: what is equal needs none of it, and it takes as long to import as to find that out.
        from mizzle.planning.plan import plan  # noqa: PLC0415
        from mizzle.project.sizes import small_tables  # noqa: PLC0415

        if b == "models":
            from mizzle.project.declared import undeclared, with_kept  # noqa: PLC0415
            from mizzle.project.hints import with_hints  # noqa: PLC0415

            new = with_kept(new, old, undeclared(old, new, before.undeclared))
            renames = with_hints(project.sources, old, new, renames or {})
        small = small_tables(a, project.config) if before.live and online else frozenset[str]()
        planned = plan(old, new, renames=renames, major=project.target, online=online, small=small)
        if prove and planned.steps:
            server().tenants = False  # it is shown with its schema, and proved so
            server().prove(planned)
        return planned if planned.steps else None


def side(project: Project, name: str) -> Side:
    """Return what an operand names, read as far as that takes no scratch server. Raises ConfigError for nothing."""
    match name:
        case "empty":
            return Side(lambda _: EMPTY)
        case "models":
            return Side(lambda server: project.wanted(server()))
        case "head":
            chain = project.chain()
            return _migration(project, chain[-1]) if chain else Side(lambda _: EMPTY)
        case _ if name.startswith(URLS):
            found = project.own(live.managed(name, project.config))
            return Side(lambda _: found, live=True)
        case _:
            return _file_or_migration(project, name)


def _file_or_migration(project: Project, name: str) -> Side:
    path = Path(name)
    if path.suffix == ".sql" or path.is_dir():
        from mizzle.server.loading import load_sources  # noqa: PLC0415 - as in diff()
        from mizzle.sources import files  # noqa: PLC0415 - as in diff()

        found = files.read([path])
        for file in found:
            if file.skipped:
                project.note(files.skipped(str(file.path), file))
        read = tuple((str(file.path), file.text) for file in found)
        return Side(lambda server: load_sources(server(), (), read))
    for migration in project.chain():
        if name in {migration.id, migration.id.partition("_")[0]}:
            return _migration(project, migration)
    shown = "(a text with an @, which may hold a password)" if "@" in name else name
    raise ConfigError(f"nothing to compare is called {shown}", hint=_HINT)


def _migration(project: Project, migration: Migration) -> Side:
    stored = migration.snapshot()
    catalog = catalog_of(stored, project.config.manage)
    return Side(lambda _: catalog, stored.undeclared)
