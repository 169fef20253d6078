"""The migrations folder as it is read: every migration in it, and everything that is wrong with it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import msgspec

from mizzle.errors import ConfigError
from mizzle.migrations import graph, snapshot
from mizzle.migrations.ids import is_id
from mizzle.migrations.problems import FolderError, Problem, ProblemKind

if TYPE_CHECKING:
    from mizzle.planning.script import Script

UP, DOWN, SNAPSHOT = "up.sql", "down.sql", "snapshot.json"
FILES = (UP, DOWN, SNAPSHOT)
TEMPORARY = ".mizzle-"
"""What the names of folders begin with while they are written."""

Orderly: TypeAlias = Literal["edited", "empty", "leftover", "unproved"]
"""Problems that leave it clear which migrations there are, and in what order."""

_MERGE = rb"(?ms)^<<<<<<< .*^=======\r?$.*^>>>>>>> "
_RESTORE = "restore it from version control"


class Migration(msgspec.Struct, frozen=True):
    """One migration as its folder holds it.

    `folder` is the migrations folder that it lies in. `up_checksum` and `down_checksum` are those of the scripts,
    `snapshot_checksum` that of the third file's bytes; `recorded_up` and `recorded_down` are those of what was proved
    (empty where nothing was yet). `key` says what the sources were, `contracts` whose contract it is (snapshot.Stamp).
    """

    id: str
    folder: str
    parent: str | None
    up_checksum: str
    down_checksum: str
    snapshot_checksum: str
    recorded_up: str
    recorded_down: str
    key: str
    over: tuple[str, ...] = ()
    replaces: tuple[snapshot.Replaced, ...] = ()
    contracts: str = ""

    @property
    def path(self) -> Path:
        """Its own folder."""
        return Path(self.folder, self.id)

    @property
    def up_sql(self) -> str:
        """The text of up.sql, read now and normalised, so that offsets in its steps and the lines of errors fit.

        Raises HistoryError where it is not, or no longer, what its checksum says.
        """
        return self._text(UP, self.up_checksum)

    @property
    def down_sql(self) -> str:
        """The text of down.sql, as up_sql."""
        return self._text(DOWN, self.down_checksum)

    @property
    def edited(self) -> tuple[str, ...]:
        """The files that are not what was proved."""
        up = (UP,) if self.up_checksum != self.recorded_up else ()
        return (*up, DOWN) if self.down_checksum != self.recorded_down else up

    @property
    def unproved(self) -> bool:
        """Whether it was made to be written by hand, and was not proved since."""
        return not self.recorded_up

    def up(self) -> Script:
        """Parse up.sql. Raises ConfigError that names the file and the line."""
        from mizzle.planning import script  # noqa: PLC0415 - most runs have nothing to run

        return script.parse(self.up_sql, name=f"{self.id}/{UP}")

    def down(self) -> Script:
        """Parse down.sql. Raises ConfigError that names the file and the line."""
        from mizzle.planning import script  # noqa: PLC0415 - as in up()

        return script.parse(self.down_sql, name=f"{self.id}/{DOWN}")

    def snapshot(self) -> snapshot.Snapshot:
        """Read the whole of snapshot.json. Raises HistoryError where it cannot be read."""
        return snapshot.read(self.path / SNAPSHOT)

    def _text(self, file: str, checksum: str) -> str:
        return snapshot.read_sql(self.path / file, checksum, name=f"{self.id}/{file}")


class Kept(Protocol):
    """What is known of a folder from an earlier reading (see kept.py)."""

    def find(self, name: str) -> Migration | None:
        """Return a migration that was read before, if its files are those that were read."""
        ...

    def add(self, migration: Migration) -> None:
        """Take note of a migration that was just read, after find() had none."""
        ...


class Folder(msgspec.Struct, frozen=True):
    """What a migrations folder holds: whole migrations by id, and all problems, those of the files first."""

    path: Path
    migrations: tuple[Migration, ...]
    problems: tuple[Problem, ...]

    @property
    def parents(self) -> dict[str, str | None]:
        """The parent of each migration by id, as `graph` takes them."""
        return {migration.id: migration.parent for migration in self.migrations}

    def chain(self, *, despite: Collection[Orderly] = ()) -> tuple[Migration, ...]:
        """Return the migrations from root to head.

        Raises FolderError with every problem, except for those of a kind in `despite`.
        """
        found = tuple(problem for problem in self.problems if problem.kind not in despite)
        if found:
            raise FolderError(str(self.path), found)
        by_id = {migration.id: migration for migration in self.migrations}
        return tuple(by_id[migration] for migration in graph.chain(self.parents))


def load(path: Path, *, kept: Kept | None = None) -> Folder:
    """Read a migrations folder. Raises ConfigError where there is none; what is wrong inside becomes a problem.

    What is `kept` of an earlier reading is not read again.
    """
    migrations: list[Migration] = []
    found: list[Problem] = []
    for name in _folders(path):
        known = kept.find(name) if kept is not None else None
        if known is not None:
            migrations.append(known)
            continue
        if not is_id(name):
            found.extend(_stray(path / name))
            continue
        read = _migration(path / name)
        if isinstance(read, Problem):
            found.append(read)
            continue
        migrations.append(read)
        wrong = tuple(_not_as_proved(read))
        found.extend(wrong)
        if kept is not None and not wrong:
            kept.add(read)
    parents = {migration.id: migration.parent for migration in migrations}
    broken = set(chain.from_iterable(problem.migrations for problem in found))
    return Folder(path, tuple(migrations), (*found, *graph.problems(parents, present=broken)))


def _folders(path: Path) -> list[str]:
    """Return the names of the folders in it, sorted."""
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except NotADirectoryError as error:
        raise ConfigError(
            f"there is no migrations folder at {path}: it is a file",
            hint="move it away, or name another folder: `migrations` in the configuration",
        ) from error
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no migrations folder at {path}",
            hint="`mizzle generate` makes it with the first migration; `migrations` in the configuration names it",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"the migrations folder {path} cannot be read: {error.strerror}", hint="look at its permissions"
        ) from error


def _stray(folder: Path) -> Iterator[Problem]:
    """Name a folder that is not called like a migration but may be one, or a part of one."""
    name = folder.name
    if name.startswith(TEMPORARY):
        hint = f"delete {folder}"
        if name.startswith(f"{TEMPORARY}old-"):
            hint = (
                f"if {name.removeprefix(f'{TEMPORARY}old-')} is missing, {folder} is it: rename it; if not, delete it"
            )
        yield Problem("leftover", (name,), f"a process that was killed left the temporary folder {name}", hint)
    elif any(_present(folder / file) for file in FILES):
        message = f"folder {name} holds a migration but is not called like one"
        yield Problem("misnamed", (name,), message, "call it by the `id` in its snapshot.json")


def _present(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # in a folder that may not be entered, such as lost+found
        return False


def _not_as_proved(migration: Migration) -> Iterator[Problem]:
    if migration.unproved:
        yield _unproved(migration)
    elif migration.edited:
        message = f"migration {migration.id} was edited after it was proved: {' and '.join(migration.edited)}"
        hint = "if it is applied nowhere, `mizzle rebase` proves it again and records it; otherwise restore it"
        yield Problem("edited", (migration.id,), message, hint)


def _unproved(migration: Migration) -> Problem:
    if any(line.strip() and not line.startswith("--") for line in migration.up_sql.splitlines()):
        message = f"migration {migration.id} was written by hand and is not proved yet"
        return Problem("unproved", (migration.id,), message, "`mizzle rebase` proves it and records it")
    message = f"migration {migration.id} was never filled in: there is no SQL in its {UP}"
    hint = f"write {UP} and {DOWN}, then `mizzle rebase`; or delete {migration.path}"
    return Problem("empty", (migration.id,), message, hint)


def _migration(folder: Path) -> Migration | Problem:
    """Read a folder; what keeps it from being a migration is returned."""
    name = folder.name
    data: dict[str, bytes] = {}
    try:
        for file in FILES:
            with open(f"{folder}/{file}", "rb", buffering=0) as raw:
                data[file] = raw.readall()
    except FileNotFoundError:
        return _half(folder)
    except OSError as error:
        message = f"migration {name} cannot be read: {error.strerror}: {error.filename}"
        return Problem("unreadable", (name,), message, "look at the permissions of its files")
    read = _decoded(folder, data)
    # A snapshot that is read cannot hold them: they are no JSON.
    suspects = FILES if isinstance(read, Problem) else (UP, DOWN)
    merging = [file for file in suspects if b"<<<<<<<" in data[file] and re.search(_MERGE, data[file])]
    if merging:
        message = f"migration {name} holds the conflict markers of a merge: {' and '.join(merging)}"
        return Problem("conflict", (name,), message, "finish the merge: a migration is taken whole from one side")
    return read


def _half(folder: Path) -> Problem:
    missing = [file for file in FILES if not _present(folder / file)]
    message = f"migration {folder.name} is not whole: it lacks {' and '.join(missing)}"
    return Problem("half", (folder.name,), message, f"{_RESTORE}, or delete {folder} if it was never finished")


def _decoded(folder: Path, data: dict[str, bytes]) -> Migration | Problem:
    name = folder.name
    try:
        stamp = snapshot.decode_stamp(data[SNAPSHOT])
        up, down = (snapshot.decode_sql(data[file]) for file in (UP, DOWN))
    except snapshot.NewerFormatError as error:
        return Problem("newer", (name,), f"migration {name}: {error.message}", error.hint)
    except msgspec.DecodeError as error:
        return Problem("malformed", (name,), f"migration {name}: {SNAPSHOT} is not a snapshot: {error}", _RESTORE)
    except UnicodeDecodeError as error:
        return Problem("unreadable", (name,), f"migration {name} is not UTF-8: {error}", "save its files as UTF-8")
    if stamp.id != name:
        message = f"folder {name} holds the snapshot of migration {stamp.id}"
        return Problem("misnamed", (name,), message, f"call the folder {stamp.id}, or restore its {SNAPSHOT}")
    return Migration(
        id=name,
        folder=str(folder.parent),
        parent=stamp.parent,
        up_checksum=up[1],
        down_checksum=down[1],
        snapshot_checksum=hashlib.sha256(data[SNAPSHOT]).hexdigest(),
        recorded_up=stamp.up,
        recorded_down=stamp.down,
        key=stamp.key,
        over=stamp.over,
        replaces=stamp.replaces,
        contracts=stamp.contracts,
    )


__all__ = ["DOWN", "FILES", "SNAPSHOT", "TEMPORARY", "UP", "Folder", "Migration", "ProblemKind", "load"]
