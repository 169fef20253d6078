"""What `check` does on the scratch server: migrations run and undone, models and databases compared with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename
from mizzle.differ.compare import compare, describe
from mizzle.migrations.folder import Migration
from mizzle.project import ignore, live
from mizzle.project.declared import undeclared, with_kept
from mizzle.project.generate import read_head
from mizzle.project.project import Project
from mizzle.project.recorded import catalog_of
from mizzle.prove import Scratch, as_told, execute, expect, replayed, standing_in


def replay(server: Scratch, project: Project, chain: Sequence[Migration]) -> None:
    """Run every migration forward and compare with its snapshot; then every undo, back to the one before.

    Raises ProofError with what differs, and DatabaseError where PostgreSQL refuses a statement.
    """
    catalogs = [EMPTY, *(catalog_of(each.snapshot(), project.config.manage) for each in chain)]
    with server.database() as connection:
        for number, migration in enumerate(chain, 1):
            project.progress(f"replaying {migration.id} ({number} of {len(chain)})")
            execute(server, connection, migration.up(), name=f"{migration.id}/up.sql")
            found = as_told(server.read(connection), catalogs[number])
            expect(found, catalogs[number], f"{migration.id}/up.sql does not give its snapshot")
        for number, migration in reversed(list(enumerate(chain))):
            project.progress(f"undoing {migration.id}")
            execute(server, connection, migration.down(), name=f"{migration.id}/down.sql")
            found = as_told(server.read(connection), catalogs[number])
            expect(found, catalogs[number], f"{migration.id}/down.sql does not lead back")


def models(server: Scratch, project: Project, chain: tuple[Migration, ...]) -> tuple[str, ...]:
    """Return what differs between the head of the migrations and the models, by lines."""
    last = read_head(chain, project.config.manage)
    declared = project.wanted(server)
    wanted = with_kept(declared, last.catalog, undeclared(last.catalog, declared, last.undeclared))
    return describe(compare(last.catalog, wanted))


def drift(server: Scratch, project: Project, url: str, applied: tuple[Migration, ...]) -> tuple[str, ...]:
    """Return what differs between the database at `url` and the migrations it has applied, by lines.

    Only what the project manages counts.
    """
    tenant = project.scope.tenant
    ours = read_head(applied, project.config.manage).catalog if not tenant else _of_tenant(server, applied, tenant)
    return tuple(line for change in differences(server, project, url, ours) for line in _told(change))


def differences(server: Scratch, project: Project, url: str, ours: Catalog) -> tuple[Change, ...]:
    """Return the changes that lead from `ours`, a catalog of scratch, to the database at `url`."""
    tenant = project.scope.tenant
    ours = project.own(ours, tenant=tenant)
    found = project.own(live.managed(url, project.config, tenant=tenant), tenant=tenant)
    if tenant:  # whoever made the schema gave it its owner and its grants
        found = replace(found, schemas=ours.schemas)
    return compare(ours, server.rehome(ignore.without_foreign(found, ours), near=ours))


def _of_tenant(server: Scratch, applied: Sequence[Migration], tenant: str) -> Catalog:
    """Return what the migrations make in the schema of `tenant`."""
    with replayed(server, [migration.up() for migration in applied]) as connection, standing_in(connection, tenant):
        return server.read(connection)


def _told(change: Change) -> tuple[str, ...]:
    """Return what a difference is, said of the database."""
    match change:
        case Create(address, _):
            return (f"{address}: only in the database",)
        case Drop(address, _):
            return (f"{address}: not in the database",)
        case Alter() | Rename():
            return describe([change])
