"""drizzle-kit's projects: 0.31 with a journal and whole snapshots, 1.0 with a folder and a difference per migration."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.beside import history, rows, typescript
from bench.beside.history import Change
from bench.beside.project import Project
from bench.measure import Case

CONFIG = """\
export default {
  dialect: "postgresql",
  schema: "./schema.ts",
  out: "./drizzle",
  dbCredentials: { url: process.env.DATABASE_URL },
};
"""


class Drizzle(Project):
    """drizzle-kit 0.31."""

    tool = rows.DRIZZLE
    migrations = "drizzle"
    loading = 'require("tsx/cjs/api").register(); require("./schema.ts")'

    @property
    def migrating(self) -> Sequence[str | Path]:
        """The command that applies everything."""
        return (self._program, "migrate")

    @property
    def generating(self) -> Sequence[str | Path]:
        """The command that writes a migration."""
        return (self._program, "generate")

    def write(self) -> None:
        """Write schema.ts, generate the initial migration, and write the others."""
        self.root.mkdir()
        (self.root / "node_modules").symlink_to(self.tools / "node_modules")
        (self.root / "package.json").write_text('{"private": true}\n')
        (self.root / "drizzle.config.ts").write_text(CONFIG)
        self._schema.write_text(typescript.schema(self.place.catalog))
        self.run(*self.generating)
        self.extend([table.name for table in self.place.catalog.tables])

    def extend(self, tables: Sequence[str]) -> None:
        """Write what comes after the initial migration, as drizzle-kit writes it."""
        meta = self.root / "drizzle" / "meta"
        journal = json.loads((meta / "_journal.json").read_text())
        snapshot = json.loads((meta / "0000_snapshot.json").read_text())
        for change in history.changes(tables, self.place.length):
            tag = f"{change.number:04d}_{change.kind}_{change.column}"
            snapshot["prevId"], snapshot["id"] = snapshot["id"], str(uuid.uuid4())
            _change_columns(snapshot["tables"][f"public.{change.table}"]["columns"], change)
            (self.root / "drizzle" / f"{tag}.sql").write_text(f"{change.sql};")
            (meta / f"{change.number:04d}_snapshot.json").write_text(json.dumps(snapshot, indent=2))
            first = journal["entries"][0]
            journal["entries"].append(
                {**first, "idx": change.number, "when": first["when"] + change.number, "tag": tag}
            )
        (meta / "_journal.json").write_text(json.dumps(journal, indent=2))

    def add_column(self, name: str) -> None:
        """Give the schema one more column."""
        self._schema.write_text(typescript.with_column(self._schema.read_text(), name))

    def importing(self) -> Case:
        """Load the schema as drizzle-kit does."""
        return self.case(rows.IMPORT, self.tools / "node", "-e", self.loading)

    def no_change(self, name: str) -> Case:
        """Compare the schema with the last snapshot."""
        return self.case(name, *self.generating, prints="No schema changes")

    def more(self) -> Sequence[Case]:
        """It compares a live database by `push`, and checks its folder."""
        push = self.case(rows.DRIFT, self._program, "push", "--force", prints="No changes detected")
        return (push, self.case(rows.CHECK, self._program, "check", prints="fine"))

    @property
    def _program(self) -> Path:
        return self.root / "node_modules" / ".bin" / "drizzle-kit"

    @property
    def _schema(self) -> Path:
        return self.root / "schema.ts"


class DrizzleNext(Drizzle):
    """drizzle-kit 1.0, not released yet."""

    tool = rows.DRIZZLE_NEXT
    loading = (
        'require("jiti").createJiti(process.cwd(), {interopDefault: true, requireCache: false}).import("./schema.ts")'
    )

    def extend(self, tables: Sequence[str]) -> None:
        """Write what comes after the initial migration, as drizzle-kit writes it."""
        (first,) = (self.root / "drizzle").iterdir()
        parent = json.loads((first / "snapshot.json").read_text())
        when = datetime.strptime(first.name[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        for change in history.changes(tables, self.place.length):
            moment = (when + timedelta(seconds=change.number)).strftime("%Y%m%d%H%M%S")
            folder = self.root / "drizzle" / f"{moment}_{change.kind}_{change.column}"
            folder.mkdir()
            parent = _difference(parent, change)
            (folder / "migration.sql").write_text(f"{change.sql};")
            (folder / "snapshot.json").write_text(json.dumps(parent, indent=2))


def _change_columns(columns: dict[str, Any], change: Change) -> None:
    match change.kind:
        case "add":
            columns[change.column] = {
                "name": change.column,
                "type": history.TYPE,
                "primaryKey": False,
                "notNull": False,
            }
        case "default":
            columns[change.column]["default"] = history.DEFAULT
        case "drop":
            del columns[change.column]


def _difference(parent: dict[str, Any], change: Change) -> dict[str, Any]:
    """Return the snapshot of a migration that makes one change."""
    where = f"public.{change.table}.{change.column}"
    statement = {"add": "add_column", "default": "alter_column", "drop": "drop_column"}[change.kind]
    whole = [f"s|col|{where}", f"n|col|{where}", f"e|col|{where}"]
    footprint = {
        "statementType": statement,
        "statementTarget": ["column", "public", change.table, change.column],
        "writes": [f"s|colprop|{where}.default"] if change.kind == "default" else whole,
        "reads": [f"n|tbl|public.{change.table}", "n|sch|public"],
    }
    return {
        "type": "diff",
        "version": parent["version"],
        "dialect": parent["dialect"],
        "id": str(uuid.uuid4()),
        "prevIds": [parent["id"]],
        "footprints": [footprint],
        "deltas": [_delta(change)],
    }


def _delta(change: Change) -> dict[str, Any]:
    key = f"columns\0{json.dumps(['public', change.table, change.column], separators=(',', ':'))}"
    match change.kind:
        case "add":
            row = {"schema": "public", "table": change.table, "name": change.column, "type": history.TYPE}
            unset = {"typeSchema": None, "notNull": False, "dimensions": 0, "default": None, "generated": None}
            return {"op": "create", "row": {**row, **unset, "identity": None, "entityType": "columns"}}
        case "default":
            return {"op": "alter", "key": key, "set": {"default": history.DEFAULT}}
        case "drop":
            return {"op": "drop", "key": key}
