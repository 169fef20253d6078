"""The first migration of a project that is taken over: the database as it is, or the models."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from mizzle.catalog import prune
from mizzle.catalog import snapshot as catalogs
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.changes import Rename
from mizzle.differ.compare import compare
from mizzle.differ.questions import questions
from mizzle.migrations import write
from mizzle.migrations.folder import Migration
from mizzle.migrations.snapshot import checksum
from mizzle.planning import script
from mizzle.planning.needs import Needs
from mizzle.planning.plan import plan
from mizzle.project import head
from mizzle.project.declared import undeclared, with_kept
from mizzle.project.project import Project
from mizzle.project.replay import told
from mizzle.project.writing import new_id
from mizzle.prove import Scratch, Stage


class Compared(msgspec.Struct, frozen=True):
    """The schema that the first migration makes, and how the other one differs from it.

    `drift` are the differences between models and database that `check` finds from then on, said of the database;
    `kept` is what the database alone has, and keeps; `unwritten` what no migration can make, as it is not managed or
    needs what is not.
    """

    base: Catalog
    undeclared: frozenset[Address]
    drift: tuple[str, ...] = ()
    kept: tuple[Address, ...] = ()
    unwritten: tuple[Address, ...] = ()


def from_models(declared: Catalog, live: Catalog) -> Compared:
    """Begin with what the models declare: each difference of the database is drift."""
    return Compared(declared, frozenset(), tuple(_drift(declared, live)), unwritten=live.unmanaged)


def from_database(declared: Catalog, live: Catalog) -> Compared:
    """Begin with what the database is: what it alone has is kept; other differences are for `generate`."""
    base = prune.managed(live)
    alone = _alone(declared, base)
    kept = undeclared(base, declared, map(str, alone))
    drift = tuple(_drift(with_kept(declared, base, kept), base))
    unwritten = (*live.unmanaged, *sorted(live.addresses() - base.addresses()))
    return Compared(base, alone, drift, _whole(kept), unwritten)


def write_baseline(project: Project, server: Scratch, compared: Compared, *, name: str, said: str) -> Migration:
    """Prove the first migration on scratch, and write it; where that cannot be, raise Unsupported or ProofError."""
    migration = new_id(name, ())
    planned = plan(EMPTY, compared.base, major=project.target)
    undo = planned.undo()
    up = script.write(project.written(planned.steps), head=[*head.up(migration, planned, kept=compared.kept), said])
    down = script.write(project.written(undo.steps), head=head.down(migration, planned, undo))
    with Stage(server, (), EMPTY) as stage:
        project.progress("proving the migration, forward and back")
        reached = stage.prove(up.script, down.script, planned.new)
    settled = project.config.has_sources and not compared.drift
    stamp = [(migration, checksum(up.text), checksum(down.text))]
    draft = write.Draft(
        id=migration,
        parent=None,
        up_sql=up.text,
        down_sql=down.text,
        key=project.key(stamp) if settled else "",
        undeclared=tuple(map(str, compared.undeclared)),
        catalog=catalogs.encode(reached),
    )
    write.write(project.config.migrations_folder, draft)
    (written,) = project.chain()
    return written


def _alone(declared: Catalog, base: Catalog) -> frozenset[Address]:
    """Return what the database has and no model ever declared, as far as one can know.

    What only has another name in the models is declared; what may have been renamed is for `generate` to ask about, and
    what needs it goes with it.
    """
    changes = compare(base, declared)
    ours = {change.address for change in changes if isinstance(change, Rename)}
    ours |= {question.gone for question in questions(changes)}
    was, needs = base.addresses(), Needs(base)
    alone = set(was - declared.addresses() - ours)
    while True:
        there = declared.addresses() | alone
        torn = {where for where in alone if any(each in was and each not in there for each in needs.get(where))}
        if not torn:
            return frozenset(alone)
        alone -= torn


def _drift(declared: Catalog, live: Catalog) -> Iterable[str]:
    for change in compare(declared, live):
        yield told(change)


def _whole(kept: Iterable[Address]) -> tuple[Address, ...]:
    """Return what is kept without the parts of a table that is kept itself."""
    listed = tuple(kept)
    tables = {where.names for where in listed if where.kind == "table"}
    return tuple(where for where in listed if where.kind == "table" or where.names[:2] not in tables)
