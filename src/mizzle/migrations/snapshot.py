"""snapshot.json: what a migration ends in, and what it was when it was proved.

The catalog in it goes through here as JSON text: catalog/snapshot.py alone knows what stands in that.
"""

from __future__ import annotations

import codecs
import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from mizzle.errors import HistoryError

FORMAT = 1
"""Raised when an older Mizzle could no longer read the file."""


class Replaced(msgspec.Struct, frozen=True):
    """A migration that a squashed one replaces: its id, the checksum of its up.sql, and what it replaces itself."""

    id: str
    up: str
    replaces: tuple[Replaced, ...] = ()


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """The small fields, in the order of the file: all that is needed to order, name and verify a migration."""

    format: Annotated[
        int,
        Meta(
            description="1. Raised only when an older Mizzle could no longer read the file; fields that it does not "
            "know are skipped"
        ),
    ] = FORMAT
    id: Annotated[str, Meta(description="the folder's name")]
    parent: Annotated[str | None, Meta(description="the id of the migration before it; null for the first")]
    up: Annotated[
        str,
        Meta(
            description="SHA-256 of `up.sql` as it was proved, in hex, with CR LF read as LF and without a byte "
            "order mark; empty in a migration made to be written by hand until `rebase` has proved it"
        ),
    ]
    down: Annotated[str, Meta(description="the same of `down.sql`")]
    key: Annotated[str, Meta(description="what the sources were; while it is the same, nothing changed")]
    over: Annotated[
        tuple[str, ...],
        Meta(
            description="the migrations before it that a database may also apply after it: those that `rebase` put "
            "it on top of"
        ),
    ] = ()
    replaces: Annotated[
        tuple[Replaced, ...],
        Meta(
            description="the migrations, from the first on, that `squash` has put together in this one: `id`, `up` "
            "(the checksum of that file), and their own `replaces`"
        ),
    ] = ()
    contracts: Annotated[
        str,
        Meta(
            description="the id of the expand migration whose contract this one is: it waits for `migrate "
            "--contract` (expand-contract.md); empty in all others"
        ),
    ] = ""


class Snapshot(Stamp, frozen=True, kw_only=True):
    """The whole file; the catalog is JSON text here."""

    undeclared: Annotated[
        tuple[str, ...],
        Meta(description="the objects in it that no source ever declared, sorted: kept and reported, never dropped"),
    ]
    catalog: Annotated[
        msgspec.Raw,
        Meta(
            description="everything in the managed schemas after the migration; last, because it is long",
            extra_json_schema={"type": "object"},
        ),
    ]


class _Format(msgspec.Struct, frozen=True):
    format: int


_FORMATS = msgspec.json.Decoder(_Format)
_STAMPS = msgspec.json.Decoder(Stamp)
_SNAPSHOTS = msgspec.json.Decoder(Snapshot)


def checksum(sql: str) -> str:
    """Return the SHA-256 of a script, in hex; the ends of its lines and a byte order mark do not count."""
    return decode_sql(sql.encode())[1]


def decode_sql(data: bytes) -> tuple[str, str]:
    """Return a script's text, as sqltext.normalize() does, and its checksum. Raises UnicodeDecodeError."""
    text = data.removeprefix(codecs.BOM_UTF8)
    if b"\r" in text:  # which is told in no time
        text = text.replace(b"\r\n", b"\n")
    return text.decode(), hashlib.sha256(text).hexdigest()


def read_sql(path: Path, checksum: str, *, name: str) -> str:
    """Return a script's text, as decode_sql() does, `name` is what errors call it.

    Raises HistoryError where it cannot be read, or is another one than that of the checksum.
    """
    try:
        text, found = decode_sql(path.read_bytes())
    except OSError as error:
        raise HistoryError(
            f"{name} cannot be read: {error.strerror}", hint="restore the migration from version control"
        ) from error
    except UnicodeDecodeError as error:
        raise HistoryError(f"{name} is not UTF-8: {error}", hint="save its files as UTF-8") from error
    if found != checksum:
        raise HistoryError(f"{name} was written to while it was being read", hint="run this again")
    return text


def encode(snapshot: Snapshot) -> bytes:
    """Return the bytes of snapshot.json: one fact a line, so that a review can follow; same input, same bytes."""
    return msgspec.json.format(msgspec.json.encode(snapshot), indent=1) + b"\n"


def decode_stamp(data: bytes) -> Stamp:
    """Return the small fields. Raises msgspec.DecodeError where it is none, NewerFormatError where it is newer."""
    try:
        stamp = _STAMPS.decode(data)
    except msgspec.DecodeError:
        _known(data)
        raise
    _check_format(stamp.format)
    return stamp


def read(path: Path) -> Snapshot:
    """Return a whole snapshot.json. Raises HistoryError where it cannot be read."""
    try:
        data = path.read_bytes()
        _known(data)
        return _SNAPSHOTS.decode(data)
    except OSError as error:
        raise HistoryError(
            f"{path} cannot be read: {error.strerror}", hint="restore the migration from version control"
        ) from error
    except msgspec.DecodeError as error:
        raise HistoryError(
            f"{path} is not a snapshot: {error}", hint="restore the migration from version control"
        ) from error


class NewerFormatError(HistoryError):
    """The snapshot was written by a newer Mizzle."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"the snapshot has format {number}, this version knows {FORMAT}", hint="install a newer mizzle"
        )


def _known(data: bytes) -> None:
    _check_format(_FORMATS.decode(data).format)


def _check_format(number: int) -> None:
    if number > FORMAT:
        raise NewerFormatError(number)
