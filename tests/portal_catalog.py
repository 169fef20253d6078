"""What `pg_catalog` says of a portal database, read without any of Mizzle's own code."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING

from portal_specification import Column, ForeignKey

if TYPE_CHECKING:
    import psycopg


def tables(portal: psycopg.Connection) -> set[str]:
    """The tables of schema public."""
    rows = portal.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    return {name for (name,) in rows}


def columns(portal: psycopg.Connection, table: str) -> tuple[Column, ...]:
    """The columns of `table`, in order."""
    rows = portal.execute(
        """
        SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
        ORDER BY attnum
        """,
        [f"public.{table}"],
    )
    return tuple(Column(name, kind, not_null=not_null, default=default) for name, kind, not_null, default in rows)


def enums(portal: psycopg.Connection) -> dict[str, tuple[str, ...]]:
    """The labels of each enum of schema public, in order."""
    rows = portal.execute(
        """
        SELECT typname, array_agg(enumlabel::text ORDER BY enumsortorder)
        FROM pg_type JOIN pg_enum ON enumtypid = pg_type.oid
        WHERE typnamespace = 'public'::regnamespace
        GROUP BY typname
        """
    )
    return {name: tuple(labels) for name, labels in rows}


def foreign_keys(portal: psycopg.Connection) -> set[ForeignKey]:
    """Every foreign key of the database."""
    rows = portal.execute(
        """
        SELECT conname, relation.relname, mine.attname, referred.relname, confdeltype::text, confupdtype::text,
               theirs.attname, condeferrable, convalidated
        FROM pg_constraint
        JOIN pg_class AS relation ON relation.oid = conrelid
        JOIN pg_class AS referred ON referred.oid = confrelid
        JOIN pg_attribute AS mine ON mine.attrelid = conrelid AND ARRAY[mine.attnum] = conkey
        JOIN pg_attribute AS theirs ON theirs.attrelid = confrelid AND ARRAY[theirs.attnum] = confkey
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace
        """
    )
    return set(starmap(ForeignKey, rows))


def keys(portal: psycopg.Connection, kind: str) -> dict[str, str]:
    """Name and definition of each primary key (`p`), unique (`u`) or other constraint by pg_constraint's letter."""
    rows = portal.execute(
        """
        SELECT conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE contype = %s AND connamespace = 'public'::regnamespace
        """,
        [kind],
    )
    return dict(rows.fetchall())


def plain_indexes(portal: psycopg.Connection) -> dict[str, str]:
    """Name and definition of each index that does not belong to a constraint."""
    rows = portal.execute(
        """
        SELECT relname, pg_get_indexdef(indexrelid)
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = 'public'::regnamespace AND indisvalid
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
        """
    )
    return dict(rows.fetchall())


def everything(portal: psycopg.Connection) -> set[str]:
    """Each object that is not PostgreSQL's own nor the migration history's, in the server's words.

    NOT NULL constraints are left out: only PostgreSQL 18 has them as rows, and `columns` says them on both.
    """
    rows = portal.execute(
        """
        SELECT pg_describe_object(classid, objid, 0) FROM (
            SELECT 'pg_class'::regclass AS classid, oid AS objid, relnamespace AS schema FROM pg_class
            UNION ALL SELECT 'pg_constraint'::regclass, oid, connamespace FROM pg_constraint WHERE contype <> 'n'
            UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type
            UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
            UNION ALL SELECT 'pg_trigger'::regclass, pg_trigger.oid, relnamespace
                      FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal
            UNION ALL SELECT 'pg_policy'::regclass, pg_policy.oid, relnamespace
                      FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
        ) AS object JOIN pg_namespace ON pg_namespace.oid = schema
        WHERE nspname NOT IN ('mizzle', 'information_schema') AND nspname NOT LIKE 'pg\\_%'
        UNION ALL
        SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'
        """
    )
    return {description for (description,) in rows}
