"""A database that was there before its migrations: what it has of them is recorded, and nothing is run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mizzle.errors import ConfigError, HistoryError, MizzleError
from mizzle.migrations.folder import Migration
from mizzle.project.database import up_units
from mizzle.project.project import Project
from mizzle.runner.events import ignore
from mizzle.runner.fleet import Outcome, Target
from mizzle.runner.migrate import open_ledger
from mizzle.runner.resolve import record
from mizzle.runner.work import opened

if TYPE_CHECKING:
    from mizzle.prove import Scratch

_LISTED = 12


def baseline(
    project: Project,
    url: str,
    *,
    to: str | None = None,
    compared: bool = True,
    reason: str | None = None,
    wait: float = 60.0,
) -> tuple[str, ...]:
    """Record the migrations up to and with `to` (all) as applied to the database at `url`; return their ids.

    What the database is, as far as the project manages it, has to be what they make, unless it is not `compared`.
    Raises HistoryError with the differences, ConfigError for a migration that there is not, LockedError.
    """
    chain = _up_to(project.chain(), to)
    with project.scratch_if_needed() as server:
        if compared:
            _refuse_difference(server, project, url, chain)
    return _record(project, url, chain, reason, wait)


def baselines(  # noqa: PLR0913 - one keyword for each option
    project: Project,
    members: Sequence[Target],
    *,
    to: str | None = None,
    compared: bool = True,
    reason: str | None = None,
    wait: float = 60.0,
    on_done: Callable[[Outcome, int], None],
) -> tuple[Outcome, ...]:
    """Do as baseline() to each of `members`, one after the other; what it raises for one is that one's outcome."""
    chain = _up_to(project.chain(), to)
    outcomes: list[Outcome] = []
    with project.scratch_if_needed() as server:
        for target in members:
            begun = time.monotonic()
            one = replace(project, tenant=target.tenant)
            try:
                if compared:
                    _refuse_difference(server, one, target.url, chain)
                told = _record(one, target.url, chain, reason, wait)
            except MizzleError as error:
                outcomes.append(Outcome(target, "failed", failure=error))
            else:
                outcomes.append(Outcome(target, "applied" if told else "current", told, time.monotonic() - begun))
            on_done(outcomes[-1], len(outcomes))
    return tuple(outcomes)


def _record(
    project: Project, url: str, chain: tuple[Migration, ...], reason: str | None, wait: float
) -> tuple[str, ...]:
    units = up_units(chain)
    with (
        open_ledger(url, project.config.history, project.scope) as ledger,
        opened(ledger, units, wait=wait, on_event=ignore) as latest,
    ):
        return record(ledger, units, latest, origin="baseline", reason=reason)


def _up_to(chain: tuple[Migration, ...], to: str | None) -> tuple[Migration, ...]:
    if not chain:
        raise ConfigError(
            "there are no migrations to start from",
            hint="mizzle generate writes the first one, of all that the models declare; then mizzle baseline",
        )
    ids = [migration.id for migration in chain]
    if to is not None and to not in ids:
        raise ConfigError(f"there is no migration {to}", hint="mizzle status lists them")
    return chain if to is None else chain[: ids.index(to) + 1]


def _refuse_difference(server: Callable[[], Scratch], project: Project, url: str, chain: tuple[Migration, ...]) -> None:
    from mizzle.project import replay  # noqa: PLC0415 - what is not compared needs no scratch server

    lines = [each.line for each in replay.drift(server, project, url, chain).differences]
    if lines:
        more = f"\n  and {len(lines) - _LISTED} more" if len(lines) > _LISTED else ""
        shown = "\n  ".join(lines[:_LISTED])
        raise HistoryError(
            f"the database is not what the migrations up to {chain[-1].id} make:\n  {shown}{more}",
            hint="change the models or the database so that they agree, or record it all the same: --unchecked",
        )
