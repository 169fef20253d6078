"""Changes of a schema as data, and the one way they are put to the test.

A case says what a schema was and what it shall be. run() builds the old one in a database, puts rows into its tables,
runs the plan as migrations run, undoes it, and asks each time whether that is what was wanted: the reader, the referee
(which knows nothing of Mizzle), and the rows.
"""

from __future__ import annotations

import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors

import locks
import rows
from kept import Kept
from mizzle import names
from mizzle.catalog.access import KINDS
from mizzle.catalog.read import read
from mizzle.differ.changes import Rename
from mizzle.differ.compare import compare, describe
from mizzle.errors import DatabaseError, MizzleError, RowsError
from mizzle.planning import script
from mizzle.planning.breaking import breaks
from mizzle.planning.plan import Plan, plan
from mizzle.planning.session import pin_sql
from mizzle.planning.steps import HazardCode
from mizzle.runner import repair
from mizzle.runner.backfill import run_through
from mizzle.runner.conditions import holds
from mizzle.runner.execute import run_inside, run_outside
from mizzle.runner.locate import Place
from mizzle.runner.rows import expect
from mizzle.sqltext import split
from referee import restore, schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mizzle.catalog.catalog import Catalog
    from mizzle.planning.steps import Step
    from mizzle.prove import Scratch
    from servers import Server

    Connection = psycopg.Connection[Any]


_ABOUT_VALUES = ("22", "23")
"""The classes of errors that are about values: they do not convert, or a constraint forbids them."""


@dataclass(frozen=True, slots=True)
class Case:
    """One change.

    `old` and `new` are SQL for an empty database; `change`, given instead of `new`, is run after `old`. `rows` is SQL
    that fills the tables; they are generated where it is not given. `after` is SQL that must succeed after the change.
    What is expected, as far as the case says it: all `hazards` (their codes; BREAKS_OLD_CODE where breaks() says so may
    be left out), what the planned SQL `has` and `hasnt`, that it is `refused` with these words or finds everything
    `unchanged`, that it `fails` (or its undo does, `undo_fails`) with these words while there are rows. That is told
    before anything runs, unless it is `untold`; `told` and `undo_told` are what the rows do not fulfil though the plan
    would run, and round or cut them.
    `fitting`: the rows are those that the tables take, and whether they are in the way is not known. `restored`:
    the referee is asked after a dump was restored, for texts that PostgreSQL prints in another way then. `access`:
    grants, owners and default privileges are managed, of roles `r1` and the like.
    """

    name: str
    old: str = ""
    new: str = ""
    change: str = ""
    rows: str | None = None
    renames: dict[str, str] = field(default_factory=dict[str, str])
    majors: list[int] = field(default_factory=lambda: [18, 15])
    after: str = ""
    hazards: list[str] | None = None
    has: list[str] = field(default_factory=list[str])
    hasnt: list[str] = field(default_factory=list[str])
    refused: str = ""
    unchanged: bool = False
    restored: bool = False
    access: bool = False
    fails: str = ""
    untold: bool = False
    fitting: bool = False
    told: list[str] = field(default_factory=list[str])
    undo_told: list[str] = field(default_factory=list[str])
    undo_fails: str = ""

    @property
    def wanted(self) -> str:
        """The new schema as one text of SQL."""
        return f"{self.old}\n;\n{self.change}" if self.change else self.new


def cases(file: Path) -> Iterator[Case]:
    """Read the cases of a file; what stands in its table `shared` is said of each case that does not say it.

    A `[[chain]]` is a case for each step of the way along its `states`, each of which is said after its `base`, and
    back from the last to the first.
    """
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    for each in data.get("case", []):
        yield Case(**{**data.get("shared", {}), **each})
    for chain in data.get("chain", []):
        name, base, states = (chain.pop(key, "") for key in ("name", "base", "states"))
        for number, (old, new) in enumerate(pairwise([*states, states[0]]), 1):
            said = {**data.get("shared", {}), **chain}
            yield Case(f"{name} {number}", f"{base}\n{old}", f"{base}\n{new}", **said)


def run(case: Case, server: Server, scratch: Scratch, texts: dict[tuple[int, bool, str], str]) -> None:
    """Put a case through everything on `server`; `texts` keeps what the referee said of schemas built directly."""
    scratch.also = tuple(KINDS) if case.access else ()
    if case.access:
        _make_roles(server, scratch)
    old, new = scratch.load(case.old), scratch.load(case.wanted)
    if case.refused:
        with pytest.raises(MizzleError) as caught:
            plan(old, new, renames=case.renames, major=server.major)
        assert case.refused in str(caught.value)
        return
    forward = plan(old, new, renames=case.renames, major=server.major)
    _expect(case, forward)
    _expect_breaks(case, forward)
    url = server.create()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            _Run(case, server, scratch, texts, forward, connection, url).through()
    finally:
        server.drop(url)


_ROLES = ("r1", "r2", "Role 3")


def _make_roles(server: Server, scratch: Scratch) -> None:
    with scratch.database() as beside, psycopg.connect(server.admin_url, autocommit=True) as connection:
        for role in _ROLES:
            for each in (beside, connection):
                with suppress(errors.DuplicateObject):
                    each.execute(f"CREATE ROLE {names.ident(role)}".encode())


def _expect(case: Case, forward: Plan) -> None:
    sql = forward.sql
    assert case.unchanged == (not forward.steps), sql
    if case.hazards is not None:
        found = {hazard.code.value for hazard in forward.hazards}
        broken = {"BREAKS_OLD_CODE"} & found if breaks(forward.old, forward.new, renames=case.renames) else set[str]()
        assert sorted(found - broken) == sorted({*case.hazards} - broken), sql
    for text in case.has:
        assert text in sql, sql
    for text in case.hasnt:
        assert text not in sql, sql


def _expect_breaks(case: Case, forward: Plan) -> None:
    """See that what breaks old code stands at the statement that does."""
    told = {hazard.subject for hazard in forward.hazards if hazard.code is HazardCode.BREAKS_OLD_CODE}
    renamed = {str(each.address) for each in forward.changes if isinstance(each, Rename)}
    tables = (*forward.old.tables, *forward.new.tables)
    passed_on = {table.address.names for table in tables if table.inherits}
    found = breaks(forward.old, forward.new, renames=case.renames)
    moved = {
        each.address.schema for each in forward.changes if isinstance(each, Rename) and each.address.kind == "schema"
    }
    own = {str(s) for s in (each.subject for each in found) if s.names[:2] not in passed_on and s.schema not in moved}
    assert own - told - renamed == set()


@dataclass(frozen=True)
class _Run:
    """A case on its way through a database of its own."""

    case: Case
    server: Server
    scratch: Scratch
    texts: dict[tuple[int, bool, str], str]
    forward: Plan
    connection: Connection
    url: str

    def through(self) -> None:
        case, forward = self.case, self.forward
        kept = Kept.between(forward.old, forward.new, case.renames)
        self.connection.execute(case.old.encode())
        self._fill()
        before = kept.old_rows(self.connection)
        with_rows = self._run(forward, "up.sql", case.fails)
        self._look(forward.new, case.wanted)
        if with_rows:
            assert kept.new_rows(self.connection) == before
            self._try(case.after)
        with_rows = self._run(forward.undo(), "down.sql", case.undo_fails) and with_rows
        self._look(forward.old, case.old)
        assert not with_rows or kept.old_rows(self.connection) == before

    def _fill(self) -> None:
        if self.case.rows is None:
            rows.fill(self.connection, fitting=self.case.fitting)
        else:
            self.connection.execute(self.case.rows.encode())

    def _run(self, planned: Plan, name: str, fails: str) -> bool:
        """Run a plan, and once more without rows if they are to make it fail; say whether there still are rows."""
        steps = script.parse(planned.sql, name=name).steps
        self.connection.execute(pin_sql().encode())
        told = self._told(steps, name)
        done: list[int] = []
        if self.case.fitting and (told or self._excluded(planned, name, done)):
            rows.empty(self.connection)
            self._execute(planned, name, done)
            return False
        if self.case.fitting:
            return True
        if not fails:
            wanted = self.case.told if planned is self.forward else self.case.undo_told
            assert len(told) == len(wanted), told
            assert all(map(str.__contains__, told, wanted)), told
            self._execute(planned, name)
            return True
        assert told or self.case.untold
        with pytest.raises(DatabaseError) as caught:
            self._execute(planned, name, done)
        assert fails in str(caught.value)
        rows.empty(self.connection)
        self._execute(planned, name, done)
        return False

    def _excluded(self, planned: Plan, name: str, done: list[int]) -> bool:
        """Run a plan, and say whether rows are in its way that nothing tells of; take note of what is `done`.

        Rows that exclude each other, for one, or the values of a new column: the step is rolled back.
        """
        try:
            self._execute(planned, name, done)
        except DatabaseError as error:
            if not error.sqlstate.startswith(_ABOUT_VALUES):
                raise
            return True
        return False

    def _told(self, steps: Sequence[Step], name: str) -> list[str]:
        """Return what the rows are said not to fulfil before a plan runs."""
        try:
            expect(self.connection, steps, name=name)
        except RowsError as error:
            return [sentence for sentence, _ in error.rows]
        return []

    def _execute(self, planned: Plan, name: str, done: list[int] | None = None) -> None:
        """Run the text of a plan as migrations run, but what is `done`; look at locks before each step is committed."""
        done = [] if done is None else done
        self.connection.execute(pin_sql().encode())
        there = locks.tables(self.connection).keys()
        for number, (step, told) in enumerate(
            zip(script.parse(planned.sql, name=name).steps, planned.steps, strict=True)
        ):
            if number in done:
                continue
            place = Place(name, number + 1, len(planned.steps), step)
            before = {oid: table for oid, table in locks.tables(self.connection).items() if oid in there}
            look = partial(locks.expect_as_told, self.connection, told, before)
            if step.transaction:
                run_inside(self.connection, place, record=look)
            else:
                self._outside(place)
            done.append(number)

    def _outside(self, place: Place) -> None:
        """Run a step that is in no transaction, as migrations do: what an earlier run has left is mended first."""
        if place.step.backfill is not None:
            run_through(self.connection, place)
            return
        condition = place.step.done_when
        assert condition is not None, place
        repair.drop_invalid(self.connection, place)
        run_outside(self.connection, place, begun=lambda: None)
        assert holds(self.connection, condition), place

    def _look(self, wanted: Catalog, sql: str) -> None:
        """See that the database is as wanted: for the reader, and for the referee as if `sql` had been run instead."""
        self.connection.execute(pin_sql().encode())
        home = self.server.major == self.scratch.major
        scratch = self.scratch
        live = scratch.read(self.connection) if home else scratch.rehome(read(self.connection, also=scratch.also))
        assert describe(compare(live, wanted)) == ()
        assert self._text(self.url) == self._direct(sql)

    def _direct(self, sql: str) -> str:
        key = (self.server.major, self.case.restored, sql)
        if key not in self.texts:
            url = self.server.create()
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    for fragment in split(sql):
                        connection.execute(fragment.sql.encode())
                self.texts[key] = self._text(url)
            finally:
                self.server.drop(url)
        return self.texts[key]

    def _text(self, url: str) -> str:
        if not self.case.restored:
            return schema_text(url, bin=self.server.clients, access=self.case.access)
        copy = self.server.create()
        try:
            restore(url, copy, bin=self.server.clients, access=self.case.access)
            return schema_text(copy, bin=self.server.clients, access=self.case.access)
        finally:
            self.server.drop(copy)

    def _try(self, sql: str) -> None:
        if sql:
            with self.connection.transaction(force_rollback=True):
                self.connection.execute("SET LOCAL search_path TO public")
                self.connection.execute(sql.encode())
