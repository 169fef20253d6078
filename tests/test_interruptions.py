"""Every way in which a plan keeps others going, ended before, inside and after each of its steps, and run again.

`make interruptions` does all of it, on PostgreSQL 18 and 15; without MIZZLE_TEST_INTERRUPTIONS a chosen few are done.
"""

from __future__ import annotations

import os
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from interrupted import Ready
from interrupting import WAYS, Interruption, Way, interrupt, moments
from recipes import RECIPES, Recipe
from servers import Server, debian_bin, embedded_bin
from stopping import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from interrupting import Moment
    from mizzle.prove import Scratch

ALL = os.environ.get("MIZZLE_TEST_INTERRUPTIONS") == "1"
MAJORS = (18, 15)
_NAMED = {recipe.name: recipe for recipe in RECIPES}
_WHOLE = [
    pytest.param(recipe, major, way, marks=pytest.mark.xdist_group(f"{recipe} on {major}"))
    for recipe in RECIPES
    for major in MAJORS
    if major in recipe.majors
    for way in WAYS
]
# Of each kind of step, and of each thing that can be left: an invalid index, a partition half detached, half the rows.
_SAMPLE: list[tuple[str, int, Moment, Way]] = [
    ("index replaced", 2, "inside", "terminate"),
    ("index replaced", 3, "inside", "terminate"),
    ("index replaced", 2, "waiting", "kill"),
    ("column with a volatile default", 2, "inside", "kill"),
    ("column with a volatile default", 2, "inside", "terminate"),
    ("column with a volatile default", 1, "after", "kill"),
    ("type of a column with all over it", 2, "after", "terminate"),
    ("type of a column with all over it", 4, "after", "kill"),
    ("type of a column with all over it", 7, "inside", "kill"),
    ("type of a column with all over it", 7, "before", "terminate"),
    ("stored generated column", 2, "inside", "kill"),
    ("stored generated column of a table with all over it", 1, "inside", "terminate"),
    ("stored generated column of a table with all over it", 4, "inside", "kill"),
    ("partition dropped", 1, "inside", "terminate"),
    ("partition dropped", 1, "inside", "kill"),
]
_BACK = [("column with a volatile default", "terminate"), ("partition dropped", "kill")]


@pytest.fixture(scope="session")
def ready(
    _environment: None, scratch: Scratch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Recipe, int], Ready]]:
    """Prepare a recipe on servers of their own, once: what is ended there disturbs no other test."""
    servers: dict[int, Server] = {}
    made: dict[tuple[str, int], Ready] = {}

    def prepare(recipe: Recipe, major: int) -> Ready:
        if major not in servers:
            programs = embedded_bin() if major == 18 else debian_bin(major)
            assert programs is not None, f"no PostgreSQL {major} here"
            servers[major] = Server.start(major, programs)
        if (recipe.name, major) not in made:
            folder = tmp_path_factory.mktemp("interrupted") / "project"
            made[recipe.name, major] = Ready.made(recipe, servers[major], scratch, folder)
        return made[recipe.name, major]

    yield prepare
    for server in servers.values():
        server.stop()


if ALL:

    @pytest.mark.parametrize(("recipe", "major", "way"), _WHOLE, ids=str)
    def test_the_next_run_completes_it_wherever_it_ended(
        ready: Callable[[Recipe, int], Ready], recipe: Recipe, major: int, way: Way, record_property: Any
    ) -> None:
        made = ready(recipe, major)
        found = [
            Interruption(number, moment, way)
            for number, step in enumerate(made.steps("up.sql"), 1)
            for moment in moments(step)
        ]
        record_property("runs", len(found))
        _all_of(found, lambda at: _up(made, at))

    @pytest.mark.parametrize(("recipe", "major", "way"), _WHOLE, ids=str)
    def test_the_next_rollback_completes_it(
        ready: Callable[[Recipe, int], Ready], recipe: Recipe, major: int, way: Way, record_property: Any
    ) -> None:
        made = ready(recipe, major)
        found = _of_the_way_back(made, way)
        record_property("runs", len(found))
        _all_of(found, lambda at: _down(made, at))

else:

    @pytest.mark.parametrize(("name", "number", "moment", "way"), _SAMPLE, ids=str)
    def test_a_run_is_completed_by_the_next(
        ready: Callable[[Recipe, int], Ready], name: str, number: int, moment: Moment, way: Way
    ) -> None:
        _up(ready(_NAMED[name], 18), Interruption(number, moment, way))

    @pytest.mark.parametrize(("name", "way"), _BACK, ids=str)
    def test_a_rollback_is_completed_by_the_next(ready: Callable[[Recipe, int], Ready], name: str, way: Way) -> None:
        made = ready(_NAMED[name], 18)
        _all_of(_of_the_way_back(made, way), lambda at: _down(made, at))


def _of_the_way_back(made: Ready, way: Way) -> list[Interruption]:
    """Return a moment of the way back: inside its first step, which then may go on alone, or inside its last."""
    number = 1 if way == "kill" else len(made.steps("down.sql"))
    return [Interruption(number, "inside", way)]


def _all_of(found: list[Interruption], run: Callable[[Interruption], None]) -> None:
    errors: list[Exception] = []
    for at in found:
        try:
            run(at)
        except Exception as error:  # noqa: BLE001 - all of them are told in the end
            error.add_note(str(at))
            errors.append(error)
    if errors:
        raise ExceptionGroup("not completed", errors)


def _up(made: Ready, at: Interruption) -> None:
    """Interrupt the recipe's migration, and run it again; where it fills columns, a client writes all the while."""
    url = made.server.create(template=made.before.database)
    steps = made.steps("up.sql")
    writer = made.writer(url)
    writing = writer if any(step.backfill for step in steps) else None
    command = made.command(url, "migrate")
    with writing or nullcontext():
        interrupt(command, migration=made.migration, url=url, step=steps[at.number - 1], at=at)
        made.expect_ended(url, direction="up")
        if writing:
            writing.write_on()  # while nobody is there who migrates
        _again(command)
    if writer:
        assert writer.failed == []
        with closing(writer.connected()) as connection:
            writer.write(connection)
    made.expect(url, made.after, writer)
    made.server.drop(url)


def _down(made: Ready, at: Interruption) -> None:
    url = made.server.create(template=made.after.database)
    command = made.command(url, *made.rollback)
    interrupt(command, migration=made.migration, url=url, step=made.steps("down.sql")[at.number - 1], at=at)
    made.expect_ended(url, direction="down")
    _again(command)
    made.expect(url, made.back)
    made.server.drop(url)


def _again(command: list[str]) -> None:
    code, said = Process.start(command).ended()
    assert code == 0, said
