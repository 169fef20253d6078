"""What `check` does on the scratch server: migrations run and undone, models and databases compared with them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import msgspec

from mizzle.catalog.catalog import Catalog
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename
from mizzle.differ.compare import compare, describe
from mizzle.errors import MizzleError, Unsupported
from mizzle.migrations.folder import Migration
from mizzle.planning.plan import plan
from mizzle.planning.tenants import without_schema
from mizzle.project import ignore, live
from mizzle.project.declared import undeclared, with_kept
from mizzle.project.differences import Difference, differences
from mizzle.project.project import Project
from mizzle.project.recorded import catalog_of
from mizzle.project.writing import past, read_head
from mizzle.prove import Scratch, as_told, execute, expect, replayed, standing_in


def replay(
    server: Scratch, project: Project, chain: Sequence[Migration], *, proved: int = 0, undo: bool = True
) -> None:
    """Run every migration forward and compare with its snapshot; then every undo, back to the one before.

    Those that are `proved`, so many from the first on, are run where their database is not kept, and not undone.
    Without `undo` none is undone.
    Raises ProofError with what differs, and DatabaseError where PostgreSQL refuses a statement; their `at` is the file.
    """
    manage = project.config.manage
    done, left = chain[:proved], list(enumerate(chain[proved:]))
    catalogs = [read_head(tuple(done), manage).catalog, *(catalog_of(each.snapshot(), manage) for _, each in left)]
    with replayed(server, list(map(past, done))) as connection:
        for number, migration in left:
            project.progress(f"replaying {migration.id} ({proved + number + 1} of {len(chain)})")
            with _about(f"{migration.id}/up.sql") as name:
                execute(server, connection, migration.up(), name=name)
                found = as_told(server.read(connection), catalogs[number + 1])
                expect(found, catalogs[number + 1], f"{name} does not give its snapshot")
        for number, migration in reversed(left) if undo else ():
            project.progress(f"undoing {migration.id}")
            with _about(f"{migration.id}/down.sql") as name:
                execute(server, connection, migration.down(), name=name)
                found = as_told(server.read(connection), catalogs[number])
                expect(found, catalogs[number], f"{name} does not lead back")


@contextmanager
def _about(file: str) -> Generator[str]:
    """Let an error that comes up meanwhile be about `file`, where it does not say more."""
    try:
        yield file
    except MizzleError as error:
        error.at = error.at or (file, 1)
        raise


def models(server: Scratch, project: Project, chain: tuple[Migration, ...]) -> tuple[Difference, ...]:
    """Return what differs between the head of the migrations and the models."""
    last = read_head(chain, project.config.manage)
    declared = project.wanted(server)
    wanted = with_kept(declared, last.catalog, undeclared(last.catalog, declared, last.undeclared))
    return differences(compare(last.catalog, wanted), last.catalog, wanted, say=_described)


class Drift(msgspec.Struct, frozen=True):
    """What differs between a database and its history, and as SQL in both directions.

    `undo` makes the database what its migrations say; `adopt` is what a migration would say that makes them what the
    database is. Either is a comment with the reason where it cannot be planned.
    """

    differences: tuple[Difference, ...] = ()
    undo: str = ""
    adopt: str = ""


def drift(server: Callable[[], Scratch], project: Project, url: str, applied: tuple[Migration, ...]) -> Drift:
    """Return what differs between the database at `url` and the migrations it has applied.

    Only what the project manages counts. `server` gives the scratch server, and is not asked where nothing differs.
    """
    tenant = project.scope.tenant
    ours = read_head(applied, project.config.manage).catalog if not tenant else _of_tenant(server(), applied, tenant)
    ours, home = sides(server, project, url, ours)
    changes = compare(ours, home)
    if not changes:
        return Drift()
    found = differences(changes, ours, home, say=told)
    adopt = _planned(ours, home, project.target)
    if tenant:  # a migration names no schema for what is a tenant's
        adopt = without_schema(adopt, tenant)
    return Drift(found, undo=_planned(home, ours, home.major), adopt=adopt)


def sides(server: Callable[[], Scratch], project: Project, url: str, ours: Catalog) -> tuple[Catalog, Catalog]:
    """Return what counts of `ours`, a catalog of scratch, and of the database at `url`, told by scratch.

    Where the database says of itself just what scratch does, as most do, scratch is not asked.
    """
    tenant = project.scope.tenant
    ours = project.own(ours, tenant=tenant)
    found = project.own(live.managed(url, project.config, tenant=tenant), tenant=tenant)
    if tenant:  # whoever made the schema gave it its owner and its grants
        found = replace(found, schemas=ours.schemas)
    found = ignore.without_foreign(found, ours)
    return ours, server().rehome(found, near=ours) if compare(ours, found) else found


def _planned(old: Catalog, new: Catalog, major: int) -> str:
    try:
        return plan(old, new, major=major).sql
    except Unsupported as error:
        return f"-- cannot be planned: {error.message}".replace("\n", "\n--   ") + "\n"


def _of_tenant(server: Scratch, applied: Sequence[Migration], tenant: str) -> Catalog:
    """Return what the migrations make in the schema of `tenant`."""
    with replayed(server, list(map(past, applied))) as connection, standing_in(connection, tenant):
        return server.read(connection)


def told(change: Change) -> str:
    """Return what a difference is, said of the database."""
    match change:
        case Create(address, _):
            return f"{address}: only in the database"
        case Drop(address, _):
            return f"{address}: not in the database"
        case Alter() | Rename():
            return _described(change)


def _described(change: Change) -> str:
    return "; ".join(describe([change]))
