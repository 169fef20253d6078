"""Which migrations to look at: by id, or those that a revision of git lacks."""

from __future__ import annotations

from collections.abc import Sequence

from mizzle.errors import ConfigError
from mizzle.migrations.folder import Migration
from mizzle.project import git
from mizzle.project.project import Project


def chosen(project: Project, names: Sequence[str] = (), *, since: str | None = None) -> tuple[Migration, ...]:
    """Return the migrations of these names (an id, or its number), those that revision `since` lacks, or the last.

    They come in the order in which they run; a folder that is not whole and linear will do, in the order of the ids.
    Raises ConfigError for a name or a revision that there is not.
    """
    folder = project.folder()
    ordered = folder.chain() if not folder.problems else tuple(sorted(folder.migrations, key=lambda each: each.id))
    if since is not None:
        there = git.migrations(folder.path, since)
        return tuple(each for each in ordered if each.id not in there)
    wanted = {_named(ordered, name).id for name in names} if names else {each.id for each in ordered[-1:]}
    return tuple(each for each in ordered if each.id in wanted)


def _named(migrations: Sequence[Migration], name: str) -> Migration:
    found = next((each for each in migrations if name in {each.id, each.id.partition("_")[0]}), None)
    if found is None:
        raise ConfigError(f"no migration is called {name}", hint="name a folder of the migrations, or its number")
    return found
