"""A recipe's two migrations in a project, databases that stand before and after the second, and what must be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import mizzle
from interrupting import HELD
from mizzle.catalog import snapshot
from mizzle.catalog.catalog import EMPTY
from mizzle.differ.compare import compare, describe
from mizzle.migrations.write import Draft, write
from mizzle.planning import script
from projects import Project
from runner_units import rows, run
from servers import database_name
from writing import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mizzle.catalog.catalog import Catalog
    from mizzle.planning.steps import Step
    from mizzle.prove import Scratch
    from recipes import Recipe
    from servers import Server

_COLUMNS = """
SELECT c.relname, a.attname
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, 2
"""
_OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'mizzle', 'pg_toast')"
_THINGS = f"""
SELECT 'relation', c.relname, c.relkind::text, coalesce(i.indisvalid AND i.indisready AND i.indislive, true)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid WHERE {_OURS}
UNION ALL
SELECT 'routine', p.proname, '', true FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OURS}
UNION ALL
SELECT 'trigger', t.tgname, c.relname, true
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {_OURS}
UNION ALL
SELECT 'its own triggers', c.relname, count(*)::text, true
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgisinternal AND {_OURS} GROUP BY c.relname
UNION ALL
SELECT 'constraint', k.conname, k.conrelid::regclass::text, k.convalidated
FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE {_OURS}
UNION ALL
SELECT 'column', a.attname, c.relname, a.attnotnull
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND {_OURS}
UNION ALL
SELECT 'partition', inhrelid::regclass::text, inhparent::regclass::text, NOT inhdetachpending FROM pg_inherits
ORDER BY 1, 2, 3, 4
"""
"""All that there is by its name, whatever Mizzle's reader may think of it, and whether it is whole."""
_LATEST = "SELECT DISTINCT ON (id) direction, state FROM mizzle.history WHERE id = '{}' ORDER BY id, attempt DESC"
_OPEN = "SELECT count(*) FROM mizzle.history WHERE state = 'running'"


@dataclass(frozen=True)
class State:
    """What a run that nothing disturbed has left: a database to copy, its catalog, all names, the rows."""

    database: str
    catalog: Catalog
    things: list[tuple[Any, ...]]
    rows: Mapping[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Ready:
    """A recipe as a project with two migrations, the second of them the recipe's, on one server.

    `columns` are those of each table that are there before, `added` those (table, column) that only come with it.
    """

    recipe: Recipe
    server: Server
    project: Project
    columns: Mapping[str, tuple[str, ...]]
    added: tuple[tuple[str, str], ...]
    before: State
    after: State
    back: State

    @classmethod
    def made(cls, recipe: Recipe, server: Server, scratch: Scratch, folder: Path) -> Self:
        """Write the migrations, and run them undisturbed, up and down."""
        made = _project(recipe, server.major, scratch, folder)
        url = server.create()
        made.run("--url", url, "migrate", "--to", made.ids()[0])
        run(url, recipe.rows, "ANALYZE", HELD)
        run(
            url,
            "SELECT setval(pg_get_serial_sequence(attrelid::regclass::text, attname), 5000) FROM pg_attribute "
            "WHERE attidentity <> '' AND attrelid::regclass::text !~ '^mizzle'",
        )
        columns = _columns(url)
        before = _state(url, columns, scratch, scratch.load(recipe.old))
        done = server.create(template=database_name(url))
        made.run("--url", done, "migrate")
        after = _state(done, columns, scratch, scratch.load(recipe.new))
        added = tuple((t, c) for t, names in _columns(done).items() for c in names if c not in columns.get(t, ()))
        ready = cls(recipe, server, made, columns, added, before, after, before)
        undone = server.create(template=database_name(done))
        made.run("--url", undone, *ready.rollback)
        back = _state(undone, columns, scratch, scratch.load(recipe.old))
        return cls(recipe, server, made, columns, added, before, after, back)

    @property
    def migration(self) -> str:
        """The id of the recipe's migration."""
        return self.project.ids()[1]

    @property
    def rollback(self) -> list[str]:
        """The command that takes it back, whatever that deletes."""
        known = {f"public.{table}.{column}" for table, column in self.added} | {"public.events_3"}
        return ["rollback", *(part for name in sorted(known) for part in ("--accept-data-loss", name))]

    def steps(self, file: str) -> tuple[Step, ...]:
        """The steps of its up.sql or down.sql."""
        return script.parse((self.project.migrations / self.migration / file).read_text(), name=file).steps

    def command(self, url: str, *command: str) -> list[str]:
        """The arguments of `mizzle` for a run that may be kept waiting for long."""
        return ["-C", str(self.project.folder), "--url", url, *command, "--lock-timeout", "160s"]

    def writer(self, url: str) -> Writer | None:
        """Return a client that writes to the recipe's tables; None where it does not know them."""
        if "things" not in self.columns:
            return None
        return Writer(url, self.columns, "GENERATED ALWAYS AS IDENTITY PRIMARY KEY" in self.recipe.old)

    def expect_ended(self, url: str, *, direction: str) -> None:
        """See that the recipe's migration was begun in that direction, and did not get to its end."""
        assert rows(url, _LATEST.format(self.migration)) in ([(direction, "running")], [(direction, "failed")])

    def expect(self, url: str, wanted: State, writer: Writer | None = None) -> None:
        """See that a database is as an undisturbed run has left it, with what `writer` has written."""
        ended = ("up", "applied") if wanted is self.after else ("down", "reverted")
        assert rows(url, _LATEST.format(self.migration)) == [ended]
        assert rows(url, _OPEN) == [(0,)]
        assert rows(url, _THINGS) == wanted.things
        assert describe(compare(mizzle.read(url), wanted.catalog)) == ()
        expected = writer.over(wanted.rows, self.columns) if writer else wanted.rows
        assert _rows(url, self.columns) == expected
        for table, column in self.added if wanted is self.after else ():
            query = f"SELECT count(*), count({column}), count(DISTINCT {column}) FROM public.{table}"
            ((all_of_them, filled, different),) = rows(url, query)
            assert all_of_them == filled == different or self.recipe.name.startswith("partition"), column


def _project(recipe: Recipe, major: int, scratch: Scratch, folder: Path) -> Project:
    """Write the migrations as `generate` does, for the server's version: there the recipes are not all the same."""
    made = Project(folder)
    folder.mkdir()
    made.settings()
    before, parent = EMPTY, None
    for number, sql in enumerate((recipe.old, recipe.new), 1):
        after = scratch.load(sql)
        plan = mizzle.plan(before, after, major=major)
        name = f"2026010{number}000000_{('before', 'recipe')[number - 1]}"
        texts = plan.sql, plan.undo().sql
        write(made.migrations, Draft(name, parent, *texts, key="", undeclared=(), catalog=snapshot.encode(after)))
        before, parent = after, name
    return made


def _columns(url: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for table, column in rows(url, _COLUMNS):
        found.setdefault(table, []).append(column)
    return {table: tuple(columns) for table, columns in found.items()}


def _rows(url: str, columns: Mapping[str, tuple[str, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows, sorted, of the tables that are still there."""
    there = _columns(url)
    return {
        table: sorted(rows(url, f"SELECT {', '.join(names)} FROM ONLY public.{table}"), key=repr)
        for table, names in columns.items()
        if table in there
    }


def _state(url: str, columns: Mapping[str, tuple[str, ...]], scratch: Scratch, wanted: Catalog) -> State:
    catalog = mizzle.read(url)
    assert describe(compare(scratch.rehome(catalog), wanted)) == ()
    return State(database_name(url), catalog, rows(url, _THINGS), _rows(url, columns))
