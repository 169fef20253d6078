"""The ids of migrations, which are the names of their folders: `20260120143000_add_orders`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from mizzle.errors import ConfigError

_DIGITS = 14
_FORMAT = "%Y%m%d%H%M%S"
_LONGEST_SLUG = 50
_DEFAULT_SLUG = "migration"


def new_id(name: str, *, now: datetime, after: Iterable[str] = ()) -> str:
    """Return an id for a migration called `name`, later than each in `after`; `now` carries its time zone."""
    latest = max((_moment(stamp(each)) for each in after), default=datetime.min.replace(tzinfo=UTC))
    moment = max(now.astimezone(UTC).replace(microsecond=0), latest + timedelta(seconds=1))
    return f"{moment.strftime(_FORMAT)}_{slug(name)}"


def slug(text: str) -> str:
    """Return free text as lower-case ASCII words joined by underscores, `migration` where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if len(words) > _LONGEST_SLUG:
        words = words[: _LONGEST_SLUG + 1].rpartition("_")[0] or words[:_LONGEST_SLUG]
    return words or _DEFAULT_SLUG


def is_id(text: str) -> bool:
    """Whether `text` is a moment, an underscore and a name."""
    digits, name = text[:_DIGITS], text[_DIGITS + 1 :]
    if len(digits) < _DIGITS or not (digits.isascii() and digits.isdecimal()) or text[_DIGITS : _DIGITS + 1] != "_":
        return False
    if not name or any(letter in "/\\" or letter.isspace() for letter in name):
        return False
    try:
        _moment(digits)
    except ValueError:
        return False
    return True


def stamp(migration: str) -> str:
    """Return the fourteen digits of an id; they sort by time. Raises ConfigError where it is none."""
    if not is_id(migration):
        raise ConfigError(
            f"not the id of a migration: {migration}", hint="write it as its folder is called: 20260120143000_initial"
        )
    return migration[:_DIGITS]


def name_of(migration: str) -> str:
    """Return the part of an id behind its moment. Raises ConfigError where it is none."""
    return migration[len(stamp(migration)) + 1 :]


def _moment(digits: str) -> datetime:
    """Return what the fourteen digits say. Raises ValueError for a month 13; strptime() takes long to import."""
    year, *rest = int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, _DIGITS, 2))
    return datetime(year, *rest, tzinfo=UTC)
