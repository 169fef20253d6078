"""The configuration file, written to: whole or not at all, and what a person wrote in it stays."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mizzle.errors import ConfigError
from mizzle.project.config import OWN

_HEADER = "[tool.mizzle]"
_SETTING = "ignore"


def replace(path: Path, text: str) -> None:
    """Make `text` the content of a file, whole or not at all; a link to it stays one. Raises OSError."""
    path = path.resolve()
    new = path.with_name(f".{path.name}.mizzle")
    try:
        new.write_bytes(text.encode())
        if path.exists():
            new.chmod(path.stat().st_mode)
        new.replace(path)
    except OSError as error:
        error.filename = error.filename or str(path)  # which a full disk leaves out
        raise
    finally:
        new.unlink(missing_ok=True)


def read(path: Path) -> str:
    """Return what stands in a configuration file, with the ends of its lines as they are."""
    return path.read_bytes().decode()


def with_ignored(path: Path, text: str, more: Sequence[str]) -> str:
    """Return `text`, that of the configuration file `path`, with `more` in its setting `ignore`, else unchanged.

    It is read again to see that this is so. Raises ConfigError where it cannot be: a person has to add it then.
    """
    wanted = tomllib.loads(text)
    section = _section(path, wanted)
    before = section.get(_SETTING, [])
    section[_SETTING] = sorted({*([before] if isinstance(before, str) else before), *more})
    for edited in _edits(text, before, more, after=_HEADER if "[" in text and _has_table(wanted) else ""):
        try:
            found = tomllib.loads(edited)
        except tomllib.TOMLDecodeError:
            continue
        there = _section(path, found)
        if isinstance(there.get(_SETTING), list):
            there[_SETTING] = sorted(there[_SETTING])
        if found == wanted:
            return edited
    listed = ", ".join(map(json.dumps, more))
    raise ConfigError(
        f"{path}: {_SETTING} cannot be added to by a program",
        hint=f"add it there by hand, {_SETTING} = [{listed}], and run this again",
    )


def _has_table(document: dict[str, Any]) -> bool:
    tool = document.get("tool")
    return isinstance(tool, dict) and "mizzle" in tool


def _section(path: Path, document: dict[str, Any]) -> dict[str, Any]:
    if path.name == OWN and not _has_table(document):
        return document
    return document.get("tool", {}).get("mizzle", {})


def _edits(text: str, before: object, more: Sequence[str], *, after: str) -> Iterator[str]:
    """Yield texts that may be right: the setting edited where it stands, or a line of its own."""
    lines = text.splitlines(keepends=True)
    headers = (at for at, line in enumerate(lines, 1) if line.partition("#")[0].strip() == after)
    first = next(headers, None) if after else 0
    if first is None:
        return
    end = "\r\n" if "\r\n" in text else "\n"
    values = ", ".join(json.dumps(each, ensure_ascii=False) for each in more)
    for at in range(first, len(lines)):
        key, equals, value = lines[at].partition("=")
        if equals and key.strip() == _SETTING:
            opening = value.find("[") + 1
            comma = ", " if before else ""
            inside = f"{key}={value[:opening]}{values}{comma}{value[opening:]}"
            alone = f"{key}= [{json.dumps(before, ensure_ascii=False)}, {values}]{end}"
            yield "".join([*lines[:at], alone if isinstance(before, str) else inside, *lines[at + 1 :]])
    last = next((at for at in range(first, len(lines)) if lines[at].startswith("[")), len(lines))
    while last > first and lines[last - 1].lstrip()[:1] in {"", "#"}:  # what stands there is about what follows
        last -= 1
    gap = "" if not last or lines[last - 1].endswith("\n") else end
    for at, before_it in ((last, gap), (first, "")):
        yield "".join([*lines[:at], f"{before_it}{_SETTING} = [{values}]{end}", *lines[at:]])
