"""What the environment says of a project, and a file `.env` beside its configuration, which does not override it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from mizzle.errors import ConfigError

_PREFIX = "MIZZLE_"
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def find(root: Path, name: str) -> str | None:
    """Return a variable of the environment, or of the `.env` in `root`; None where it is nowhere, or empty."""
    return os.environ.get(name) or _dotenv(root / ".env").get(name) or None


def unread(root: Path) -> int | None:
    """Return the number of the first line of the `.env` in `root` that is no NAME=value; None where all are."""
    path = root / ".env"
    if not path.is_file():
        return None
    from dotenv.parser import parse_stream  # noqa: PLC0415 - most runs have no .env

    with path.open(encoding="utf-8-sig") as stream:
        return next((each.original.line for each in parse_stream(stream) if each.error), None)


def variable(setting: str) -> str:
    """Return the name of the variable that stands for a setting."""
    return f"{_PREFIX}{setting.upper()}"


def settings(
    root: Path, names: Iterable[str], *, lists: Iterable[str], kinds: Mapping[str, type]
) -> dict[str, str | int | bool | list[str]]:
    """Return the settings of `names` for which there is a variable, with values as TOML has them.

    `lists` are those that take several texts, by commas; `kinds` says which are numbers, and true or false. What does
    not fit is returned as text.
    """
    said = {**_ours(root / ".env"), **{name: text for name, text in os.environ.items() if text}}
    texts = {name: said[variable(name)] for name in names if said.get(variable(name))}
    several = frozenset(lists)
    return {name: _value(text, kinds.get(name, str), several=name in several) for name, text in texts.items()}


def _value(text: str, kind: type, *, several: bool) -> str | int | bool | list[str]:
    if several:
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind is int and text.isascii() and text.isdecimal():
        return int(text)
    return _WORDS.get(text.lower(), text) if kind is bool else text


def _ours(path: Path) -> dict[str, str]:
    """Return the variables of a `.env` that may be settings: most files have none, and are not parsed for that."""
    try:
        if not path.is_file() or _PREFIX.encode() not in path.read_bytes():  # reading a pipe may wait for ever
            return {}
    except OSError:
        return {}
    return {name: text for name, text in _dotenv(path).items() if text}


def _dotenv(path: Path) -> Mapping[str, str | None]:
    if not path.is_file():
        return {}
    import logging  # noqa: PLC0415 - as dotenv does

    from dotenv import dotenv_values  # noqa: PLC0415 - most runs have no .env

    log = logging.getLogger("dotenv.main")
    before, log.disabled = log.disabled, True  # of lines that it cannot read: see unread()
    try:
        return dotenv_values(path)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start})", hint="save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", hint="check its permissions") from error
    finally:
        log.disabled = before
