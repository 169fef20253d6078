"""Drizzle's files beside its table and the database: what was applied, the database says, not the table alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from mizzle.adopt import drizzle, effects, replaying, versions
from mizzle.adopt.drizzle import File, Folder
from mizzle.adopt.effects import Seen
from mizzle.adopt.findings import Finding, Kind
from mizzle.adopt.replaying import Step
from mizzle.adopt.versions import Row
from mizzle.catalog.catalog import Catalog
from mizzle.errors import HistoryError
from mizzle.project.adopt_from import FileSeen, Source, shown, some
from mizzle.project.project import Project
from mizzle.prove import Scratch
from mizzle.runner.connection import Connection

_NO_TABLE = "no table of Drizzle's in the database"


def source(
    path: Path,
    connection: Connection,
    table: versions.Table | None,
    *,
    server: Scratch,
    project: Project,
    live: Callable[[Catalog], Catalog],
) -> Source:
    """Run Drizzle's files on scratch, and compare what each of them makes with the database and with its `table`.

    `live` gives the database, told by scratch, to be compared with a catalog. Raises HistoryError for files that
    Drizzle would run next and that are not there, what drizzle.read() raises, and psycopg.Error.
    """
    folder = drizzle.read(path)
    rows = versions.applied(connection, table) if table is not None else ()
    where = f"{table.sql}, {len(rows)} rows" if table is not None else _NO_TABLE
    replayed = replaying.replay(
        server,
        folder.files,
        own=project.managed,
        tried=lambda file: not file.listed,
        progress=project.progress,
    )
    judged = effects.judge([each.touched for each in replayed.steps], effects.facts(live(replayed.catalog)))
    seen = [Seen("refused") if step.refused else each for each, step in zip(judged, replayed.steps, strict=True)]
    _refuse_pending(folder, seen, drizzle.pending(folder, rows), where)
    files: list[FileSeen] = []
    noted = drizzle.recorded(folder, rows)
    findings = [*folder.findings, *_unknown(rows, noted.values())]
    for file, found, step in zip(folder.files, seen, replayed.steps, strict=True):
        row = noted.get(file.name)
        files.append(FileSeen(file.name, found.verdict, row is not None))
        findings += _of_file(file, found, step, row)
    said = (f"Drizzle {folder.form}: {shown(path)}, {_counted(folder)}", f"what it has noted: {where}")
    return Source("drizzle", path, said, f"Drizzle {folder.form}", tuple(files), tuple(findings))


def _counted(folder: Folder) -> str:
    outside = sum(not file.listed for file in folder.files)
    more = f", {outside} of them unknown to it" if outside else ""
    return f"{len(folder.files)} file{'s'[: len(folder.files) != 1]}{more}"


def _refuse_pending(folder: Folder, seen: Sequence[Seen], waiting: frozenset[str], where: str) -> None:
    """Raise where Drizzle would go on: what is not there is not to be lost.

    What shows nothing in the schema, and comes before a file that is there, is taken to be there.
    """
    last = max((at for at, each in enumerate(seen) if each.verdict == "applied"), default=-1)
    behind = [
        file.name
        for at, (file, each) in enumerate(zip(folder.files, seen, strict=True))
        if file.name in waiting and (each.verdict == "not applied" or (each.verdict == "unseen" and at > last))
    ]
    if behind:
        raise HistoryError(
            f"the database is behind ({where}), Drizzle has not applied {len(behind)} of {len(folder.files)} "
            f"files:{some(behind)}",
            hint="drizzle-kit migrate applies them, or move them out of the folder; then run this again",
        )


def _of_file(file: File, seen: Seen, step: Step, row: Row | None) -> list[Finding]:
    """Return what is to be said of one file, by what Drizzle has noted and what the database has."""
    found: list[Finding] = []
    missing = tuple(map(str, seen.missing))
    if row is not None and row.hash != file.hash:
        found.append(Finding(Kind.EDITED, file.name, "it was edited after it was applied: its hash is another one"))
    match seen.verdict:
        case "in part":
            found.append(Finding(Kind.IN_PART, file.name, "the database has a part of it; not there:", missing))
        case "not applied" if row is not None:
            found.append(Finding(Kind.GONE, file.name, "Drizzle has applied it, and this is not there:", missing))
        case "not applied":
            found.append(Finding(Kind.NEVER_RAN, file.name, "it was never run; not there:", missing))
        case "applied" if row is None and file.listed:
            found.append(Finding(Kind.BY_HAND, file.name, "the database has it, and Drizzle has not noted that"))
        case "refused":
            found.append(Finding(Kind.REFUSED, file.name, f"it does not run behind the others: {step.refused}"))
        case "applied" | "unseen":
            pass
    return found


def _unknown(rows: Sequence[Row], known: Collection[Row]) -> list[Finding]:
    """Name the rows that no file has."""
    message = "Drizzle has applied it, and there is no such file"
    return [Finding(Kind.UNKNOWN, row.name or row.hash[:12], message) for row in rows if row not in known]
