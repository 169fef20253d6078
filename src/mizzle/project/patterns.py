"""The `ignore` setting: `kind:pattern`, each naming what others manage."""

from __future__ import annotations

from collections.abc import Iterable

from mizzle.errors import ConfigError, did_you_mean

MODULE = "module"
KINDS = (
    *("schema", "extension", "type", "sequence", "table", "column", "constraint", "index"),
    *("partition", "partitioned table", "foreign table", "typed table", "inheriting table"),
    *("view", "materialized view", "rule", "function", "procedure", "aggregate", "trigger", "event trigger"),
    *("policy", "row security", "replica identity", "not null constraint", "statistics"),
    *("column storage", "table storage", "index storage", "clustered index"),
    *("composite type", "domain", "range type", "base type", "collation", "conversion"),
    *("operator", "operator class", "operator family", "cast", "language", "publication"),
    *("foreign data wrapper", "foreign server"),
    *("text search configuration", "text search dictionary", "text search parser", "text search template"),
)
"""The kinds of objects that a catalog can name, those among them that are not managed too."""


def patterns(ignore: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (kind, pattern) pairs. Raises ConfigError for one without a kind, or of a kind that there is not."""
    return tuple(map(_pattern, ignore))


def modules(ignore: Iterable[str]) -> tuple[str, ...]:
    """Return the patterns of modules that are not scanned for tables."""
    return tuple(pattern for kind, pattern in patterns(ignore) if kind == MODULE)


def _pattern(text: str) -> tuple[str, str]:
    kind, colon, pattern = text.partition(":")
    if not colon or not pattern:
        raise ConfigError(
            f"ignore = {text!r} has no kind",
            hint='write "kind:pattern", such as "table:celery_*" or "index:public.tmp_*"',
        )
    if kind not in {MODULE, *KINDS}:
        hint = did_you_mean(kind, (MODULE, *KINDS)) or f"a kind is one of {', '.join((MODULE, *KINDS))}"
        raise ConfigError(f"ignore = {text!r}: there is no kind {kind}", hint=hint)
    return kind, pattern
