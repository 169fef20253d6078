"""`mizzle generate` in a process of its own, in which the models of a project are imported for the first time.

Each process is a fork of a clean one that has imported what is the same for all: SQLAlchemy and mizzle. That is most of
the time that one from nothing takes.
"""

from __future__ import annotations

import importlib
import io
import multiprocessing
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mizzle.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_ALIKE = (
    "pytest sqlalchemy.dialects.postgresql.psycopg sqlalchemy.orm mizzle.cli.generate mizzle.project.generate "
    "mizzle.project.database mizzle.project.head mizzle.prove mizzle.server.embedded mizzle.server.loading "
    "mizzle.sources.files mizzle.sources.metadata mizzle.sources.models mizzle.sources.unimported"
)
_FORKS.set_forkserver_preload(list[str](_ALIKE.split()))


@dataclass(frozen=True, slots=True)
class Ran:
    """How a process went: its exit code, and what it printed."""

    code: int
    out: str
    err: str


def generate(folder: Path, *flags: str) -> Ran:
    """Run `mizzle generate` with these flags in `folder`."""
    return _run(_generate, str(folder), *flags)


def generate_twice(folder: Path, url: str, *flags: str) -> Ran:
    """Run `mizzle generate` with these flags, then without, then SQLAlchemy's create_all() on the database at `url`."""
    return _run(_generate_twice, str(folder), url.replace("://", "+psycopg://", 1), *flags)


def _generate(folder: str, *flags: str) -> None:
    _mizzle("-C", folder, "generate", *flags)


def _generate_twice(folder: str, url: str, *flags: str) -> None:
    _generate(folder, *flags)
    _mizzle("generate")
    sys.path.insert(0, folder)  # the command has read the models in another process
    create_engine = importlib.import_module("sqlalchemy").create_engine
    importlib.import_module("portal.db.schema").Base.metadata.create_all(create_engine(url))


def _mizzle(*arguments: str) -> None:
    """Run the command line; raise SystemExit where it ends with another code than 0."""
    sys.argv = ["mizzle", *arguments]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise


def _run(task: Callable[..., None], *arguments: str) -> Ran:
    here, there = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_child, args=(there, task, arguments))
    process.start()
    there.close()
    ran = here.recv()
    process.join()
    return ran


def _child(results: Connection, task: Callable[..., None], arguments: tuple[str, ...]) -> None:
    sys.dont_write_bytecode = True  # two texts of one size within a second would be taken for the same
    code, out, err = 0, io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            task(*arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    results.send(Ran(code, out.getvalue(), err.getvalue()))
    os.chdir("/")
