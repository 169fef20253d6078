"""An Alembic project beside the rows of its table: nothing is taken over that Alembic has not applied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mizzle.adopt import revisions, versions
from mizzle.adopt.revisions import Revision, Revisions
from mizzle.errors import ConfigError, HistoryError
from mizzle.project.adopt_from import Source, shown, some
from mizzle.runner.connection import Connection

_NO_TABLE = "no version table in the database"


def source(path: Path, connection: Connection, table: versions.Table | None) -> Source:
    """Compare the heads of a project with what is in its `table`.

    Raises HistoryError where the database has a revision that no file has, or has not applied all; what
    revisions.read() raises; psycopg.Error.
    """
    scripts = revisions.read(path)
    if not scripts.by_id:
        raise ConfigError(f"{path} has no revisions", hint="mizzle adopt database takes over what is there")
    at = versions.revisions(connection, table) if table is not None else ()
    where = table.sql if table is not None else _NO_TABLE
    if unknown := scripts.unknown(at):
        raise HistoryError(
            f"the database is at {', '.join(unknown)} ({where}), and no file of {shown(path)} has that revision",
            hint="get the files that it was made with; another project's table is named by --version-table",
        )
    heads = [scripts.by_id[each] for each in scripts.heads]
    if missing := scripts.missing(at):
        raise HistoryError(
            f"the database is behind ({where}), Alembic has not applied {len(missing)} of {len(scripts.by_id)} "
            f"revisions:{some(missing)}\n{_heads(heads)}",
            hint=f"alembic upgrade head{'s'[: len(heads) > 1]} applies them; then run this again",
        )
    said = (f"Alembic: {shown(path)}, {_counted(scripts)}", _heads(heads), f"all are in the database ({where})")
    return Source("alembic", path, said, f"Alembic at {', '.join(scripts.heads)}", notes=scripts.notes)


def _counted(scripts: Revisions) -> str:
    bases = f" from {len(scripts.bases)} bases" if len(scripts.bases) > 1 else ""
    return f"{len(scripts.by_id)} revision{'s'[: len(scripts.by_id) != 1]}{bases}"


def _heads(heads: Sequence[Revision]) -> str:
    listed = ", ".join(f"{each.id} ({each.message})" if each.message else each.id for each in heads)
    return f"head {listed}" if len(heads) == 1 else f"{len(heads)} heads: {listed}"
