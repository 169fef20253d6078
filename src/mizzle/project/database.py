"""The migrations on the project's database: applied, looked at.

Nothing here needs models, SQLAlchemy or a scratch server.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from msgspec.structs import replace

from mizzle.migrations import folder as folders
from mizzle.migrations.folder import DOWN, UP, Migration
from mizzle.project.config import ENVIRONMENT
from mizzle.project.project import Project
from mizzle.runner import migrate as runner
from mizzle.runner.judge import OUT_OF_ORDER, OutOfOrderError
from mizzle.runner.scope import WHOLE, Scope
from mizzle.runner.units import Direction, Report, Unit, UnitStatus
from mizzle.runner.url import redact

if TYPE_CHECKING:
    from mizzle.planning.steps import Step
    from mizzle.runner.events import Listener


def migrate(  # noqa: PLR0913 - one keyword for each setting
    url: str,
    migrations: str | Path = "migrations",
    *,
    schema: str = "mizzle",
    tenant: str = "",
    role: str = "",
    to: str | None = None,
    contract: bool = False,
    dry_run: bool = False,
    lock_timeout: str = "4s",
    wait: float = 60.0,
    on_event: Listener | None = None,
) -> Report:
    """Apply what is pending of the folder `migrations` to the database at `url`.

    Safe to call from every replica at once: one of them migrates, the others wait. `schema` is that of the history;
    `tenant` the one schema to migrate, of a project that keeps one for each; `role` is taken by SET ROLE; `to` is the
    last migration to apply; `contract` says that no old code runs any more, so that contract migrations need not wait;
    `lock_timeout` is a PostgreSQL duration, `wait` how many seconds to leave another migrator.
    Raises HistoryError, DatabaseError, LockedError and ConfigError.
    """
    units = up_units(folders.load(Path(migrations)).chain())
    with _told_how_to_rebase(f"mizzle rebase --url {shlex.quote(redact(url))}"):
        return runner.migrate(
            url,
            units,
            schema=schema,
            scope=Scope(tenant, role),
            to=to,
            contract=contract,
            dry_run=dry_run,
            lock_timeout=lock_timeout,
            wait=wait,
            on_event=on_event,
        )


def migrate_project(  # noqa: PLR0913 - as migrate()
    project: Project,
    *,
    to: str | None = None,
    contract: bool = False,
    dry_run: bool = False,
    lock_timeout: str = "4s",
    wait: float = 60.0,
    on_event: Listener | None = None,
    url: str | None = None,
) -> Report:
    """Apply what is pending of the project's migrations to its database, which whoever has it open names by `url`."""
    units = up_units(project.chain())
    with ExitStack() as stack:
        url = stack.enter_context(project.database()) if url is None else url
        stack.enter_context(_told_how_to_rebase(_rebase(project, url)))
        return runner.migrate(
            url,
            units,
            schema=project.config.history,
            scope=project.scope,
            to=to,
            contract=contract,
            dry_run=dry_run,
            lock_timeout=lock_timeout,
            wait=wait,
            on_event=on_event,
        )


@contextmanager
def _told_how_to_rebase(command: str) -> Generator[None]:
    """Name the command that mends migrations out of order, with the database that it needs."""
    try:
        yield
    except OutOfOrderError as error:
        told = OutOfOrderError(error.message, hint=f"{OUT_OF_ORDER}: {command}")
        told.where, told.done = error.where, error.done
        raise told from error


def _rebase(project: Project, url: str) -> str:
    """Return `mizzle rebase` with the project's database as a shell takes it, and without its password."""
    if project.embedded:
        return "mizzle --embedded rebase"
    variable = project.config.url.removeprefix(ENVIRONMENT)
    if project.config.flag_url is None and os.environ.get(variable):
        return f'mizzle rebase --url "${variable}"'
    return f"mizzle rebase --url {shlex.quote(redact(url))}"


def status(project: Project, *, url: str | None = None) -> tuple[UnitStatus, ...]:
    """Return where each migration stands in the project's database, in the order of the folder.

    Whoever has the database open names it by `url`.
    """
    from mizzle.runner.status import status as runner_status  # noqa: PLC0415 - not needed to migrate

    chain = project.folder().chain(despite=("edited", "empty", "leftover", "unproved"))
    with ExitStack() as stack:
        url = stack.enter_context(project.database()) if url is None else url
        found = runner_status(url, up_units(chain), schema=project.config.history, scope=project.scope)
    hints = {m.id: _UNPROVED if m.unproved else _EDITED for m in chain if m.edited}
    return tuple(
        replace(each, hint=hints[each.id]) if each.state == "pending" and each.id in hints else each for each in found
    )


def resolve(project: Project, migration: str, direction: Direction, *, reason: str, wait: float = 60.0) -> None:
    """Record a migration as applied (up) or reverted (down) in the project's database; raises as runner.resolve()."""
    from mizzle.runner.resolve import resolve as runner_resolve  # noqa: PLC0415 - not needed to migrate

    units = up_units(project.folder().chain(despite=("edited", "leftover")))
    with project.database() as url:
        runner_resolve(
            url,
            units,
            migration,
            direction,
            reason=reason,
            schema=project.config.history,
            scope=project.scope,
            wait=wait,
        )


_UNPROVED = "it was made to be written by hand and is not proved yet: mizzle rebase proves it"
_EDITED = "it was edited after it was proved: mizzle rebase proves it again"


class _Steps(Sequence["Step"]):
    """The steps of an up.sql, parsed when the first is asked for: most runs have nothing to run."""

    def __init__(self, migration: Migration) -> None:
        self._migration = migration

    @cached_property
    def _parsed(self) -> tuple[Step, ...]:
        return self._migration.up().steps

    def __len__(self) -> int:
        return len(self._parsed)

    @overload
    def __getitem__(self, index: int) -> Step: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Step]: ...

    def __getitem__(self, index: int | slice) -> Step | Sequence[Step]:
        return self._parsed[index]


def up_units(chain: Sequence[Migration]) -> tuple[Unit, ...]:
    """Return the migrations as the runner takes them."""
    folder = Path(chain[0].folder).name if chain else ""
    return tuple(
        Unit(m.id, m.up_checksum, _Steps(m), f"{folder}/{m.id}/{UP}", m.over, m.replaces, m.contracts) for m in chain
    )


def down_unit(migration: Migration) -> Unit:
    """Return a migration's other direction."""
    name = f"{Path(migration.folder).name}/{migration.id}/{DOWN}"
    return Unit(migration.id, migration.down_checksum, migration.down().steps, name, replaces=migration.replaces)


def applied(url: str, *, schema: str, scope: Scope = WHOLE) -> frozenset[str]:
    """Return the ids of the migrations that the database at `url` has applied."""
    from mizzle.runner.status import status as runner_status  # noqa: PLC0415 - not needed to migrate

    return frozenset(
        each.id for each in runner_status(url, (), schema=schema, scope=scope) if each.state in {"missing", "unknown"}
    )


def waits(url: str, chain: Sequence[Migration], *, schema: str, scope: Scope = WHOLE) -> tuple[str, ...]:
    """Return the ids of the migrations that wait in the database at `url` until no old code runs any more."""
    return tuple(each.id for each in runner.held(url, up_units(chain), schema=schema, scope=scope))
