"""One's own migrations on top of the others', proved again; what a database has already applied stays applied.

The files keep their names and their SQL: only the parent, the snapshot and (for a database that had them first) what
may come after them change.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mizzle.catalog import snapshot
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.compare import compare
from mizzle.errors import HistoryError, MizzleError
from mizzle.migrations import graph, write
from mizzle.migrations.folder import Folder, Migration
from mizzle.migrations.problems import FolderError
from mizzle.project.declared import undeclared, with_kept
from mizzle.project.project import Project, stamps
from mizzle.prove import Scratch, execute, expect

if TYPE_CHECKING:
    from mizzle.server.session import Connection

_MENDED = frozenset({"fork", "edited"})


@dataclass(frozen=True, slots=True)
class Rebased:
    """A migration that was written again: its new parent, and whether it may also run before what is now below it."""

    id: str
    parent: str | None
    over: tuple[str, ...]


def rebase(project: Project, *, applied: Collection[str] = ()) -> tuple[Rebased, ...]:
    """Put the migrations in one line, those in `applied` (by a database) first, and prove what moved or was edited.

    Raises HistoryError where the folder has other problems, an applied migration was edited, or a migration does not
    run in its new place; nothing is written then.
    """
    folder = project.folder()
    others = tuple(problem for problem in folder.problems if problem.kind not in _MENDED)
    if others:
        raise FolderError(str(folder.path), others)
    order = _line(folder, applied)
    changed = _first_changed(order)
    if changed is None:
        return ()
    _refuse_applied(order[changed:], applied)
    with project.scratch() as server:
        written = _written(server, project, order, changed)
    for migration, draft in written:
        write.rewrite(migration, draft)
    return tuple(Rebased(draft.id, draft.parent, draft.over) for _, draft in written)


def _line(folder: Folder, applied: Collection[str]) -> list[Migration]:
    """Return all migrations in one order: at a fork the branch that is applied, else the one that began first."""
    by_id = {migration.id: migration for migration in folder.migrations}
    children: dict[str | None, list[str]] = {}
    for migration in folder.migrations:
        children.setdefault(migration.parent, []).append(migration.id)
    order: list[Migration] = []
    waiting = sorted(children.get(None, []))
    while waiting:
        first = next((each for each in waiting if each in applied), waiting[0])
        waiting.remove(first)
        order.append(by_id[first])
        branch = sorted(
            children.get(first, [])
        )  # goes on before the others are taken up, unless one of those is applied
        waiting = [*branch, *waiting]
    return order


def _first_changed(order: Sequence[Migration]) -> int | None:
    parents = [None, *(migration.id for migration in order)]
    for place, migration in enumerate(order):
        if migration.parent != parents[place] or migration.edited:
            return place
    return None


def _refuse_applied(moved: Sequence[Migration], applied: Collection[str]) -> None:
    for migration in moved:
        if migration.id in applied and migration.edited:
            raise HistoryError(
                f"{migration.id} was edited after it was applied to this database",
                hint="restore its files, and put what was changed into a new migration (mizzle generate)",
            )


def _written(
    server: Scratch, project: Project, order: Sequence[Migration], changed: int
) -> list[tuple[Migration, write.Draft]]:
    """Prove each migration from `changed` on in its new place; return what is to be written."""
    written: list[tuple[Migration, write.Draft]] = []
    done = stamps(order[:changed])
    declared = _declared(order[changed - 1]) if changed else frozenset[str]()
    catalog = snapshot.decode(order[changed - 1].snapshot().catalog) if changed else EMPTY
    with server.database() as connection:
        for migration in order[:changed]:
            execute(connection, migration.up(), name=f"{migration.id}/up.sql")
        for place, migration in enumerate(order[changed:], changed):
            project.progress(f"proving {migration.id}")
            reached = _proved(server, connection, migration, catalog)
            declared |= _declared(migration)
            done.append((migration.id, migration.up_checksum, migration.down_checksum))
            over = _over(server, order[:place], migration, reached)
            parent = order[place - 1].id if place else None
            written.append((migration, _draft(migration, parent, reached, _left(reached, declared), over)))
            catalog = reached
    *others, (last, draft) = written
    return [*others, (last, replace(draft, key=_key(server, project, catalog, _left(catalog, declared), done)))]


def _key(
    server: Scratch, project: Project, catalog: Catalog, left: Collection[str], done: Sequence[tuple[str, str, str]]
) -> str:
    """Return the key that says the models are equal to `catalog`, empty where they are not."""
    if not (project.config.models or project.config.sql):
        return ""
    models = project.wanted(server)
    wanted = with_kept(models, catalog, undeclared(catalog, models, left))
    return "" if compare(catalog, wanted) else project.key(done)


def _declared(migration: Migration) -> frozenset[str]:
    """Return the objects of a migration's catalog that a source declared."""
    found = migration.snapshot()
    return frozenset(map(str, snapshot.decode(found.catalog).addresses())) - frozenset(found.undeclared)


def _left(catalog: Catalog, declared: Collection[str]) -> tuple[str, ...]:
    """Return the objects of `catalog` that no source declared."""
    return tuple(str(where) for where in catalog.addresses() if str(where) not in declared)


def _proved(server: Scratch, connection: Connection, migration: Migration, before: Catalog) -> Catalog:
    """Run a migration forward, back and forward again; return what it reaches."""
    try:
        execute(connection, migration.up(), name=f"{migration.id}/up.sql")
        reached = server.read(connection)
        execute(connection, migration.down(), name=f"{migration.id}/down.sql")
        expect(server.read(connection), before, f"{migration.id}/down.sql does not lead back")
        execute(connection, migration.up(), name=f"{migration.id}/up.sql")
    except MizzleError as error:
        raise HistoryError(
            f"{migration.id} does not run in its new place: {error.message}",
            hint="edit its files so that they fit, or delete it and generate it again; nothing was written",
        ) from error
    return reached


def _over(server: Scratch, below: Sequence[Migration], migration: Migration, reached: Catalog) -> tuple[str, ...]:
    """Return the migrations now below this one that were beside it, if running them after it gives the same catalog."""
    parents = {m.id: m.parent for m in (*below, migration)}
    line = set(graph.ancestry(parents, migration.id))
    beside = [m for m in below if m.id not in line]
    if not beside:
        return migration.over
    first = [m for m in below if m.id in line]
    with server.database() as connection:
        try:
            for each in (*first, migration, *beside):
                execute(connection, each.up(), name=f"{each.id}/up.sql")
            same = not compare(server.read(connection), reached)
        except MizzleError:
            same = False  # they do not commute: a database that has this one first must be brought in line by hand
    return tuple(sorted({*migration.over, *(m.id for m in beside)})) if same else migration.over


def _draft(
    migration: Migration, parent: str | None, reached: Catalog, left: Collection[str], over: tuple[str, ...]
) -> write.Draft:
    return write.Draft(
        id=migration.id,
        parent=parent,
        up_sql=migration.up_sql,
        down_sql=migration.down_sql,
        key="",
        undeclared=tuple(left),
        catalog=snapshot.encode(reached),
        over=over,
    )
