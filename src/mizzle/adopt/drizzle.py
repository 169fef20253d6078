"""Drizzle's folder, as 0.31 writes it (a journal) and as 1.0 does (a folder for each migration)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mizzle.adopt.detect import JOURNAL, MIGRATION
from mizzle.adopt.findings import Finding, Kind
from mizzle.adopt.versions import Row
from mizzle.errors import ConfigError

_STAMP = 14  # digits at the beginning of a folder's name: UTC, to the second
_SECOND = 1_000


class File(msgspec.Struct, frozen=True):
    """One file of SQL. `name` is its path in the folder, `tag` what Drizzle calls it, `when` its moment in ms.

    `listed`: Drizzle knows of it; of 1.0 each is.
    """

    name: str
    tag: str
    sql: str
    hash: str
    when: int = 0
    listed: bool = True


class Folder(msgspec.Struct, frozen=True):
    """All files in the order in which they run, those that Drizzle does not know where their number puts them.

    `form` is 0.31 or 1.0; `findings` need no database.
    """

    path: Path
    form: str
    files: tuple[File, ...]
    findings: tuple[Finding, ...]


class _Entry(msgspec.Struct, frozen=True):
    idx: int
    when: int
    tag: str


class _Journal(msgspec.Struct, frozen=True):
    entries: list[_Entry]


def read(path: Path) -> Folder:
    """Read a folder. Raises ConfigError where it is none of Drizzle's, or a file of it cannot be read."""
    if (path / JOURNAL).is_file():
        return _by_journal(path)
    folders = sorted(each for each in path.iterdir() if each.is_dir() and each.name != "meta") if path.is_dir() else []
    if not any((each / MIGRATION).is_file() for each in folders):
        raise ConfigError(
            f"{path} has no migrations of Drizzle: neither {JOURNAL} nor folders with {MIGRATION}",
            hint="name the folder that `out` in drizzle.config.ts names: mizzle adopt drizzle FOLDER",
        )
    return _by_folders(path, folders)


def recorded(folder: Folder, rows: Sequence[Row]) -> dict[str, Row]:
    """Return the row that Drizzle has written of each file, by the file's name; files without one are left out.

    A row is that of the file with its name, its moment or its text, in this order; 1.0 takes the second of it, too,
    where a row has no name yet. No row stands for two files.
    """
    found: dict[str, Row] = {}
    left = list(rows)
    for belongs in (_by_name, _by_moment, _by_text, *([_by_second] if folder.form != "0.31" else [])):
        for file in folder.files:
            row = next((row for row in left if file.name not in found and belongs(file, row)), None)
            if row is not None:
                found[file.name] = row
                left.remove(row)
    return found


def pending(folder: Folder, rows: Sequence[Row]) -> frozenset[str]:
    """Return the names of the files that Drizzle itself would run next.

    0.31 runs what is later than the latest row, 1.0 whatever has no row.
    """
    mark, known = max((row.created_at for row in rows), default=0), recorded(folder, rows)
    found = (file for file in folder.files if file.listed and file.name not in known)
    return frozenset(file.name for file in found if folder.form != "0.31" or file.when > mark)


def _by_name(file: File, row: Row) -> bool:
    return bool(row.name) and row.name == file.tag


def _by_moment(file: File, row: Row) -> bool:
    return not row.name and bool(file.when) and row.created_at == file.when


def _by_text(file: File, row: Row) -> bool:
    return not row.name and row.hash == file.hash


def _by_second(file: File, row: Row) -> bool:
    return not row.name and bool(file.when) and row.created_at // _SECOND == file.when // _SECOND


def _by_journal(path: Path) -> Folder:
    try:
        journal = msgspec.json.decode((path / JOURNAL).read_bytes(), type=_Journal)
    except msgspec.DecodeError as error:
        raise ConfigError(f"{path / JOURNAL} is no journal: {error}", hint="restore it from version control") from error
    there = {each.stem: each for each in sorted(path.glob("*.sql"))}
    tags = {entry.tag: entry for entry in journal.entries}
    listed = [_file(path, there[tag], tag, entry.when) for tag, entry in tags.items() if tag in there]
    outside = [_file(path, file, tag, 0, listed=False) for tag, file in there.items() if tag not in tags]
    findings = (
        *_duplicates(
            [(f"{tag}.sql", _number(tag)) for tag in (*tags, *(each.tag for each in outside))],
            [(f"{entry.tag}.sql", str(entry.idx)) for entry in journal.entries],
        ),
        *(Finding(Kind.OUTSIDE, each.name, "the journal does not list it: Drizzle never runs it") for each in outside),
        *_lost(journal.entries, there),
        *_disorder(journal.entries),
    )
    return Folder(path, "0.31", tuple(_placed(listed, outside)), findings)


def _by_folders(path: Path, folders: Sequence[Path]) -> Folder:
    whole = [each for each in folders if (each / MIGRATION).is_file()]
    files = tuple(_file(path, each / MIGRATION, each.name, _moment(each.name)) for each in whole)
    loose = sorted(path.glob("*.sql"))
    outside = [_file(path, each, each.stem, 0, listed=False) for each in loose]
    findings = (
        *_duplicates([(each.name, _number(each.name)) for each in whole]),
        *(Finding(Kind.OUTSIDE, each.name, "it lies in no folder: Drizzle never runs it") for each in outside),
        *(Finding(Kind.LOST, each.name, f"it has no {MIGRATION}") for each in folders if each not in whole),
    )
    return Folder(path, "1.0", tuple(_placed(list(files), outside)), findings)


def _file(root: Path, path: Path, tag: str, when: int, *, listed: bool = True) -> File:
    try:
        data = path.read_bytes()
        return File(str(path.relative_to(root)), tag, data.decode(), hashlib.sha256(data).hexdigest(), when, listed)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start})", hint="save it as UTF-8") from error


def _moment(name: str) -> int:
    """Return the moment in the name of a folder in milliseconds, 0 where there is none."""
    try:
        return int(datetime.strptime(name[:_STAMP], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()) * _SECOND
    except ValueError:
        return 0


def _placed(listed: list[File], outside: Sequence[File]) -> list[File]:
    """Return all files, those that are not listed behind the last one whose number is not greater."""
    found = listed
    for each in outside:
        number = _number(each.tag)
        place = max((at for at, file in enumerate(found, 1) if _number(file.tag) <= number), default=0)
        found = [*found[:place], each, *found[place:]]
    return found


def _number(tag: str) -> str:
    return tag.partition("_")[0]


def _duplicates(*numberings: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Name each file, once, whose number one before it has; each of `numberings` are files and their numbers."""
    told: set[str] = set()
    for numbered in numberings:
        first: dict[str, str] = {}
        for file, number in numbered:
            other = first.setdefault(number, file)
            if other != file and number.isdecimal() and file not in told:
                told.add(file)
                yield Finding(Kind.DUPLICATE, file, f"{other} has its number, {number}, too")


def _lost(entries: Iterable[_Entry], there: Iterable[str]) -> Iterator[Finding]:
    known = frozenset(there)
    for entry in entries:
        if entry.tag not in known:
            yield Finding(Kind.LOST, f"{entry.tag}.sql", "the journal lists it, and there is no such file")


def _disorder(entries: Sequence[_Entry]) -> Iterator[Finding]:
    for number, entry in enumerate(entries):
        later = next((each for each in entries[:number] if each.when >= entry.when), None)
        if later is not None:
            message = f"the journal dates it before {later.tag}: a database that has that one never runs it"
            yield Finding(Kind.ORDER, f"{entry.tag}.sql", message)
