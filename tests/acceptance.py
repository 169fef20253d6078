"""Changes of a schema as data, and the one way they are put to the test.

A case says what a schema was and what it shall be. run() builds the old one in a database, puts rows into its tables, runs
the plan as migrations run, undoes it, and asks three times whether that is what was wanted: the reader, the referee (which
knows nothing of Mizzle), and the rows.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

import rows
from mizzle import names
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.read import read
from mizzle.differ.compare import compare, describe
from mizzle.errors import DatabaseError, MizzleError
from mizzle.planning import script
from mizzle.planning.plan import Plan, plan
from mizzle.planning.session import pin_sql
from mizzle.prove import Scratch, execute
from referee import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers import Server

    Connection = psycopg.Connection[Any]
    Contents = dict[tuple[str, ...], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Case:
    """One change.

    `old` and `new` are SQL for an empty database; `change` given instead of `new` is run after `old`. `rows` is SQL that
    fills the tables, generated where it is not given; `before` and `after` are SQL that must succeed before and after the
    change. What is expected, as far as the case says it: the `hazards` (their codes, all of them), pieces of the planned
    SQL (`has`, `hasnt`), that the plan is `refused` with these words or finds everything `unchanged`, that it `fails` (or
    its `undo_fails`) with these words while there are rows.
    """

    name: str
    old: str = ""
    new: str = ""
    change: str = ""
    rows: str | None = None
    renames: dict[str, str] = field(default_factory=dict)
    majors: tuple[int, ...] = (18, 15)
    after: str = ""
    hazards: tuple[str, ...] | None = None
    has: tuple[str, ...] = ()
    hasnt: tuple[str, ...] = ()
    refused: str = ""
    unchanged: bool = False
    fails: str = ""
    undo_fails: str = ""

    @property
    def wanted(self) -> str:
        """The new schema as one text of SQL."""
        return f"{self.old};\n{self.change}" if self.change else self.new


def cases(file: Path) -> Iterator[Case]:
    """Read the cases of a file; `old` at its top is that of each case which has none."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    shared = data.get("shared", {})
    for each in data["case"]:
        fields = {**shared, **each}
        for name in ("majors", "hazards", "has", "hasnt"):
            if name in fields:
                fields[name] = tuple(fields[name])
        yield Case(**fields)


def run(case: Case, server: Server, scratch: Scratch, texts: dict[tuple[int, str], str]) -> None:
    """Put a case through everything on `server`; `texts` keeps what the referee said of schemas built directly."""
    old, new = scratch.load(case.old), scratch.load(case.wanted)
    if case.refused:
        with pytest.raises(MizzleError) as caught:
            plan(old, new, renames=case.renames, major=server.major)
        assert case.refused in str(caught.value)
        return
    forward = plan(old, new, renames=case.renames, major=server.major)
    _check_plan(case, forward)
    Run(case, server, scratch, texts, forward).through()


@dataclass(frozen=True)
class Run:
    """A case on its way through a database of its own."""

    case: Case
    server: Server
    scratch: Scratch
    texts: dict[tuple[int, str], str]
    forward: Plan

    def through(self) -> None:
        """Fill, change, look, undo, look."""
        url = self.server.create()
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                self._go(connection, url)
        finally:
            self.server.drop(url)

    def _go(self, connection: Connection, url: str) -> None:
        load(connection, self.case.old)
        self._fill(connection)
        before = self._contents(connection, self.forward.old)
        full = self._execute(connection, self.forward, "up.sql", self.case.fails)
        assert self._is(connection, self.forward.new) == ()
        assert schema_text(url, bin=self.server.bin) == self._direct(self.case.wanted)
        after = self._contents(connection, self.forward.new)
        if full:
            assert self._kept(before, self.forward.old, self.forward.new) == self._kept(after, self.forward.new, self.forward.old)
            self._try(connection, self.case.after)
        full = self._execute(connection, self.forward.undo(), "down.sql", self.case.undo_fails) and full
        assert self._is(connection, self.forward.old) == ()
        assert schema_text(url, bin=self.server.bin) == self._direct(self.case.old)
        if full:
            again = self._contents(connection, self.forward.old)
            assert self._kept(again, self.forward.old, self.forward.new) == self._kept(before, self.forward.old, self.forward.new)
