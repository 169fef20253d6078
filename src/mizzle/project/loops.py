"""A backfill for those who run migrations without Mizzle: a loop in PL/pgSQL that commits each batch."""

from __future__ import annotations

from collections.abc import Sequence

from mizzle.names import dotted, ident
from mizzle.planning import batches
from mizzle.planning.steps import Step
from mizzle.runner.timeouts import milliseconds
from mizzle.sqltext import split

_ROWS = 1_000
_PAUSE = 0.01  # seconds

_LOOP = """\
DO {tag}
#variable_conflict use_column
DECLARE
{variables}
BEGIN
    LOOP
        PERFORM pg_catalog.set_config('lock_timeout', '{timeout}', true);
        IF mizzle_last_1 IS NULL THEN
            {first}
        ELSE
            {following}
        END IF;
        EXIT WHEN NOT FOUND;
        {statement};
        COMMIT;
        PERFORM pg_catalog.pg_sleep({pause});
    END LOOP;
END {tag}"""
_NEXT = """\
WITH batch AS MATERIALIZED (SELECT {columns} FROM {table}{where} ORDER BY {order} LIMIT {rows})
            SELECT {ends} INTO {into}
            FROM (SELECT * FROM batch ORDER BY {up} LIMIT 1) AS f,
                (SELECT * FROM batch ORDER BY {down} LIMIT 1) AS l;"""


def loop(step: Step, *, lock_timeout: str) -> str:
    """Return a DO statement that goes through the table of a backfill by its key, and commits each batch.

    It has to run outside of a transaction. Run again, it begins at the first row.
    """
    backfill, sql = step.backfill, split(step.sql)[0].sql
    assert backfill is not None
    batched = batches.read(sql, backfill)
    table = dotted(*filter(None, backfill.table))
    source = f"ONLY {table}" if batched.only else table
    own = f"{ident(batched.name)}."
    within = f"{_row(backfill.key, own)} >= {_variables('first', backfill.key)}"
    within += f" AND {_row(backfill.key, own)} <= {_variables('last', backfill.key)}"
    rows = min(backfill.batch or _ROWS, _ROWS)
    pause = _PAUSE if backfill.pause is None else milliseconds(backfill.pause) / 1000
    behind = f" WHERE {_row(backfill.key, '')} > {_variables('last', backfill.key)}"
    return _LOOP.format(
        tag=_tag(sql),
        variables="\n".join(
            f"    mizzle_{end}_{number} {table}.{ident(name)}%TYPE;"
            for end in ("first", "last")
            for number, name in enumerate(backfill.key, 1)
        ),
        timeout=lock_timeout,
        first=_next(backfill.key, source, rows, ""),
        following=_next(backfill.key, source, rows, behind),
        statement=batched.within(within),
        pause=pause,
    )


def _next(key: Sequence[str], table: str, rows: int, where: str) -> str:
    """Return the query for the first and the last key of the next batch."""
    short = [f"k{number}" for number, _ in enumerate(key, 1)]
    return _NEXT.format(
        columns=", ".join(f"{ident(name)} AS {each}" for name, each in zip(key, short, strict=True)),
        table=table,
        where=where,
        order=", ".join(map(ident, key)),
        rows=rows,
        ends=", ".join(f"{end}.{each}" for end in "fl" for each in short),
        into=", ".join(f"mizzle_{end}_{number}" for end in ("first", "last") for number, _ in enumerate(key, 1)),
        up=", ".join(short),
        down=", ".join(f"{each} DESC" for each in short),
    )


def _row(key: Sequence[str], before: str) -> str:
    return f"({', '.join(f'{before}{ident(name)}' for name in key)})"


def _variables(end: str, key: Sequence[str]) -> str:
    return f"({', '.join(f'mizzle_{end}_{number}' for number, _ in enumerate(key, 1))})"


def _tag(sql: str) -> str:
    """Return a dollar quote that does not end in the statement."""
    tag = "$backfill$"
    while tag in sql:
        tag = f"{tag[:-1]}_$"
    return tag
