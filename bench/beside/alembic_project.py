"""Alembic's project: the same models as Mizzle's."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from bench import schemas
from bench.beside import history, rows
from bench.beside.history import Change
from bench.beside.project import Place, Project
from bench.measure import Case

_INI = "[alembic]\nscript_location = script\nprepend_sys_path = .\n"
_ENV = """\
from alembic import context
from sqlalchemy import create_engine
import os

from {module} import {attribute}

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata={attribute}.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
_VERSION = """\
from alembic import op
import sqlalchemy as sa

revision = {revision!r}
down_revision = {parent!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
"""


class Alembic(Project):
    """Alembic."""

    tool = rows.ALEMBIC
    migrations = "script/versions"

    def __init__(self, place: Place, tools: Path) -> None:
        super().__init__(place, tools)
        self._sample = schemas.write(place.folder, place.tables)
        self.root = self._sample.root

    @property
    def migrating(self) -> Sequence[str | Path]:
        """The command that applies everything."""
        return (self.tools / "alembic", "upgrade", "head")

    @property
    def generating(self) -> Sequence[str | Path]:
        """The command that writes a migration."""
        return (self.tools / "alembic", "revision", "--autogenerate", "-m", "change")

    def write(self) -> None:
        """Write what `alembic init` writes, cut to what runs; the initial revision, and the others."""
        module, _, attribute = self._sample.models.partition(":")
        script = self.root / "script"
        (script / "versions").mkdir(parents=True)
        (script / "env.py").write_text(_ENV.format(module=module, attribute=attribute))
        (self.root / "alembic.ini").write_text(_INI)
        generic = next(self.tools.parent.glob("lib/python*/site-packages/alembic/templates/generic"))
        shutil.copy(generic / "script.py.mako", script)
        self.place.databases.empty(self._name("head"))
        self.run(*self.generating, "--rev-id", "0000")
        parent = "0000"
        for change in history.changes([table.name for table in self.place.catalog.tables], self.place.length):
            revision = f"{change.number:04d}"
            text = _VERSION.format(revision=revision, parent=parent, up=_up(change), down=_down(change))
            (script / "versions" / f"{revision}_{change.kind}_{change.column}.py").write_text(text)
            parent = revision

    def add_column(self, name: str) -> None:
        """Give the models one more column."""
        self._sample.add_column(name)

    def importing(self) -> Case:
        """Import the models."""
        return self.case(rows.IMPORT, self.tools / "python", "-c", f"import {self._sample.module}")

    def no_change(self, name: str) -> Case:
        """Compare the models with the database."""
        return self.case(name, self.tools / "alembic", "check", prints="No new upgrade operations")

    def more(self) -> Sequence[Case]:
        """It compares a live database in any case, and knows its revision."""
        status = self.case(rows.STATUS, self.tools / "alembic", "current", prints="(head)")
        return (self.no_change(rows.DRIFT), status)


def _up(change: Change) -> str:
    match change.kind:
        case "add":
            return f'op.add_column("{change.table}", sa.Column("{change.column}", sa.Text(), nullable=True))'
        case "default":
            return f'op.alter_column("{change.table}", "{change.column}", server_default=sa.text("{history.DEFAULT}"))'
        case "drop":
            return f'op.drop_column("{change.table}", "{change.column}")'


def _down(change: Change) -> str:
    match change.kind:
        case "add":
            return f'op.drop_column("{change.table}", "{change.column}")'
        case "default":
            return f'op.alter_column("{change.table}", "{change.column}", server_default=None)'
        case "drop":
            return f'op.add_column("{change.table}", sa.Column("{change.column}", sa.Text(), nullable=True))'
