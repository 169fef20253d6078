"""`mizzle` in a process of its own, forked from one that has imported it, which may be held where a step begins.

It is told of the step as any application is that configures Python's logging (docs/log.md).
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self

from mizzle.cli.main import main

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

_LONGEST = 90  # seconds for whatever is waited for
_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(
    [
        "mizzle.cli.main",
        "mizzle.cli.migrate",
        "mizzle.cli.rollback",
        "mizzle.cli.progress",
        "mizzle.project.database",
        "mizzle.runner.backfill",
        "mizzle.runner.log",
        "mizzle.runner.work",
    ]
)


@dataclass(frozen=True)
class Process:
    """A run of `mizzle`; it stops where it was told to, until go_on()."""

    _process: ForkServerProcess
    _way: Connection
    _said: IO[str]

    @classmethod
    def start(cls, command: list[str], *, before: tuple[str, int] | None = None) -> Self:
        """Start `mizzle` with these arguments; `before` is a migration's id and the number of a step."""
        mine, theirs = _FORKED.Pipe()
        said = tempfile.NamedTemporaryFile("r", encoding="utf-8")  # noqa: SIM115 - it lives as long as the process
        process = _FORKED.Process(target=_run, args=(command, before, theirs, said.name))
        process.start()
        theirs.close()
        return cls(process, mine, said)

    def wait_until_it_stops(self) -> None:
        """Wait until it says that the step is about to begin. Raises AssertionError where it ends before."""
        assert self._way.poll(_LONGEST), "it does not stop"
        try:
            self._way.recv()
        except EOFError:
            raise AssertionError(self.ended()) from None

    def go_on(self) -> None:
        """Let it begin the step."""
        self._way.send(None)

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._process.kill()

    def runs(self) -> bool:
        """Say whether it is still there."""
        return self._process.is_alive()

    def ended(self) -> tuple[int | None, str]:
        """Wait for its end; return the exit code, a signal's negative, and all that it has printed."""
        self._way.close()
        self._process.join(_LONGEST)
        with self._said:
            return self._process.exitcode, self._said.read()


class _Stop(logging.Handler):
    """Holds the run where a step of a migration is about to begin."""

    def __init__(self, before: tuple[str, int], way: Connection) -> None:
        super().__init__()
        self._before = ("step_started", *before)
        self._way = way

    def emit(self, record: logging.LogRecord) -> None:
        if tuple(getattr(record, field, None) for field in ("event", "migration", "step")) == self._before:
            self._way.send(None)
            self._way.recv()


def _run(command: list[str], before: tuple[str, int] | None, way: Connection, said: str) -> None:
    written = os.open(said, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(written, stream)
    if before is not None:
        logging.getLogger("mizzle").addHandler(_Stop(before, way))
        logging.getLogger("mizzle").setLevel(logging.DEBUG)
    sys.argv = ["mizzle", *command]
    main()
