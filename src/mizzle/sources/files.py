"""`.sql` files and folders of them → DDL."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from mizzle.errors import ConfigError
from mizzle.sources import dumps, lengths


class SqlFile(msgspec.Struct, frozen=True):
    """A file of SQL and its text, without what of a dump is no schema: `skipped` says what that was, for people."""

    path: Path
    text: str
    skipped: tuple[str, ...] = ()


def read(paths: Iterable[Path]) -> tuple[SqlFile, ...]:
    """Read files, each once, and of a folder every `.sql` file below it, sorted by path.

    Raises ConfigError for a path that is not there, a folder without SQL, a file that is not UTF-8, a name in it that
    PostgreSQL would cut, and a command of psql that does something.
    """
    files = dict.fromkeys(file for path in paths for file in _files(path))
    return tuple(map(_read, files))


def skipped(name: str, file: SqlFile) -> str:
    """Return a line that says what was left out of a file, called `name`."""
    return f"{name}: skipped {', '.join(file.skipped)}"


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.rglob("*.sql") if file.is_file())
        if not found:
            raise ConfigError(f"no .sql file in {path}", hint="name a file, or a folder that holds some")
        return found
    if not path.exists():
        raise ConfigError(f"no such SQL file: {path}", hint="paths are relative to the configuration file")
    return [path]


def _read(path: Path) -> SqlFile:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start})", hint="save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", hint="check its permissions") from error
    text, skipped = dumps.plain(text, place=str(path))
    lengths.check(text, place=str(path))
    return SqlFile(path, text, skipped)
