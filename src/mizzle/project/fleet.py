"""The project's migrations on its many databases, or on its many tenants: who they are, and what becomes of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import psycopg

from mizzle.errors import ConfigError, DatabaseError, HistoryError
from mizzle.project.database import up_units
from mizzle.project.project import Project
from mizzle.runner import fleet
from mizzle.runner import migrate as runner
from mizzle.runner.connection import Connection, connect
from mizzle.runner.fleet import Outcome, Pace, Target
from mizzle.runner.scope import Scope
from mizzle.runner.status import status as runner_status
from mizzle.runner.url import describe, parameters

_QUERIES = ("SELECT", "WITH", "TABLE", "VALUES")
_HINT = "a file of one target a line, or a query that returns one or two columns"
_UNSAFE = frozenset({"edited", "missing", "unknown", "failed"})


def targets(project: Project, url: str, given: str) -> tuple[Target, ...]:
    """Return who `given` (a file, or a query on the database at `url`) lists, in its order.

    A target is a URL, the name of a database on the same server as `url`, or, where the project keeps one schema per
    tenant, the name of a schema there; a URL and a schema are two columns, or two words. Raises ConfigError for a
    list that cannot be read, or that names one target twice; DatabaseError for a query that PostgreSQL refuses.
    """
    word = given.split(maxsplit=1)[0].upper() if given.strip() else ""
    rows = _queried(project, url, given) if word in _QUERIES else _listed(project, given)
    found = tuple(_numbered(project, url, row, number) for number, row in enumerate(rows, 1))
    twice = [target.name for target, times in Counter(found).items() if times > 1]
    if twice:
        raise ConfigError(f"the fleet names {twice[0]} twice", hint="name each target once")
    return found


def migrate(  # noqa: PLR0913 - one keyword for each option
    project: Project,
    members: Sequence[Target],
    *,
    pace: Pace,
    to: str | None = None,
    contract: bool = False,
    dry_run: bool = False,
    lock_timeout: str = "4s",
    wait: float = 60.0,
    on_done: Callable[[Outcome, int], None],
) -> tuple[Outcome, ...]:
    """Apply what is pending to each of `members`; return what became of each. Raises HistoryError for a broken folder.

    Where one has failed the others go on, as far as `pace` lets them; the next run does what is left.
    """
    units = up_units(project.chain())

    def work(conn: Connection, target: Target) -> Outcome:
        report = runner.migrate(
            conn,
            units,
            schema=project.config.history,
            scope=Scope(target.tenant, project.config.role),
            to=to,
            contract=contract,
            dry_run=dry_run,
            lock_timeout=lock_timeout,
            wait=wait,
        )
        if dry_run:
            return Outcome(target, "pending" if report.pending else "current", report.pending, held=report.held)
        done = tuple(each for each, _ in report.applied)
        return Outcome(target, "applied" if done else "current", done, held=report.held)

    return fleet.run(members, work, pace=pace, on_done=on_done)


def status(
    project: Project, members: Sequence[Target], *, jobs: int, on_done: Callable[[Outcome, int], None]
) -> tuple[Outcome, ...]:
    """Return where each of `members` stands: current, pending, or failed with what does not fit."""
    units = up_units(project.folder().chain(despite=("edited", "empty", "leftover", "unproved")))

    def work(conn: Connection, target: Target) -> Outcome:
        found = runner_status(
            conn, units, schema=project.config.history, scope=Scope(target.tenant, project.config.role)
        )
        wrong = [each for each in found if each.state in _UNSAFE]
        if wrong:
            first = wrong[0]
            reason = f"{first.id} is {first.state}" + (f": {first.error}" if first.error else "")
            return Outcome(target, "failed", failure=HistoryError(reason, hint=first.hint))
        waiting = tuple(each.id for each in found if each.state != "applied")
        return Outcome(target, "pending" if waiting else "current", waiting)

    return fleet.run(members, work, pace=Pace(jobs=jobs, canaries=0, stop=1.0), on_done=on_done)


def _queried(project: Project, url: str, query: str) -> list[tuple[str, ...]]:
    with closing(connect(url, scope=Scope(role=project.config.role))) as conn:
        try:
            conn.execute("BEGIN READ ONLY; SET LOCAL statement_timeout = '60s'")
            cursor = conn.execute(query.encode())
            rows = cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise DatabaseError(
                f"the query of the fleet: {error.diag.message_primary or error}",
                hint="names in it need their schema: search_path is empty",
                sqlstate=error.sqlstate or "",
            ) from error
    if any(None in row or not 1 <= len(row) <= 2 for row in rows):  # noqa: PLR2004 - URL and schema
        raise ConfigError("the query of the fleet returns NULL, or more than two columns", hint=_HINT)
    return [tuple(map(str, row)) for row in rows]


def _listed(project: Project, name: str) -> list[tuple[str, ...]]:
    path = Path(name)
    path = path if path.is_file() else project.config.root / name
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read the fleet {name}: {error.strerror}", hint=f"give {_HINT}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start})", hint="save it as UTF-8") from error
    written = (line.strip() for line in lines)
    return [_words(line) for line in written if line and not line.startswith("#")]


def _words(line: str) -> tuple[str, ...]:
    """Return a line's columns: what stands behind a URL is a schema, and any other line is one name."""
    first, _, rest = line.partition(" ")
    return (first, rest.strip()) if _is_url(first) and rest.strip() and "=" not in first else (line,)


def _numbered(project: Project, url: str, row: tuple[str, ...], number: int) -> Target:
    try:
        return _target(project, url, row)
    except ConfigError as error:  # which does not say what it read: there may be a password in it
        raise ConfigError(f"target {number} of the fleet: {error.message}", hint=error.hint) from error


def _target(project: Project, url: str, row: tuple[str, ...]) -> Target:
    per_schema = project.config.per_schema
    match row:
        case (where, tenant) if per_schema:
            if not _is_url(where):
                where = _beside(url, where)
            return Target(f"{_shown(where)} {tenant}", where, tenant)
        case (tenant,) if per_schema and not _is_url(tenant):
            return Target(tenant, url, tenant)
        case (where,) if not per_schema:
            return Target(_shown(where), where) if _is_url(where) else Target(where, _beside(url, where))
        case _:
            wanted = "a schema, or a URL and a schema" if per_schema else "a URL, or the name of a database"
            raise ConfigError(f"a target of the fleet is {' '.join(map(_shown, row))}, not {wanted}", hint=_HINT)


def _is_url(text: str) -> bool:
    return "://" in text or "=" in text


def _shown(text: str) -> str:
    return describe(parameters(text)) if _is_url(text) else text


def _beside(url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - most fleets list URLs or schemas

    return make_conninfo("", **{**parameters(url), "dbname": database})
