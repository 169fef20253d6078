"""A reading in a process of its own, forked from this one: the models are imported while this one goes on.

It also keeps what importing them does, to the import system and to this program, away from it.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import BinaryIO, NoReturn

import msgspec

from mizzle import errors
from mizzle.errors import MizzleError
from mizzle.sources import kept
from mizzle.sources.inputs import Recorder
from mizzle.sources.reading import Request, read

_LENGTH = 8  # bytes before an answer that say how many it has


class Outcome(msgspec.Struct, frozen=True):
    """What came of a reading: DDL, or an error's class, message and hint, and where it is."""

    ddl: tuple[str, ...] = ()
    error: tuple[str, str, str] | None = None
    at: tuple[str, int] | None = None


class Apart:
    """A reading under way; what it finds is kept at `keep_at` for the next time."""

    def __init__(self, request: Request, keep_at: Path | None) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # what waits in it would be written twice
        here, there = os.pipe()
        self._process = os.fork()
        if not self._process:
            os.close(here)
            _read_and_end(request, keep_at, there)
        os.close(there)
        self._pipe = open(here, "rb")  # noqa: PTH123, SIM115 - a file descriptor; end() closes it
        self._outcome: Outcome | None = None

    def result(self) -> tuple[str, ...]:
        """Return the DDL, once it is there. Raises what read() raises."""
        if self._outcome is None:
            self._outcome = _answer(self._pipe)
        if self._outcome.error is not None:
            kind, message, hint = self._outcome.error
            found = getattr(errors, kind)(message, hint=hint)
            found.at = self._outcome.at
            raise found
        return self._outcome.ddl

    def end(self) -> None:
        """Let it keep what it found, or end it if that is not wanted any more."""
        self._pipe.close()
        if self._outcome is None:
            os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def possible() -> bool:
    """Say whether this process can be forked: it has one thread."""
    threading = sys.modules.get("threading")
    return hasattr(os, "fork") and (threading is None or threading.active_count() == 1)


def _answer(pipe: BinaryIO) -> Outcome:
    """Read the answer, and not to the pipe's end: what the models have started may hold that open."""
    try:
        size = int.from_bytes(pipe.read(_LENGTH))
        return msgspec.msgpack.decode(pipe.read(size), type=Outcome)
    except msgspec.DecodeError:
        message = "importing the models ended the process that did it, without an error"
        return Outcome(error=("ImportFailed", message, "do they end Python themselves, or crash it? import them alone"))


def _read_and_end(request: Request, keep_at: Path | None, pipe: int) -> NoReturn:
    try:
        _serve(request, keep_at, pipe)
        atexit._run_exitfuncs()  # noqa: SLF001 - the models'  # pyright: ignore[reportPrivateUsage]
    except (KeyboardInterrupt, BrokenPipeError):
        pass  # the process that asked is ending, too
    except BaseException:  # noqa: BLE001 - a defect of this program; who asked is told that there is no answer
        import traceback  # noqa: PLC0415 - slow to import

        traceback.print_exc()
    finally:
        try:
            sys.stderr.flush()
        finally:
            os._exit(0)


def _serve(request: Request, keep_at: Path | None, pipe: int) -> None:
    atexit._clear()  # noqa: SLF001 - that of who asked  # pyright: ignore[reportPrivateUsage]
    recorder = Recorder()
    _hear_of_connections(recorder)
    with redirect_stdout(sys.stderr):  # stdout is for results
        outcome = _read(request)
    answer = msgspec.msgpack.encode(outcome)
    with open(pipe, "wb") as there:
        there.write(len(answer).to_bytes(_LENGTH) + answer)
    paths = recorder.found() if outcome.error is None else None
    if paths is not None and keep_at is not None:
        kept.keep(keep_at, paths, outcome.ddl)


def _read(request: Request) -> Outcome:
    try:
        return Outcome(read(request))
    except MizzleError as error:
        kind = next(each.__name__ for each in type(error).__mro__ if each.__name__ in vars(errors))
        return Outcome(error=(kind, error.message, error.hint), at=error.at)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return Outcome(error=("ConfigError", f"{place}{error.strerror or error}", "look at its disk and permissions"))


def _hear_of_connections(recorder: Recorder) -> None:
    """Have the recorder told when the models connect to a database: drivers do that where Python does not hear it."""
    try:
        from sqlalchemy import event, pool  # noqa: PLC0415 - in the process that reads the models alone
    except ImportError:
        return  # which the models will say better
    event.listen(pool.Pool, "connect", recorder.went_beyond)
