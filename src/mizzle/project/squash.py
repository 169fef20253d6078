"""Old migrations put together into one, which a database that has them need not run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from mizzle.catalog import snapshot as catalogs
from mizzle.catalog.catalog import EMPTY
from mizzle.errors import ConfigError, DecisionNeeded
from mizzle.migrations import write
from mizzle.migrations.folder import UP, Migration
from mizzle.migrations.snapshot import Replaced
from mizzle.planning import script
from mizzle.planning.plan import plan
from mizzle.planning.script import line_of
from mizzle.project import head
from mizzle.project.project import Project
from mizzle.project.recorded import catalog_of
from mizzle.prove import Stage
from mizzle.sqltext import split, tokens

_FEW = 2
_LISTED = 8
# What makes rows, or calls what may: a plan from nothing has none of it.
_MAKES_ROWS = frozenset({"CALL", "COPY", "DO", "INSERT", "MERGE"})


class Squashed(msgspec.Struct, frozen=True):
    """The migration that took the place of others, and those, its old self the last of them."""

    id: str
    replaced: tuple[str, ...]


def squash(project: Project, *, to: str | None = None, without_data: bool = False) -> Squashed:
    """Put the migrations up to and with `to` (all) together into one, which keeps the last one's id, and prove it.

    It makes, from nothing, what they have made; statements of theirs that make rows are not in it, so that they have to
    be given up by `without_data`. Raises DecisionNeeded where they are not, ConfigError where there are not two
    migrations, Unsupported and ProofError; the folder is as it was then.
    """
    chain = project.chain()
    old = _up_to(chain, to)
    rows = [] if without_data else list(_rows(old))
    if rows:
        more = f"\n  and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
        raise DecisionNeeded(
            "these statements make rows, and a migration made of the schema alone has none of them:\n  "
            + "\n  ".join(rows[:_LISTED])
            + more,
            hint="--without-data leaves them out; what a new database needs of them, write into the file afterwards: "
            "mizzle rebase proves it",
        )
    last = old[-1]
    stored = last.snapshot()
    wanted = catalog_of(stored, project.config.manage)
    planned = plan(EMPTY, wanted, major=project.target)
    undo = planned.undo()
    told = f"replaces {len(old)} migrations, {old[0].id} to {last.id}"
    up = script.write(project.written(planned.steps), head=[*head.up(last.id, planned), told])
    down = script.write(project.written(undo.steps), head=head.down(last.id, planned, undo))
    with project.scratch() as server, Stage(server, (), EMPTY) as stage:
        project.progress("proving the migration, forward and back")
        reached = stage.prove(up.script, down.script, wanted)
    draft = write.Draft(
        id=last.id,
        parent=None,
        up_sql=up.text,
        down_sql=down.text,
        key="",
        undeclared=stored.undeclared,
        catalog=catalogs.encode(reached),
        replaces=tuple(Replaced(each.id, each.up_checksum, each.replaces) for each in old),
    )
    write.rewrite(last, draft)
    write.remove(reversed(old[:-1]))
    return Squashed(last.id, tuple(each.id for each in old))


def _up_to(chain: Sequence[Migration], to: str | None) -> Sequence[Migration]:
    ids = [migration.id for migration in chain]
    if to is not None and to not in ids:
        raise ConfigError(f"there is no migration {to}", hint="mizzle status lists them")
    old = chain if to is None else chain[: ids.index(to) + 1]
    if len(old) < _FEW:
        raise ConfigError(
            f"there is nothing to put together: {len(old)} migration{'s'[: len(old) != 1]}",
            hint="name a later one with --to",
        )
    return old


def _rows(old: Sequence[Migration]) -> Iterator[str]:
    """Yield place and beginning of each statement that makes rows."""
    for migration in old:
        for step in migration.up().steps:
            for each in split(step.sql):
                word = next((token.text.upper() for token in tokens(each.sql) if token.significant), "")
                if word in _MAKES_ROWS:
                    line = line_of(step, each.offset)
                    yield f"{migration.id}/{UP}:{line}: {' '.join(each.sql.split())[:60]}"
