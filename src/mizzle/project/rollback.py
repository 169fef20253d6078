"""Migrations reverted, from the last one down: what that would delete is counted and told before anything runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing

import msgspec

from mizzle.catalog import address
from mizzle.errors import ConfigError, DecisionNeeded, HistoryError
from mizzle.migrations.folder import Migration
from mizzle.project.config import TEMPLATE
from mizzle.project.database import down_unit, up_units
from mizzle.project.losses import Loss, query, refuse_losses, rows
from mizzle.project.project import Project
from mizzle.runner import judge
from mizzle.runner import migrate as runner
from mizzle.runner.connection import Connection, connect
from mizzle.runner.events import Listener
from mizzle.runner.history import Attempt
from mizzle.runner.units import Report, Unit
from mizzle.sqltext import split, tokens

EMPTY = "empty"
"""What `to` is where everything is to be reverted."""

_DELETES = re.compile(
    r"(?m)^-- hazard: DELETES_DATA: drops ((?:table|column) .+?) with (?:all its rows|its values)(?:,|$)"
)
_NO_FIGURE = re.compile(r"(?m)^-- hazard: DELETES_DATA: (drops (?:attribute|sequence) .+)")
_PLANNED = re.compile(r"(?m)^-- (?:hazard|locks): ")
_CHANGING = ("CALL", "DELETE", "DO", "MERGE", "SELECT", "TRUNCATE", "UPDATE", "WITH")
"""What a statement begins with that may change rows."""


class Rollback(msgspec.Struct, frozen=True):
    """What is to be reverted: the migrations, the last one first, and what that deletes.

    `uncounted` are those written by hand that may delete something, nobody can say what; `found` those that `baseline`
    has recorded, so that what they would drop was there before them; `lost` is what goes besides, such as the current
    value of a sequence.
    """

    migrations: tuple[Migration, ...]
    losses: tuple[Loss, ...] = ()
    uncounted: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    found: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the migrations, the last one first."""
        return tuple(each.id for each in self.migrations)


def plan_rollback(project: Project, url: str, *, to: str | None = None) -> Rollback:
    """Find what reverting the last migration would do to the database at `url`, or all behind `to`; change nothing.

    Raises HistoryError where folder and history do not fit, ConfigError where there is no migration `to`.
    """
    chain = project.chain()
    units = up_units(chain)
    with runner.open_ledger(url, project.config.history, project.scope) as ledger:
        latest = ledger.read(units)
        judge.check(units, latest)
        adopted, found_there = ledger.adopted(), ledger.found_there()
    going = _going(chain, units, latest, to)
    _refuse_adopted(going, units, None if adopted is None else adopted[0])
    with closing(connect(url, scope=project.scope)) as connection:
        losses = tuple(_losses(connection, going, project.tenant))
    uncounted = tuple(each.id for each in going if _may_delete(each))
    lost = tuple(dict.fromkeys(each for migration in going for each in _NO_FIGURE.findall(migration.down_sql)))
    replaced = {unit.id: {unit.id, *unit.replaced()} for unit in units}
    found = tuple(each.id for each in going if replaced[each.id] & found_there)
    return Rollback(going, losses, uncounted, lost, found)


def rollback(  # noqa: PLR0913 - as migrate()
    project: Project,
    url: str,
    planned: Rollback,
    *,
    accept: Collection[str] = (),
    lock_timeout: str = "4s",
    wait: float = 60.0,
    on_event: Listener | None = None,
) -> Report:
    """Revert what was planned, one migration after the other; each is recorded by itself.

    `accept` names the tables, columns and migrations (of `uncounted` and `found`) whose data may be deleted. Raises
    DecisionNeeded where it would delete anything else, and what runner.rollback() raises; what was reverted before
    stays reverted and recorded.
    """
    refuse(planned, accept)
    units = up_units(project.chain())
    done: list[tuple[str, float]] = []
    for migration in planned.migrations:
        report = runner.rollback(
            url,
            units,
            down_unit(migration),
            schema=project.config.history,
            scope=project.scope,
            lock_timeout=lock_timeout,
            wait=wait,
            on_event=on_event,
        )
        done += report.reverted
    return Report(reverted=tuple(done))


def refuse(planned: Rollback, accept: Collection[str]) -> None:
    """Raise DecisionNeeded, with the flags that allow it, where something would be deleted that nobody named."""
    for doubt in doubts(planned, accept).values():
        raise doubt
    refuse_losses(planned.losses, objects(planned, accept), doing="rollback")


def doubts(planned: Rollback, accept: Collection[str]) -> dict[str, DecisionNeeded]:
    """Return the migrations that run only if somebody names them, and that nobody named, each with why."""
    found = {
        each: DecisionNeeded(
            f"{each} never ran here: mizzle baseline recorded it, and what its down.sql would drop was there before",
            hint=f"mizzle resolve {each} --reverted --reason ... takes it out of the history and drops nothing; "
            f"if its down.sql is to run, say so: --accept-data-loss {each}",
        )
        for each in planned.found
    }
    by_hand = {
        each: DecisionNeeded(
            f"{each} was written by hand, and its down.sql may delete data: nobody can count that beforehand",
            hint=f"read it; if it may run, say so: --accept-data-loss {each}",
        )
        for each in planned.uncounted
    }
    return {each: why for each, why in (by_hand | found).items() if each not in accept}


def objects(planned: Rollback, accept: Iterable[str]) -> list[str]:
    """Return what `accept` names but the migrations: tables and columns."""
    return [each for each in accept if each not in planned.ids]


def _going(
    chain: Sequence[Migration], units: Sequence[Unit], latest: Mapping[str, Attempt], to: str | None
) -> tuple[Migration, ...]:
    """Return the migrations to revert, the last one first: those that the database has, in part or whole."""
    ids = [migration.id for migration in chain]
    if to is not None and to != EMPTY and to not in ids:
        raise ConfigError(f"there is no migration {to}", hint="mizzle status lists them; `empty` is before the first")
    there = [each for each, unit in zip(chain, units, strict=True) if judge.has_any(unit, latest)]
    if to is None:
        return tuple(there[-1:])
    if to != EMPTY and all(each.id != to for each in there):
        raise HistoryError(
            f"{to} is not applied to this database: there is nothing to go back to", hint="mizzle status lists what is"
        )
    return tuple(reversed(there if to == EMPTY else there[[each.id for each in there].index(to) + 1 :]))


def _refuse_adopted(going: Sequence[Migration], units: Sequence[Unit], adopted: str | None) -> None:
    """Raise where what is to be reverted was there before Mizzle: it was recorded, and never run."""
    replaced = {unit.id: unit.replaced() for unit in units}
    found = next((each.id for each in going if adopted in {each.id, *replaced[each.id]}), None)
    if found is not None:
        raise HistoryError(
            f"{found} is where this database was taken over: what it makes was there before, and stays",
            hint="docs/adopt.md says how to go back to the tool that was there before",
        )


def _losses(connection: Connection, going: Sequence[Migration], tenant: str) -> Iterator[Loss]:
    """Count what would be deleted; the migrations name it as of the template, and for a tenant it is counted there."""
    found = (name for migration in going for name in _DELETES.findall(migration.down_sql))
    for where in map(address.parse, dict.fromkeys(found)):
        there = where._replace(names=(tenant, *where.names[1:])) if tenant and where.schema == TEMPLATE else where
        table = there.table or there
        found_there = connection.execute("SELECT pg_catalog.to_regclass(%s) IS NOT NULL", (table.sql,)).fetchone()
        lost = rows(connection, there, [query(there)], doing="roll back") if found_there and found_there[0] else 0
        if lost:
            yield Loss(where, lost)


def _may_delete(migration: Migration) -> bool:
    """Say whether down.sql has a step that a plan did not write, with a statement that may take rows away."""
    steps = (step.sql for step in migration.down().steps)
    return any(_takes(each.sql) for sql in steps if not _PLANNED.search(sql) for each in split(sql))


def _takes(statement: str) -> bool:
    words = [token.text.upper() for token in tokens(statement) if token.kind == "name"]
    if words[:1] == ["DROP"]:
        return words[1:2] in (["TABLE"], ["OWNED"]) or "CASCADE" in words
    return words[:1] in ([each] for each in _CHANGING) or (words[:2] == ["ALTER", "TABLE"] and "DROP" in words)
