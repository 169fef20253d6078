"""Primary and unique keys: their index is built CONCURRENTLY, and the key takes it over in a moment."""

from __future__ import annotations

from dataclasses import replace

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.constraint import PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.planning import sqlparts
from mizzle.planning.context import Context
from mizzle.planning.online import constraint, index, partitioned_key
from mizzle.planning.online.not_null import demanded
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import constraint as plain
from mizzle.planning.recipes.storage import clause
from mizzle.planning.steps import Lock, Statement

_DEFERRED = (" DEFERRABLE INITIALLY DEFERRED", " DEFERRABLE")


def create(table: Table, key: PrimaryKey | Unique, context: Context) -> list[Operation] | None:
    """CREATE UNIQUE INDEX CONCURRENTLY, ADD CONSTRAINT … USING INDEX."""
    if table.partition_by is not None and "WITHOUT OVERLAPS" not in key.definition:
        return partitioned_key.create(table, key, context, over=definition(key), using=_timing(key))
    if not _can(table, key):
        return None
    where = table.address_of(key)
    built = constraint.stage(where, "built")
    return [
        _built(table, key, key.name, context),
        Operation(
            Phase.TAKE_OVER,
            (adding(table, f"ADD {using(key, key.name)}", where),),
            makes=frozenset({where}),
            follows=frozenset({built, *demanded(table, key)}),
        ),
        *constraint.commented(table.address, key),
    ]


def alter(table: Table, old: PrimaryKey | Unique, new: PrimaryKey | Unique, context: Context) -> list[Operation] | None:
    """Build the new index beside the old key, then drop the old key and add the new one in one statement."""
    if old.definition == new.definition or not _can(table, new):
        return None
    where = table.address_of(new)
    name = names.aside(new.name, context.taken(table.schema))
    built = constraint.stage(where, "built")
    action = f"DROP CONSTRAINT {names.ident(old.name)}, ADD {using(new, name)}"
    return [
        _built(table, new, name, context),
        Operation(
            Phase.TAKE_OVER,
            (adding(table, action, where),),
            makes=frozenset({where}),
            drops=frozenset({where}),
            follows=frozenset({built, *demanded(table, new)}),
        ),
        *constraint.commented(table.address, new),
    ]


def drop(table: Table, key: PrimaryKey, context: Context) -> list[Operation] | None:
    """Drop the primary key when the index of the next one is built, so that there is one until then."""
    new = table.primary_key
    if new is None or table.address_of(new) in context.before or not _can(table, new):
        return None
    where = table.address_of(new)
    if not context.in_use(table.address, where):
        return None
    waiting = frozenset({constraint.stage(where, "built"), *demanded(table, new)})
    return [replace(each, phase=Phase.TAKE_OVER, follows=waiting) for each in plain.drop(table.address, key)]


def _can(table: Table, key: PrimaryKey | Unique) -> bool:
    return table.partition_by is None and "WITHOUT OVERLAPS" not in key.definition


def _built(table: Table, key: PrimaryKey | Unique, name: str, context: Context) -> Operation:
    where, mine = table.address_of(key), address.index(table.schema, name)
    statement = index.build(table.address, mine, Index(name, definition(key), unique=True), subject=where)
    return Operation(
        Phase.BUILD,
        (statement,),
        makes=frozenset({constraint.stage(where, "built")}),
        takes=frozenset({mine} if name == key.name else ()),
        follows=context.new_needs.get(where),
        outside=index.valid(mine),
    )


def definition(key: PrimaryKey | Unique) -> str:
    """Return what an index over the key's columns says behind its table's name."""
    head, behind = key.definition.partition("(")[0], _behind(key)
    listed = ", ".join(sqlparts.elements(key.definition))
    distinct = " NULLS NOT DISTINCT" if "NULLS NOT DISTINCT" in head else ""
    options = f" WITH ({clause(key.options)})" if key.options else ""
    return f"USING btree ({listed}){behind}{distinct}{options}"


def _behind(key: PrimaryKey | Unique) -> str:
    """Return INCLUDE (…), which stands behind the columns, without what is said of the time of checking."""
    text = sqlparts.behind(key.definition)
    for timing in _DEFERRED:
        text = text.removesuffix(timing)
    return text


def using(key: PrimaryKey | Unique, name: str) -> str:
    """Return the constraint behind ADD that takes over the index `name` (raw)."""
    kind = "PRIMARY KEY" if isinstance(key, PrimaryKey) else "UNIQUE"
    return f"CONSTRAINT {names.ident(key.name)} {kind} USING INDEX {names.ident(name)}{_timing(key)}"


def _timing(key: PrimaryKey | Unique) -> str:
    return next((each for each in _DEFERRED if key.definition.endswith(each)), "")


def adding(table: Table, action: str, where: Address) -> Statement:
    """Return the ALTER TABLE that does `action` for the key at `where`."""
    return Statement(
        f"ALTER TABLE {table.address.sql} {action}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.address.sql,
        change=f"create {where}",
    )
