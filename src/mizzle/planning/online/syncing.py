"""What keeps a copy of a table in step: a function, which writes to the copy what is written to the table, as triggers.

Whoever writes a row of the copy holds that row of the table locked: the backfill, too. So of two the second one waits,
and finds what the first one wrote. Where the table has that row no more, or once more, the copy has it likewise.
"""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.planning.context import Context
from mizzle.planning.online.copied import Copied
from mizzle.planning.online.kept import in_dollars
from mizzle.planning.steps import Lock, Statement

# Roles that may write to the table have no right to the copy. Where all names in a function's body have their schema,
# pg_temp does no harm; where a tenant's have none, it has to come last.
_PINNED = (
    "SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), 'pg_temp'), true)"
)
_HOW = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT"


def function(copied: Copied, context: Context) -> str:
    """Return the name of the function, in SQL."""
    table = copied.table
    name = names.default_name(table.name, ("copy",), "sync")
    taken = context.taken(table.schema)
    return names.dotted(table.schema, names.aside(name, taken) if name in taken else name)


def triggers(copied: Copied, context: Context) -> tuple[str, str]:
    """Return the names (raw) of the triggers, of rows and of statements.

    They come before all others of their kind: one that writes another row may give that a key that this one gave up.
    """
    own = names.parse(function(copied, context))[-1]
    return f"!r_{own}"[: names.MAX_BYTES], f"!s_{own}"[: names.MAX_BYTES]


def begun(copied: Copied, copy: Address, context: Context) -> Iterator[Statement]:
    """Yield what keeps `copy` in step with the table from then on."""
    name, table = function(copied, context), copied.table.address.sql
    change = f"prepare for {copied.change}"
    yield Statement(_PINNED, change=change)
    yield Statement(f"CREATE FUNCTION {name}() {_HOW} AS {in_dollars(_body(copied, copy))}", change=change)
    yield Statement(f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC", change=change)
    of_rows, of_statements = triggers(copied, context)
    for raw, what, events in (
        (of_rows, "ROW", "INSERT OR UPDATE OR DELETE"),
        (of_statements, "STATEMENT", "TRUNCATE"),
    ):
        trigger = names.ident(raw)
        made = f"CREATE TRIGGER {trigger} AFTER {events} ON {table} FOR EACH {what} EXECUTE FUNCTION {name}()"
        # What a subscriber of logical replication is sent, other triggers do not see.
        for sql in (made, f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"):
            yield Statement(sql, lock=Lock.SHARE_ROW_EXCLUSIVE, relation=table, change=change)


def _body(copied: Copied, copy: Address) -> str:
    """Return what makes of a row of the copy what the table's is by then: another trigger may have written it again."""
    table, there, written = copied.table.address.sql, copy.sql, copied.written
    key, columns = names.idents(copied.by), names.idents(written)
    moved = " OR ".join(f"OLD.{names.ident(each)} <> NEW.{names.ident(each)}" for each in copied.by)
    old, new = (
        " AND ".join(f"r.{names.ident(e)} = {row}.{names.ident(e)}" for e in copied.by) for row in ("OLD", "NEW")
    )
    values = ", ".join(f"OLD.{names.ident(each)}" for each in written)
    # The key, too: 1.0 and 1.00 are the same key.
    taken = ", ".join(f"{names.ident(each)} = EXCLUDED.{names.ident(each)}" for each in written)
    return f"""
#variable_conflict use_column
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE {there};
        RETURN NULL;
    END IF;
    IF (TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND ({moved})) AND NOT EXISTS (SELECT FROM {table} AS r WHERE {old}) THEN
        DELETE FROM {there} AS r WHERE {old};
        IF NOT FOUND AND current_setting('transaction_isolation') <> 'read committed' THEN
            -- what was copied since this transaction began is not seen here: it must fail, and be tried again
            INSERT INTO {there} ({columns}) VALUES ({values})
            ON CONFLICT ({key}) DO UPDATE SET {taken};
            DELETE FROM {there} AS r WHERE {old};
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO {there} ({columns}) SELECT {columns} FROM {table} AS r WHERE {new}
        ON CONFLICT ({key}) DO UPDATE SET {taken};
    END IF;
    RETURN NULL;
END
"""
