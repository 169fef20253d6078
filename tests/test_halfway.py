"""Expand and contract: what an application of each generation sends works on every state that it can meet.

Old code runs after each step of expand, both between, new code after each step of contract, and after each step of the
ways back; what one has written the other sees.
"""

from __future__ import annotations

import tomllib
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mizzle.catalog.read import read
from mizzle.differ.compare import compare, describe
from mizzle.errors import MizzleError, Unsupported
from mizzle.planning import script
from mizzle.planning.breaking import breaks
from mizzle.planning.halfway.plans import halves
from mizzle.planning.session import pin_sql

if TYPE_CHECKING:
    from mizzle.planning.halfway.plans import Halves
    from mizzle.planning.plan import Plan
    from mizzle.prove import Scratch
    from servers import Server

_DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "halfway" / "cases.toml").read_text(encoding="utf-8"))
_CASES = {f"{case['name']} [{major}]": (case, major) for case in _DATA["case"] for major in (18, 15)}
_REFUSED = {case["name"]: case for case in _DATA["refused"]}


@dataclass
class _Applications:
    """Both generations of the code, on one database."""

    case: dict[str, Any]
    connection: psycopg.Connection[Any]
    number: int = field(default=0)

    def old(self) -> None:
        """Run all that old code sends."""
        self._run(self.case["old_code"])

    def new(self) -> None:
        """Run all that new code sends."""
        self._run(self.case["new_code"])

    def both(self) -> None:
        """Run both, and see that each sees what the other wrote."""
        for code, sees in ((self.old, "new_sees"), (self.new, "old_sees")):
            code()
            query, wanted = (each.replace("{n}", str(self.number)) for each in self.case[sees])
            assert self.connection.execute(query.encode()).fetchall() == [(wanted,)]
        for sql in self.case.get("refused", ()):
            with pytest.raises(psycopg.errors.IntegrityError):
                self.connection.execute(sql.replace("{n}", str(self.number)).encode())

    def _run(self, code: list[str]) -> None:
        self.number += 1
        self.connection.execute("SET search_path TO public")
        for sql in code:
            self.connection.execute(sql.replace("{n}", str(self.number)).encode())


def _steps(planned: Plan, connection: psycopg.Connection[Any]) -> Any:
    """Run the text of a plan step by step, and give way after each."""
    for step in script.parse(planned.sql, name="a script").steps:
        connection.execute(pin_sql().encode())
        with connection.transaction() if step.transaction else nullcontext():
            connection.execute(step.sql.encode())
        yield step


def _planned(case: dict[str, Any], scratch: Scratch, major: int) -> tuple[Halves, tuple[Plan, Plan], tuple[Plan, Plan]]:
    """Return expand and contract as generate makes them: the second from what the first was seen to make."""
    old, new = scratch.load(case["old"]), scratch.load(case["new"])
    parts = halves(old, new, renames=case.get("renames", {}), major=major)
    expand = parts.expand()
    with scratch.database() as connection:
        connection.execute("SET search_path TO public")
        connection.execute(case["old"].encode())
        list(_steps(expand[0], connection))
        connection.execute(pin_sql().encode())
        middle = scratch.read(connection)
        assert describe(compare(middle, parts.middle)) == ()
        contract = parts.contract(middle)
        list(_steps(contract[0], connection))
        connection.execute(pin_sql().encode())
        assert describe(compare(scratch.read(connection), new)) == ()
    return parts, expand, contract


@pytest.mark.parametrize(("case", "major"), _CASES.values(), ids=_CASES)
def test_each_generation_of_code_works_on_every_state(
    case: dict[str, Any], major: int, scratch: Scratch, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(f"pg{major}")
    parts, (expand, expand_back), (contract, contract_back) = _planned(case, scratch, major)
    assert breaks(parts.asked.old, parts.asked.new, renames=case.get("renames", {}))
    url = server.create()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(case["old"].encode())
            connection.execute(case.get("rows", "").encode())
            code = _Applications(case, connection)
            code.old()
            for _ in _steps(expand, connection):
                code.old()
            code.both()
            connection.execute(case.get("between", "").encode())
            for _ in _steps(contract, connection):
                code.new()
            for _ in _steps(contract_back, connection):
                code.new()
            code.both()
            _look(connection, scratch, parts.middle)
            _empty(connection)
            list(_steps(expand_back, connection))
            connection.execute("SET search_path TO public")
            connection.execute(case.get("rows", "").encode())
            code.old()
            _look(connection, scratch, parts.asked.old)
    finally:
        server.drop(url)


def _look(connection: psycopg.Connection[Any], scratch: Scratch, wanted: Any) -> None:
    connection.execute(pin_sql().encode())
    live = read(connection, also=scratch.also)
    assert describe(compare(scratch.rehome(live) if live.major != scratch.major else live, wanted)) == ()


def _empty(connection: psycopg.Connection[Any]) -> None:
    """Delete all rows: what the new schema allowed the old one may not."""
    tables = connection.execute("SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND oid > 16383")
    for (table,) in tables.fetchall():
        connection.execute(f"TRUNCATE {table} CASCADE".encode())


@pytest.mark.parametrize("case", _REFUSED.values(), ids=_REFUSED)
def test_what_cannot_be_split_is_named(case: dict[str, Any], scratch: Scratch) -> None:
    old, new = scratch.load(case["old"]), scratch.load(case["new"])
    with pytest.raises(MizzleError) as caught:
        halves(old, new, renames=case.get("renames", {}), major=18)
    assert case["words"] in str(caught.value)
    assert caught.value.hint


PERSON = "CREATE TABLE person (id integer PRIMARY KEY, name text); GRANT SELECT ON person TO r1"
PEOPLE = "CREATE TABLE people (id integer PRIMARY KEY, name text); GRANT SELECT, INSERT ON people TO r1"
MOVED = {"public.person": "people"}


@pytest.mark.parametrize("major", [18, 14])
def test_whoever_may_use_a_table_may_use_the_view_in_its_place(scratch: Scratch, major: int) -> None:
    scratch.also = ("grants",)
    try:
        with scratch.database() as connection, suppress(psycopg.errors.DuplicateObject):
            connection.execute("CREATE ROLE r1")
        parts, _, _ = _planned({"old": PERSON, "new": PEOPLE, "renames": MOVED}, scratch, major)
    finally:
        scratch.also = ()
    told = {grants.on: {grant.role for grant in grants.all} for grants in parts.middle.grants}
    everybody = {"PUBLIC"} if major > 14 else {"r1"}  # with security_invoker, the table itself asks who it is
    assert told == {"table public.people": {"r1"}, "view public.person": everybody}


def test_no_view_stands_in_for_a_table_with_row_security_before_15(scratch: Scratch) -> None:
    old = scratch.load(f"{PERSON.partition(';')[0]}; ALTER TABLE person ENABLE ROW LEVEL SECURITY")
    new = scratch.load(f"{PEOPLE.partition(';')[0]}; ALTER TABLE people ENABLE ROW LEVEL SECURITY")
    with pytest.raises(Unsupported, match="it has row security"):
        halves(old, new, renames=MOVED, major=14)
    assert halves(old, new, renames=MOVED, major=15).middle.views[0].options == ("security_invoker=true",)
