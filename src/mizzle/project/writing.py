"""What a plan becomes: a migration, proved on scratch, and written behind the last one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mizzle.catalog import snapshot
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.migrations import ids, write
from mizzle.migrations.folder import Migration
from mizzle.migrations.snapshot import checksum
from mizzle.planning import script
from mizzle.planning.plan import Plan
from mizzle.planning.steps import Step
from mizzle.project import forbidden, head
from mizzle.project.broken_models import BrokenModel, broken_models
from mizzle.project.project import Project, stamps
from mizzle.project.recorded import catalog_of
from mizzle.prove import Past, Stage


class Generated(msgspec.Struct, frozen=True):
    """A migration that was written: its folder and its plan (None for an empty one), and what was kept undeclared.

    `steps` are those of its up.sql; `broken` is what of old code fails on what it makes.
    """

    id: str
    path: Path
    plan: Plan | None = None
    kept: tuple[Address, ...] = ()
    broken: tuple[BrokenModel, ...] = ()
    steps: tuple[Step, ...] = ()


class Head(msgspec.Struct, frozen=True):
    """Where the migrations end: the chain, its last catalog, and what no source declared of it."""

    chain: tuple[Migration, ...]
    catalog: Catalog
    undeclared: tuple[str, ...]

    @property
    def id(self) -> str | None:
        """The last migration's id."""
        return self.chain[-1].id if self.chain else None

    def history(self) -> tuple[Past, ...]:
        """The chain, to be replayed."""
        return tuple(map(past, self.chain))


def past(migration: Migration) -> Past:
    """Return a migration as a replay takes it."""
    return Past(migration.up_checksum, migration.up)


def read_head(chain: tuple[Migration, ...], manage: Collection[str]) -> Head:
    """Read the snapshot of the last migration; of grants and their like what is in `manage`."""
    if not chain:
        return Head((), EMPTY, ())
    stored = chain[-1].snapshot()
    return Head(chain, catalog_of(stored, manage), stored.undeclared)


def write_proved(  # noqa: PLR0913 - what a migration is made of
    project: Project,
    stage: Stage,
    last: Head,
    planned: Plan,
    *,
    name: str = "",
    kept: tuple[Address, ...] = (),
    declared: Collection[Address],
    undo: Plan | None = None,
    contracts: str = "",
) -> Generated:
    """Prove a plan on `stage`, which holds the head of the migrations, and write it as the next one.

    `kept` is told in it as what no source declares and stays, `declared` what the sources declare: all else is noted as
    undeclared. `undo` is the way back where that is not the plan's own, `contracts` the migration whose contract it is.
    Raises ProofError, and ForbiddenError for what the configuration forbids; nothing is written then.
    """
    forbidden.refuse(project, planned, contract=bool(contracts))
    migration = new_id(name or suggested_name(planned, last.chain), last.chain)
    steps = project.written(planned.steps)
    up = script.write(steps, head=head.up(migration, planned, kept=kept))
    undo = undo or planned.undo()
    down = script.write(project.written(undo.steps), head=head.down(migration, planned, undo))
    project.progress("proving the migration, forward and back")
    reached = stage.prove(up.script, down.script, planned.new)
    draft = write.Draft(
        id=migration,
        parent=last.id,
        up_sql=up.text,
        down_sql=down.text,
        key=project.key([*stamps(last.chain), (migration, checksum(up.text), checksum(down.text))]),
        undeclared=tuple(str(where) for where in reached.addresses() - set(declared)),
        catalog=snapshot.encode(reached),
        contracts=contracts,
    )
    written = write.write(project.config.migrations_folder, draft)
    return Generated(migration, written, planned, kept, broken_models(planned, project.sources), steps)


def new_id(name: str, chain: Sequence[Migration]) -> str:
    """Return the id of a migration made now, behind all of `chain`."""
    return ids.new_id(name, now=datetime.now(UTC), after=[migration.id for migration in chain])


def suggested_name(planned: Plan, chain: Sequence[Migration]) -> str:
    """Return a name for a migration that was given none: `initial`, or what its first change does."""
    if not chain:
        return "initial"
    first = planned.changes[0]
    verb = {"Create": "add", "Drop": "drop", "Alter": "change", "Rename": "rename"}[type(first).__name__]
    more = "_and_more" if len(planned.changes) > 1 else ""
    return "_".join([verb, *(first.address.names[1:] or first.address.names)]) + more
