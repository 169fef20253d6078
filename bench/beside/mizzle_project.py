"""Mizzle's project: the history is written by its own library, as `generate` would have written it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import schemas
from bench.beside import history, rows
from bench.beside.history import Change
from bench.beside.project import HEAD, Place, Project
from bench.measure import Case
from mizzle.catalog import snapshot
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.migrations import folder, ids, write
from mizzle.planning import script
from mizzle.planning.plan import plan
from mizzle.project import head

_MOMENT = 0.1  # seconds after which a file counts as not just written


class Mizzle(Project):
    """Mizzle itself."""

    tool = rows.MIZZLE
    migrations = "migrations"

    def __init__(self, place: Place, tools: Path) -> None:
        super().__init__(place, tools)
        self.environment["XDG_CACHE_HOME"] = str(place.folder / "cache")
        self._sample = schemas.write(place.folder, place.tables)
        self.root = self._sample.root

    @property
    def migrating(self) -> Sequence[str | Path]:
        """The command that applies everything."""
        return (self.tools / "mizzle", "migrate")

    @property
    def generating(self) -> Sequence[str | Path]:
        """The command that writes a migration."""
        return (self.tools / "mizzle", "generate")

    def write(self) -> None:
        """Generate the initial migration, and write the others."""
        self.run(*self.generating)
        extend(self._sample.migrations, self.place.length)

    def add_column(self, name: str) -> None:
        """Give the models one more column."""
        self._sample.add_column(name)

    def settle(self) -> None:
        """Have it prove the migrations, and know that they are what the models say."""
        time.sleep(_MOMENT)
        self.run(*self.generating)
        self.run(self.tools / "mizzle", "check")

    def importing(self) -> Case:
        """Import the models."""
        return self.case(rows.IMPORT, self.tools / "python", "-c", f"import {self._sample.module}")

    def no_change(self, name: str) -> Case:
        """Find that nothing was touched."""
        return self.case(name, *self.generating, prints="no changes", prepare=self._untouched)

    def more(self) -> Sequence[Case]:
        """It reads what was saved again, compares a live database, and checks all that CI asks."""
        mizzle, url = self.tools / "mizzle", self.url(HEAD)
        return (
            self.case(rows.SAVED, *self.generating, prints="no changes", prepare=self._saved),
            self.case(rows.DRIFT, mizzle, "diff", url, "head", prints="equal"),
            self.case(rows.CHECK_LIVE, mizzle, "check", "--url", url, prints="the database is what"),
            self.case(rows.STATUS, mizzle, "status", prints="applied"),
            self.case(rows.CHECK, mizzle, "check", prints="as proved before"),
        )

    def _untouched(self) -> None:
        self.tree.restore()
        time.sleep(_MOMENT)
        self.run(*self.generating)  # a module may have been touched since

    def _saved(self) -> None:
        self.tree.restore()
        self._sample.edited.touch()


def extend(migrations: Path, length: int) -> None:
    """Write what comes after the initial migration, as `generate` writes it; `check` proves it."""
    (first,) = folder.load(migrations).chain()
    stored = first.snapshot()
    begun = snapshot.decode(stored.catalog)
    old, parent = begun, first.id
    when = datetime.strptime(ids.stamp(first.id), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    for change in history.changes([table.name for table in begun.tables], length):
        new = _changed(old, change)
        migration = ids.new_id(f"{change.kind}_{change.column}", now=when + timedelta(seconds=change.number))
        planned = plan(old, new)
        undo = planned.undo()
        draft = write.Draft(
            id=migration,
            parent=parent,
            up_sql=script.write(planned.steps, head=head.up(migration, planned)).text,
            down_sql=script.write(undo.steps, head=head.down(migration, planned, undo)).text,
            key="",
            undeclared=stored.undeclared,
            catalog=snapshot.encode(new),
        )
        write.write(migrations, draft)
        old, parent = new, migration


def _changed(catalog: Catalog, change: Change) -> Catalog:
    return replace(catalog, tables=tuple(_tables(catalog, change)))


def _tables(catalog: Catalog, change: Change) -> Iterator[Table]:
    for table in catalog.tables:
        if table.name != change.table:
            yield table
            continue
        others = [each for each in table.columns if each.name != change.column]
        order = tuple(each for each in table.order if each != change.column)
        if change.kind == "drop":
            yield replace(table, columns=tuple(others), order=order)
            continue
        default = f"{history.DEFAULT}::{history.TYPE}" if change.kind == "default" else None
        columns = [*others, Column(change.column, history.TYPE, default=default)]
        yield replace(table, columns=tuple(sorted(columns, key=lambda each: each.name)), order=(*order, change.column))
