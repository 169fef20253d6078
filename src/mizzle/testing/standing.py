"""What `pytest --mizzle` adds: the tests that every folder of migrations should pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar, cast

import pytest

from mizzle.errors import MizzleError
from mizzle.project import replay
from mizzle.project.project import Project
from mizzle.testing.plugin import project

N = TypeVar("N", bound=pytest.Item | pytest.Collector)


class Wrong(Exception):
    """A standing test that fails: what is to be said, line by line."""


class StandingTest(pytest.Item):
    """One of them; it works on the project that counts in pytest's root folder."""

    def __init__(self, *, run: Callable[[Project], None], **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        self._run = run

    def runtest(self) -> None:
        """Run it. Raises Wrong and MizzleError."""
        found = project(self.config)
        try:
            self._run(found)
        finally:
            found.close()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """Return what is wrong, without a traceback where it is the project's own fault."""
        del style
        if isinstance(excinfo.value, Wrong | MizzleError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return where it is."""
        return self.path, None, f"mizzle: {self.name}"


class Standing(pytest.Collector):
    """All of them."""

    def collect(self) -> list[pytest.Item]:
        """Return the tests."""
        return [_node(StandingTest, self, name=name, run=run) for name, run in _TESTS.items()]


def items(session: pytest.Session) -> list[pytest.Item]:
    """Return the tests, to be run with the others of `session`."""
    return _node(Standing, session, name="mizzle", nodeid="mizzle").collect()


def _node(kind: type[N], parent: pytest.Collector, **more: object) -> N:
    """Return a node as pytest wants it made."""
    make = cast("Callable[..., N]", kind.from_parent)  # pyright: ignore[reportUnknownMemberType]
    return make(parent, **more)


def _single_head(found: Project) -> None:
    """Nothing is wrong in the folder: whole, in one line, as it was proved."""
    problems = found.folder(anew=True).problems
    _expect_none(f"{each.message}\n  hint: {each.hint}" for each in problems)


def _replay_equals_snapshots(found: Project) -> None:
    with found.scratch() as server:
        replay.replay(server, found, found.chain(), undo=False)


def _models_equal_head(found: Project) -> None:
    if not found.config.has_sources:
        pytest.skip("the configuration names no models")
    chain = found.chain_so_far()
    with found.scratch() as server:
        lines = [each.line for each in replay.models(server, found, chain)]
    if lines:
        hint = "hint: mizzle generate writes the migration"
        raise Wrong("\n  ".join(["the models are not what the migrations make:", *lines]) + f"\n{hint}")


def _up_and_down(found: Project) -> None:
    with found.scratch() as server:
        replay.replay(server, found, found.chain())


def _expect_none(problems: Iterable[str]) -> None:
    if listed := list(problems):
        raise Wrong("\n".join(listed))


_TESTS: dict[str, Callable[[Project], None]] = {
    "test_single_head": _single_head,
    "test_replay_equals_snapshots": _replay_equals_snapshots,
    "test_up_and_down": _up_and_down,
    "test_models_equal_head": _models_equal_head,
}
