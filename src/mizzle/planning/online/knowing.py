"""What a table must not have when it is copied: whatever the plan does not know would go with the old table, unasked.

Catalogs tell what a database shall have. That it has no trigger more, nor another default, is asked where it runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.planning.context import Context
from mizzle.planning.online import syncing
from mizzle.planning.online.copied import Copied
from mizzle.planning.online.kept import in_dollars
from mizzle.planning.steps import Statement

_BODY = """
DECLARE
    was oid := {table}::regclass;
    copy oid := {copy}::regclass;
    more text := (
        WITH parts (of, part) AS (
            SELECT attrelid, format('column %s %s', attname, concat_ws(' ', format_type(atttypid, atttypmod),
                CASE WHEN attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(adbin, adrelid)))
            FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE attrelid IN (was, copy) AND attnum > 0 AND NOT attisdropped
            UNION ALL SELECT oid, unnest(ARRAY[CASE WHEN relrowsecurity THEN 'row level security' END,
                CASE WHEN relforcerowsecurity THEN 'forced row level security' END,
                CASE WHEN row_security_active(oid) THEN 'rows hidden from ' || current_user END])
            FROM pg_class WHERE oid IN (was, copy)
            UNION ALL SELECT was, 'index ' || relname FROM pg_index JOIN pg_class ON oid = indexrelid
            WHERE indrelid = was
            UNION ALL SELECT was, 'constraint ' || conname FROM pg_constraint
            WHERE conrelid = was AND contype NOT IN ('n', 't')
            UNION ALL SELECT was, format('constraint %s of %s', conname, conrelid::regclass) FROM pg_constraint
            WHERE confrelid = was AND conrelid <> was
            UNION ALL SELECT was, 'trigger ' || tgname FROM pg_trigger WHERE tgrelid = was AND NOT tgisinternal
            UNION ALL SELECT was, 'policy ' || polname FROM pg_policy WHERE polrelid = was
            UNION ALL SELECT was, 'rule ' || rulename FROM pg_rewrite WHERE ev_class = was
            UNION ALL SELECT was, 'statistics ' || stxname FROM pg_statistic_ext WHERE stxrelid = was
            UNION ALL SELECT was, 'view ' || ev_class::regclass FROM pg_depend
            JOIN pg_rewrite ON pg_rewrite.oid = objid AND ev_class <> was
            WHERE classid = 'pg_rewrite'::regclass AND refclassid = 'pg_class'::regclass AND refobjid = was
            UNION ALL SELECT was, 'publication ' || pubname FROM pg_publication_tables
            WHERE tablename = {name} AND to_regclass(format('%I.%I', schemaname, tablename)) = was
        )
        SELECT string_agg(part, ', ' ORDER BY part) FROM (
            SELECT part FROM parts WHERE of = was
            EXCEPT SELECT part FROM parts WHERE of = copy
            EXCEPT SELECT unnest({known})
        ) AS found
    );
BEGIN
    IF more <> '' THEN
        RAISE EXCEPTION 'table {raw} has more than is known here, and a copy would lose it: %', more
        USING HINT = 'take it into the models, or drop it; or plan this with --plain';
    END IF;
END
"""


def asked(copied: Copied, copy: Address, context: Context) -> Iterator[Statement]:
    """Yield what asks whether the table has more than its copy, and what is made on that in the swap."""
    change = f"prepare for {copied.change}"
    body = _BODY.format(
        name=names.literal(copied.table.name),
        raw=names.dotted(copied.table.name).replace("'", "''").replace("%", "%%"),
        table=names.literal(copied.table.address.sql),
        copy=names.literal(copy.sql),
        known=_known(copied, context),
    )
    procedure = _procedure(copied, context)
    yield Statement(f"CREATE PROCEDURE {procedure}() LANGUAGE plpgsql AS {in_dollars(body)}", change=change)
    yield again(copied, context)


def again(copied: Copied, context: Context) -> Statement:
    """Return what asks that once more."""
    return Statement(f"CALL {_procedure(copied, context)}()", change=f"prepare for {copied.change}")


def gone(copied: Copied, context: Context) -> Statement:
    """Return what drops that question."""
    return Statement(f"DROP PROCEDURE {_procedure(copied, context)}()", change=f"alter {copied.change}")


def _procedure(copied: Copied, context: Context) -> str:
    table = copied.table
    name = names.default_name(table.name, ("copy",), "check")
    taken = context.taken(table.schema)
    return names.dotted(table.schema, names.aside(name, taken) if name in taken else name)


def _known(copied: Copied, context: Context) -> str:
    table = copied.table
    indexes = (*([table.primary_key] if table.primary_key else ()), *table.uniques, *table.indexes)
    parts = [f"index {each.name}" for each in indexes]
    parts += [f"constraint {each.name}" for each in table.constraints]
    parts += [f"{each.address.kind} {each.name}" for each in (*copied.attached, *copied.statistics)]
    parts += [f"trigger {each}" for each in syncing.triggers(copied, context)]
    said = [names.literal(each) for each in parts]
    said += [
        f"format('constraint %s of %s', {names.literal(key.name)}, {names.literal(other.address.sql)}::regclass)"
        for other, key in copied.references
    ]
    said += [f"'view ' || {names.literal(each.address.sql)}::regclass" for each in copied.views]
    return "ARRAY[" + ",\n                ".join(said) + "]"
