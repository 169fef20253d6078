"""Types that cost more than they give: wide keys, moments without a time zone."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.advise.facts import Column, Facts, Table
from mizzle.advise.findings import Code, Finding
from mizzle.advise.thresholds import Thresholds
from mizzle.advise.wording import extent, listed, size

_TEXTS = frozenset({"text", "varchar", "bpchar"})
_UUID_LENGTH = "(36)"
_GENERATORS = ("gen_random_uuid", "uuid_generate_v")
_WRITTEN = ("creat", "updat", "modif", "chang", "delet", "insert")
_ZONES = ("timezone", "time_zone", "tzname", "tz_name")
_UUID_BYTES, _TEXT_BYTES = 16, 37
_NAMED = 5
_DIGITS = 20


def wide_keys(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Yield primary keys that hold a uuid as text or a number as numeric, and others that are long in fact."""
    for table in facts.ordinary():
        key = table.primary_key
        if key is None:
            continue
        for number in key.key_columns:
            column = table.column(number)
            said = _too_wide(facts, table, column, limits)
            if said is not None and not _refers(table, number):
                yield _wide(facts, table, column, *said)


def _refers(table: Table, number: int) -> bool:
    """Say whether the column is another table's key here: that one is the finding."""
    return any(number in key.columns for key in table.foreign_keys)


def _too_wide(facts: Facts, table: Table, column: Column, limits: Thresholds) -> tuple[str, str, int] | None:
    """Return what is wrong with a key's type, the better one, and the bytes saved each time it is kept."""
    if column.base == "numeric" and _is_whole(column.type):
        return "numeric is compared digit by digit, and has at least 5 bytes", "bigint", 2
    if column.base in _TEXTS:
        uuid = column.type.endswith(_UUID_LENGTH) or any(each in (column.default or "") for each in _GENERATORS)
        if uuid and (column.width is None or column.width >= _UUID_BYTES * 2):
            return f"a uuid as text has {_TEXT_BYTES} bytes instead of {_UUID_BYTES}", "uuid", _TEXT_BYTES - _UUID_BYTES
        long = column.width is not None and column.width >= limits.wide and table.rows >= limits.wide_rows
        if long and facts.referrers.get(table.oid):
            assert column.width is not None
            return (
                f"its values have {column.width} bytes on average",
                "bigint, with a unique index on what it is now",
                column.width - 8,
            )
    return None


def _is_whole(numeric: str) -> bool:
    """Say whether a numeric type holds whole numbers as a bigint does: one of more digits is meant to be large."""
    precision, _, scale = numeric.removeprefix("numeric(").removesuffix(")").partition(",")
    return numeric == "numeric" or (scale == "0" and precision.isdigit() and int(precision) <= _DIGITS)


def _wide(facts: Facts, table: Table, column: Column, said: str, better: str, saved: int) -> Finding:
    referring = facts.referrers.get(table.oid, ())
    holders = sorted({each.sql for each, _ in referring})
    copies = [table, *(each for each, _ in referring)]
    rows = sum(max(each.rows, 0) for each in copies)
    found = [f"{column.name} {column.type} is the primary key", said]
    if holders:
        found.append(
            f"kept again in {len(holders)} tables that refer to it: {', '.join(holders[:_NAMED])}"
            f"{' …' if len(holders) > _NAMED else ''}"
        )
    if facts.live:
        found.append(extent(table))
    return Finding(
        Code.WIDE_KEY,
        table.sql_of(column),
        f"the key of {table.sql} is wider than it need be",
        evidence=tuple(found),
        gain=f"{size(int(rows * saved * 2))} in tables and indexes"
        if facts.live and rows
        else f"{saved} bytes in each row and each entry of an index that has it",
        cost="the type changes in all tables at once, each rewritten under an exclusive lock or moved column by column",
        instead=f"{better}; in a new table from the start, in this one when it is moved anyway",
        weight=rows * saved * 2,
    )


def timestamps(facts: Facts) -> Iterator[Finding]:
    """Yield tables with columns that hold a moment and do not say in which time zone, all of a table in one finding.

    Not where the time is local on purpose (the table says in which zone, the column is called so), nor what is a date.
    """
    for table in facts.ordinary():
        zoned = any(word in each.name.lower() for each in table.columns for word in _ZONES)
        times = [
            each for each in table.columns if each.base == "timestamp" and not each.generated and not each.inherited
        ]
        columns = [each for each in times if _is_now(each) or not (zoned or _is_local(each.name.lower()))]
        if columns:
            yield _without_zone(facts, table, columns)


def _is_now(column: Column) -> bool:
    return any(word in (column.default or "").lower() for word in ("now()", "current_timestamp", "localtimestamp"))


def _is_local(name: str) -> bool:
    """Say whether a column is called after a local time or a date, and not after when a row was written."""
    return "local" in name or (name.endswith("date") and not any(word in name for word in _WRITTEN))


def _without_zone(facts: Facts, table: Table, found: list[Column]) -> Finding:
    columns = tuple(each.name for each in found)
    changes = ", ".join(
        f"ALTER COLUMN {c} TYPE timestamptz USING {c} AT TIME ZONE 'UTC'"
        for c in (names.ident(each.name) for each in found if not each.parting)
    )
    by = listed(tuple(each.name for each in found if each.parting)) if any(each.parting for each in found) else ""
    return Finding(
        Code.TIMESTAMP_WITHOUT_TIME_ZONE,
        table.sql,
        f"{listed(columns)} of {table.sql} {'is' if len(columns) == 1 else 'are'} timestamp without time zone",
        evidence=(
            "now() is stored as the session's TimeZone has it: two clients in two zones write two times for one moment",
            *((extent(table),) if facts.live else ()),
        ),
        gain="one moment is one value, whoever writes and reads it; timestamptz has 8 bytes, too",
        cost="a session whose TimeZone is UTC changes them without a rewrite; clients get times with a zone",
        statements=(f"ALTER TABLE {table.sql} {changes}",) if changes else (),
        instead=f"the table is partitioned by {by}, whose type cannot change: make it anew beside this one"
        if by
        else "",
        weight=table.bytes,
    )
