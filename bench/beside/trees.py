"""A project's files as they were: whatever a run has written is taken back before the next one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PASSING = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder and a copy of it; a file that was not touched stays as it is, so that what a tool keeps stays good."""

    root: Path
    copy: Path

    @classmethod
    def of(cls, root: Path) -> Tree:
        """Take note of a folder as it is now; the copy lies beside it."""
        made = cls(root, root.with_name(f"{root.name}-saved"))
        shutil.copytree(root, made.copy, symlinks=True, ignore=shutil.ignore_patterns(*_PASSING))
        return made

    def restore(self) -> bool:
        """Put everything back as it was; say whether anything was different."""
        there, wanted = _files(self.root), _files(self.copy)
        for name in there.keys() - wanted.keys():
            (self.root / name).unlink()
        changed = [name for name, at in wanted.items() if there.get(name) != at]
        for name in changed:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.copy / name, self.root / name)
        self._remove_empty({Path(name).parent for name in there.keys() - wanted.keys()})
        return bool(changed) or there.keys() != wanted.keys()

    def take(self, to: Path, *, below: str) -> None:
        """Copy what is new or different in one of its folders to another place, for put()."""
        wanted = _files(self.copy)
        for name, at in _files(self.root).items():
            if name.startswith(f"{below}/") and wanted.get(name) != at:
                (to / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.root / name, to / name)

    def put(self, taken: Path) -> None:
        """Add what take() has copied."""
        shutil.copytree(taken, self.root, dirs_exist_ok=True)

    def _remove_empty(self, folders: set[Path]) -> None:
        for name in folders:
            folder = self.root / name
            if folder != self.root and folder.is_dir() and {each.name for each in folder.iterdir()} <= _PASSING:
                shutil.rmtree(folder)


def _files(root: Path) -> dict[str, tuple[int, int]]:
    """Return each file by its name below `root`, with when it was written and its size."""
    return {os.path.relpath(path, root): (at.st_mtime_ns, at.st_size) for path, at in _walked(str(root))}


def _walked(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in _PASSING:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walked(entry.path)
            else:
                yield entry.path, entry.stat(follow_symlinks=False)
