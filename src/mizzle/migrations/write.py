"""Migrations written: built beside their place under a temporary name, and renamed when whole."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import msgspec

from mizzle.errors import ConfigError
from mizzle.migrations import snapshot
from mizzle.migrations.folder import DOWN, FILES, SNAPSHOT, TEMPORARY, UP, Migration
from mizzle.migrations.ids import stamp


class Draft(msgspec.Struct, frozen=True):
    """All of a migration that is to be written.

    `catalog` is the JSON text that catalog/snapshot.py made of the catalog after it; `undeclared` are the
    addresses of the objects in it that no source declared, in any order. What is not `proved` is refused by all but
    `rebase`.
    """

    id: str
    parent: str | None
    up_sql: str
    down_sql: str
    key: str
    undeclared: tuple[str, ...]
    catalog: bytes
    over: tuple[str, ...] = ()
    replaces: tuple[snapshot.Replaced, ...] = ()
    contracts: str = ""
    proved: bool = True


def write(folder: Path, draft: Draft) -> Path:
    """Add a migration to a folder, which is made where it is missing, and return the migration's own.

    Never overwrites. Raises ConfigError where it cannot be written, and leaves nothing behind then.
    """
    stamp(draft.id)
    target = folder / draft.id
    with _explained(target), _made(folder):
        if target.exists():
            raise FileExistsError(errno.EEXIST, "exists", str(target))
        with _built(target, draft) as temporary:
            temporary.rename(target)
    return target


def rewrite(migration: Migration, draft: Draft) -> Path:
    """Replace a migration, under another id too, and return its folder; other files in it move along.

    Raises ConfigError where it cannot be written; the old one is in its place then.
    """
    stamp(draft.id)
    old, target = migration.path, migration.path.with_name(draft.id)
    aside = old.with_name(f"{TEMPORARY}old-{old.name}")
    with _explained(target):
        if target != old and target.exists():
            raise FileExistsError(errno.EEXIST, "exists", str(target))
        with _built(target, draft) as temporary:
            _copy_others(old, temporary)
            try:
                old.rename(aside)
                temporary.rename(target)
            except BaseException:
                if aside.exists() and not target.exists():
                    aside.rename(old)
                raise
        shutil.rmtree(aside, ignore_errors=True)  # what stays is named as left over when the folder is read
    return target


def remove(migrations: Iterable[Migration]) -> None:
    """Remove migrations from their folder. Raises ConfigError for one that cannot be removed."""
    for migration in migrations:
        aside = migration.path.with_name(f"{TEMPORARY}old-{migration.id}")
        with _explained(migration.path):
            migration.path.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)  # what stays is named as left over when the folder is read


@contextmanager
def _built(target: Path, draft: Draft) -> Generator[Path, None, None]:
    """Give a whole folder beside `target`, and remove it unless it was renamed."""
    temporary = target.with_name(f"{TEMPORARY}new-{target.name}")
    temporary.mkdir()
    try:
        for file, data in zip(FILES, (draft.up_sql.encode(), draft.down_sql.encode(), _snapshot(draft)), strict=True):
            (temporary / file).write_bytes(data)
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _snapshot(draft: Draft) -> bytes:
    return snapshot.encode(
        snapshot.Snapshot(
            id=draft.id,
            parent=draft.parent,
            up=snapshot.checksum(draft.up_sql) if draft.proved else "",
            down=snapshot.checksum(draft.down_sql) if draft.proved else "",
            key=draft.key,
            over=draft.over,
            replaces=draft.replaces,
            contracts=draft.contracts,
            undeclared=tuple(sorted(set(draft.undeclared))),
            catalog=msgspec.Raw(draft.catalog),
        ),
    )


def _copy_others(old: Path, new: Path) -> None:
    for entry in old.iterdir():
        if entry.name in FILES:
            continue
        if entry.is_dir():
            shutil.copytree(entry, new / entry.name, symlinks=True)
        else:
            shutil.copy2(entry, new / entry.name, follow_symlinks=False)


@contextmanager
def _made(folder: Path) -> Generator[None, None, None]:
    """Make the migrations folder where it is missing, with those above it, and remove them if nothing was written."""
    made: list[Path] = []
    try:
        for each in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
            each.mkdir()
            made.append(each)
        yield
    except BaseException:
        for each in reversed(made):
            each.rmdir()
        raise


@contextmanager
def _explained(target: Path) -> Generator[None, None, None]:
    """Turn what the file system refuses into an error that says what to do."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"migration {target.name} cannot be written: {_why(error)}", hint=_hint(error, target)
        ) from error


def _why(error: OSError) -> str:
    reason = (error.strerror or str(error)).lower()
    return f"{reason}: {error.filename}" if error.filename else reason


def _hint(error: OSError, target: Path) -> str:
    match error.errno:
        case errno.EEXIST if target.parent.is_symlink():
            return f"{target.parent} is a link to a folder that is not there: make that"
        case errno.EEXIST | errno.ENOTEMPTY:
            return "another one of that name is there, or was being written: delete it, or try again under another name"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"make {target.parent} writable"
        case errno.ENOSPC | errno.EDQUOT:
            return "free space on its disk and try again; nothing was left behind"
        case errno.ENAMETOOLONG:
            return "give it a shorter name"
        case _:
            return f"look at {target.parent}; nothing was left behind"


__all__ = ["DOWN", "SNAPSHOT", "UP", "Draft", "rewrite", "write"]
