"""What git knows of the migrations folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from mizzle.errors import ConfigError

_FETCH = "is it fetched? a CI runner may have the last commit alone: git fetch --depth 1 origin REVISION"


def migrations(folder: Path, revision: str) -> frozenset[str]:
    """Return the names in the folder as git has it at `revision`; none where it was not there yet.

    Raises ConfigError where there is no git, or it does not know the revision.
    """
    if (git := shutil.which("git")) is None:
        raise ConfigError(f"there is no git here, which knows what {revision} has", hint="install git")
    refused = f"git knows no revision {revision} in {folder}"
    tree = _run(git, folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}", no=refused)
    listed = _run(git, folder, "ls-tree", "-z", "--name-only", tree.strip(), no=refused)
    return frozenset(filter(None, listed.split("\0")))


def _run(git: str, folder: Path, *arguments: str, no: str) -> str:
    """Return what git prints. Raises ConfigError that says `no`, and what git says of it."""
    done = subprocess.run(
        [git, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip().partition("\n")[0]
        raise ConfigError(f"{no}: {said}" if said else no, hint=_FETCH if not said else "mend that, then try again")
    return done.stdout
