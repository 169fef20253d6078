"""Which migrations to look at: by id, or those that a revision of git lacks."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from mizzle.errors import ConfigError
from mizzle.migrations.folder import Migration
from mizzle.project.project import Project

_FETCH = "is it fetched? a CI runner may have the last commit alone: git fetch --depth 1 origin REVISION"


def chosen(project: Project, names: Sequence[str] = (), *, since: str | None = None) -> tuple[Migration, ...]:
    """Return the migrations of these names (an id, or its number), those that revision `since` lacks, or the last.

    They come in the order in which they run; a folder that is not whole and linear will do, in the order of the ids.
    Raises ConfigError for a name or a revision that there is not.
    """
    folder = project.folder()
    ordered = folder.chain() if not folder.problems else tuple(sorted(folder.migrations, key=lambda each: each.id))
    if since is not None:
        there = _of_revision(folder.path, since)
        return tuple(each for each in ordered if each.id not in there)
    wanted = {_named(ordered, name).id for name in names} if names else {each.id for each in ordered[-1:]}
    return tuple(each for each in ordered if each.id in wanted)


def _named(migrations: Sequence[Migration], name: str) -> Migration:
    found = next((each for each in migrations if name in {each.id, each.id.partition("_")[0]}), None)
    if found is None:
        raise ConfigError(f"no migration is called {name}", hint="name a folder of the migrations, or its number")
    return found


def _of_revision(folder: Path, revision: str) -> frozenset[str]:
    """Return the names in the folder as git has it there; none where it was not there yet."""
    if (git := shutil.which("git")) is None:
        raise ConfigError("there is no git here, which --since asks", hint="name the migrations instead")
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
        raise ConfigError(f"{no}: {said}" if said else no, hint=_FETCH if not said else "mend that, or name migrations")
    return done.stdout
