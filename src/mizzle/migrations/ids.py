"""The ids of migrations, which are the names of their folders: `20260120143000_add_orders`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from mizzle.errors import ConfigError

_ID = re.compile(r"([0-9]{14})_([^/\\\s]+)")
_FORMAT = "%Y%m%d%H%M%S"
_LONGEST_SLUG = 50
_DEFAULT_SLUG = "migration"


def new_id(name: str, *, now: datetime, after: Iterable[str] = ()) -> str:
    """Return an id for a migration called `name`, later than each in `after`; `now` carries its time zone."""
    latest = max(map(_moment, after), default=datetime.min.replace(tzinfo=UTC))
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
    match = _ID.fullmatch(text)
    if match is None:
        return False
    try:
        datetime.strptime(match[1], _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def stamp(migration: str) -> str:
    """Return the fourteen digits of an id; they sort by time. Raises ConfigError where it is none."""
    if not is_id(migration):
        raise ConfigError(
            f"not the id of a migration: {migration}", hint="write it as its folder is called: 20260120143000_initial"
        )
    return migration[:14]


def name_of(migration: str) -> str:
    """Return the part of an id behind its moment. Raises ConfigError where it is none."""
    return migration[len(stamp(migration)) + 1 :]


def _moment(migration: str) -> datetime:
    return datetime.strptime(stamp(migration), _FORMAT).replace(tzinfo=UTC)
