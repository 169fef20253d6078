"""One's own migrations on top of the others', proved again; what a database has already applied stays applied.

The files keep their names and their SQL: only the parent, the snapshot and (for a database that had them first) what
may come after them change.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from mizzle.catalog import snapshot
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.compare import compare
from mizzle.errors import ConfigError, HistoryError, MizzleError
from mizzle.migrations import graph, write
from mizzle.migrations.folder import Folder, Migration
from mizzle.migrations.problems import FolderError
from mizzle.project import git
from mizzle.project.declared import undeclared, with_kept
from mizzle.project.project import Project, stamps
from mizzle.project.recorded import catalog_of
from mizzle.prove import Scratch, as_told, execute, expect

if TYPE_CHECKING:
    from mizzle.server.session import Connection

_MENDED = frozenset({"fork", "roots", "orphan", "edited", "unproved"})


_Written = tuple[Migration, write.Draft, tuple[str, ...]]
"""A migration, what is to be written of it, and the migrations below with which its order matters."""


class Rebased(msgspec.Struct, frozen=True):
    """A migration that was written again, on top of `parent`.

    `over` are the migrations below it that a database may also apply after it, `apart` those with which the order
    matters: where it was applied before them, it cannot be followed by them.
    """

    id: str
    parent: str | None
    over: tuple[str, ...]
    apart: tuple[str, ...] = ()


def rebase(project: Project, *, applied: Collection[str] = (), onto: str | None = None) -> tuple[Rebased, ...]:
    """Put the migrations in one line, those in `applied` (by a database), and those of revision `onto` of git, first.

    What moved, was edited or does not make its snapshot is proved and recorded again, with all that comes after it.

    Raises HistoryError where the folder has other problems, an applied migration or one of `onto` was edited, or a
    migration does not run in its new place; nothing is written then.
    """
    folder = project.folder(anew=True)
    others = tuple(problem for problem in folder.problems if problem.kind not in _MENDED)
    if others:
        raise FolderError(str(folder.path), others)
    theirs = frozenset[str]() if onto is None else git.migrations(folder.path, onto)
    below = theirs | frozenset(applied)
    order = _fitting(_line(folder, below), below)
    changed = _first_changed(order)
    moved = order if changed is None else order[changed:]
    _refuse_edited(moved, applied, "was edited after it was applied to this database")
    _refuse_edited(moved, theirs, f"was edited, and {onto} has it")
    with project.scratch() as server:
        if changed is None and (changed := _first_stale(server, order)) is None:
            return ()
        written = _written(server, project, order, changed)
    for migration, draft, _ in reversed(written):  # the lowest last: until then the folder is as wrong as it was
        write.rewrite(migration, draft)
    return tuple(Rebased(draft.id, draft.parent, draft.over, apart) for _, draft, apart in written)


def _line(folder: Folder, applied: Collection[str]) -> list[Migration]:
    """Return all migrations in one order: at a fork the branch that is applied, else the one that began first."""
    by_id = {migration.id: migration for migration in folder.migrations}
    children: dict[str | None, list[str]] = {}
    for migration in folder.migrations:
        children.setdefault(migration.parent, []).append(migration.id)
    order: list[Migration] = []
    orphaned = [m.id for m in folder.migrations if m.parent is not None and m.parent not in by_id]
    waiting = [*sorted(children.get(None, [])), *sorted(orphaned)]
    while waiting:
        first = next((each for each in waiting if each in applied), waiting[0])
        waiting.remove(first)
        order.append(by_id[first])
        waiting = [*sorted(children.get(first, [])), *waiting]  # a branch goes on before another is taken up
    return order


def _fitting(order: list[Migration], applied: Collection[str]) -> list[Migration]:
    """Return `order`, or what is applied before all else where the database could not follow it otherwise."""
    below: list[str] = []
    for migration in order:
        if migration.id not in applied:
            below.append(migration.id)
        elif not set(below) <= set(migration.over):
            return sorted(order, key=lambda each: each.id not in applied)
    return order


def _first_changed(order: Sequence[Migration]) -> int | None:
    parents = [None, *(migration.id for migration in order)]
    for place, migration in enumerate(order):
        if migration.parent != parents[place] or migration.edited:
            return place
    return None


def _first_stale(server: Scratch, order: Sequence[Migration]) -> int | None:
    """Return the place of the first migration that does not make its snapshot, as after an update of Mizzle."""
    with server.database() as connection:
        for place, migration in enumerate(order):
            execute(server, connection, migration.up(), name=f"{migration.id}/up.sql")
            recorded = catalog_of(migration.snapshot(), server.also)
            if compare(as_told(server.read(connection), recorded), recorded):
                return place
    return None


def _refuse_edited(moved: Sequence[Migration], fixed: Collection[str], why: str) -> None:
    for migration in moved:
        if migration.id in fixed and migration.edited:
            raise HistoryError(
                f"{migration.id} {why}",
                hint="restore its files, and put what was changed into a new migration (mizzle generate)",
            )


def _written(server: Scratch, project: Project, order: Sequence[Migration], changed: int) -> list[_Written]:
    """Prove each migration from `changed` on in its new place; return what is to be written."""
    written: list[_Written] = []
    done = stamps(order[:changed])
    declared = _declared(order[changed - 1]) if changed else frozenset[str]()
    catalog = catalog_of(order[changed - 1].snapshot(), server.also) if changed else EMPTY
    with server.database() as connection:
        for migration in order[:changed]:
            execute(server, connection, migration.up(), name=f"{migration.id}/up.sql")
        for place, migration in enumerate(order[changed:], changed):
            project.progress(f"proving {migration.id}")
            parent = order[place - 1].id if place else None
            reached = _proved(server, connection, migration, catalog, moved=parent != migration.parent)
            declared |= _declared(migration)
            done.append((migration.id, migration.up_checksum, migration.down_checksum))
            beside = _beside(order[:place], migration)
            over = _over(server, order[:place], migration, reached)
            draft = _draft(migration, parent, reached, _left(reached, declared), over)
            written.append((migration, draft, tuple(sorted(beside - set(over)))))
            catalog = reached
    *others, (last, draft, apart) = written
    return [*others, (last, _with_models(server, project, draft, catalog, done), apart)]


def _with_models(
    server: Scratch, project: Project, draft: write.Draft, catalog: Catalog, done: Sequence[tuple[str, str, str]]
) -> write.Draft:
    """Return the last draft, with the key that says that nothing is to be generated, where the models are equal to it.

    What the models have is declared from here on, even if a migration by hand made it.
    """
    if not project.config.has_sources:
        return draft
    models = project.wanted(server)
    known = frozenset(map(str, models.addresses()))
    draft = replace(draft, undeclared=tuple(each for each in draft.undeclared if each not in known))
    wanted = with_kept(models, catalog, undeclared(catalog, models, draft.undeclared))
    return draft if compare(catalog, wanted) else replace(draft, key=project.key(done))


def _declared(migration: Migration) -> frozenset[str]:
    """Return the objects of a migration's catalog that a source declared."""
    found = migration.snapshot()
    return frozenset(map(str, snapshot.decode(found.catalog).addresses())) - frozenset(found.undeclared)


def _left(catalog: Catalog, declared: Collection[str]) -> tuple[str, ...]:
    """Return the objects of `catalog` that no source declared."""
    return tuple(str(where) for where in catalog.addresses() if str(where) not in declared)


def _proved(server: Scratch, connection: Connection, migration: Migration, before: Catalog, *, moved: bool) -> Catalog:
    """Run a migration forward, back and forward again; return what it reaches."""
    try:
        execute(server, connection, migration.up(), name=f"{migration.id}/up.sql")
        reached = server.read(connection)
        execute(server, connection, migration.down(), name=f"{migration.id}/down.sql")
        expect(as_told(server.read(connection), before), before, f"{migration.id}/down.sql does not lead back")
        execute(server, connection, migration.up(), name=f"{migration.id}/up.sql")
    except ConfigError:
        raise  # it names the file and the line
    except MizzleError as error:
        where = "as it was written" if migration.unproved else "in its new place" if moved else "as it was edited"
        raise HistoryError(
            f"{migration.id} does not run {where}: {error.message}",
            hint="edit its files so that they fit, or delete it and generate it again; nothing was written",
        ) from error
    return reached


def _beside(below: Sequence[Migration], migration: Migration) -> set[str]:
    """Return the migrations now below this one that were not below it before."""
    parents = {m.id: m.parent for m in (*below, migration)}
    return parents.keys() - set(graph.ancestry(parents, migration.id))


def _over(server: Scratch, below: Sequence[Migration], migration: Migration, reached: Catalog) -> tuple[str, ...]:
    """Return the migrations now below this one that may also run after it: they give the same catalog then."""
    names = _beside(below, migration)
    if not names:
        return migration.over
    beside = [m for m in below if m.id in names]
    first = [m for m in below if m.id not in names]
    with server.database() as connection:
        try:
            for each in (*first, migration, *beside):
                execute(server, connection, each.up(), name=f"{each.id}/up.sql")
            same = not compare(server.read(connection), reached)
        except MizzleError:
            same = False  # they do not commute: a database that has this one first must be brought in line by hand
    return tuple(sorted({*migration.over, *names})) if same else migration.over


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
        replaces=migration.replaces,
        contracts=migration.contracts,
    )
