"""The `ignore` setting: `kind:pattern`, each naming what others manage."""

from __future__ import annotations

from collections.abc import Iterable

from mizzle.errors import ConfigError

MODULE = "module"


def patterns(ignore: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (kind, pattern) pairs. Raises ConfigError for one without a kind."""
    found: list[tuple[str, str]] = []
    for text in ignore:
        kind, colon, pattern = text.partition(":")
        if not colon or not pattern:
            raise ConfigError(
                f"ignore = {text!r} has no kind",
                hint='write "kind:pattern", such as "table:celery_*" or "index:public.tmp_*"',
            )
        found.append((kind, pattern))
    return tuple(found)


def modules(ignore: Iterable[str]) -> tuple[str, ...]:
    """Return the modules that are not scanned for tables."""
    return tuple(pattern for kind, pattern in patterns(ignore) if kind == MODULE)
