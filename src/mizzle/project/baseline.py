"""A database that was there before its migrations: what it has of them is recorded, and nothing is run."""

from __future__ import annotations

from mizzle.errors import ConfigError, HistoryError
from mizzle.migrations.folder import Migration
from mizzle.project.database import up_units
from mizzle.project.project import Project
from mizzle.runner.events import ignore
from mizzle.runner.migrate import open_ledger
from mizzle.runner.resolve import record
from mizzle.runner.work import opened

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
    if compared:
        _refuse_difference(project, url, chain)
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


def _refuse_difference(project: Project, url: str, chain: tuple[Migration, ...]) -> None:
    from mizzle.project import replay  # noqa: PLC0415 - what is not compared needs no scratch server

    with project.scratch_if_needed() as server:
        lines = [each.line for each in replay.drift(server, project, url, chain).differences]
    if lines:
        more = f"\n  and {len(lines) - _LISTED} more" if len(lines) > _LISTED else ""
        shown = "\n  ".join(lines[:_LISTED])
        raise HistoryError(
            f"the database is not what the migrations up to {chain[-1].id} make:\n  {shown}{more}",
            hint="change the models or the database so that they agree, or record it all the same: --unchecked",
        )
