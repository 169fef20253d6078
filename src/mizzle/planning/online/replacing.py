"""A copy in the place of its table: what the table has beside its rows goes over to it, or is made on it again."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace as told

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import ForeignKey
from mizzle.catalog.policy import Policy
from mizzle.catalog.table import Table
from mizzle.catalog.trigger import Trigger
from mizzle.catalog.view import View
from mizzle.planning.context import Context
from mizzle.planning.online import identity as online_identity
from mizzle.planning.online import kept, knowing, syncing
from mizzle.planning.online.copied import Copied
from mizzle.planning.online.copying import Asides
from mizzle.planning.recipes import constraint as plain
from mizzle.planning.recipes import identity, physical, policy, trigger, view
from mizzle.planning.recipes.altering import altering, on
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Lock, Statement


def statements(copied: Copied, copy: Address, asides: Asides, context: Context) -> Iterator[Statement]:
    """Yield what is done in the moment of the swap: what comes behind DROP TABLE needs names that are free then."""
    table = copied.table
    taken = {*context.taken(table.schema), copy.name, *asides.values()}
    before = address.table(table.schema, names.aside(table.name, taken))
    yield from _exchanged(copied, copy, before, context)
    yield from _handed_over(copied, before, context)
    yield from _gone(copied, before, context)
    yield from _named(copied, asides)
    for other, key in (*((table, key) for key in table.foreign_keys), *copied.references):
        yield from _referring(other, key)
    yield from _attached(copied, context)


def _exchanged(copied: Copied, copy: Address, before: Address, context: Context) -> Iterator[Statement]:
    """Yield what puts the table aside, which nobody uses then, and the copy in its place."""
    table = copied.table.address
    yield from map(_locked, copied.views)
    yield _done(copied, f"LOCK TABLE {table.sql} IN ACCESS EXCLUSIVE MODE")
    yield knowing.again(copied, context)
    yield _done(copied, f"ALTER TABLE {table.sql} RENAME TO {names.ident(before.name)}")
    yield _done(copied, f"ALTER TABLE {copy.sql} RENAME TO {names.ident(table.name)}")


def _handed_over(copied: Copied, before: Address, context: Context) -> Iterator[Statement]:
    """Yield what goes over from the old table, which the new one stands beside."""
    table = copied.table
    moved = [("TABLE", before, table.address)]
    for column in table.ordered_columns:
        if column.identity is not None:
            yield from _numbers(copied, column, context)
            sequence = address.sequence(table.schema, column.identity.sequence)
            moved.append(("SEQUENCE", _aside(sequence, context), sequence))
    yield kept.kept(moved, change=f"alter {copied.change}")
    yield from _owned(copied, context)
    for each in copied.views:
        yield _of_view(each, view.definition(each, replace=True))


def _gone(copied: Copied, before: Address, context: Context) -> Iterator[Statement]:
    """Yield what drops the old table, and what was made for the time beside it."""
    for other, key in copied.references:
        where, action = other.address_of(key), f"DROP CONSTRAINT {names.ident(key.name)}"
        yield told(on(other.address, where, action), also=(copied.table.address.sql,))
    yield _dropped(copied, before)
    yield _done(copied, f"DROP FUNCTION {syncing.function(copied, context)}()")
    yield knowing.gone(copied, context)


def _done(copied: Copied, sql: str) -> Statement:
    table = copied.table.address.sql
    return Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=table, change=f"alter {copied.change}")


def _locked(each: View) -> Statement:
    """Return what changes nothing of a view, and locks it: who reads it comes to the table behind it."""
    defaults = dict(each.defaults)
    name = next((name for name, _ in each.columns if name not in defaults), each.columns[0][0])
    action = f"SET DEFAULT {defaults[name]}" if name in defaults else "DROP DEFAULT"
    return _of_view(each, f"ALTER VIEW {each.address.sql} ALTER COLUMN {names.ident(name)} {action}")


def _of_view(each: View, sql: str) -> Statement:
    return Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=each.address.sql, change=f"alter {each.address}")


def _aside(sequence: Address, context: Context) -> Address:
    return address.sequence(sequence.names[0], names.aside(sequence.name, context.taken(sequence.names[0])))


def _numbers(copied: Copied, column: Column, context: Context) -> Iterator[Statement]:
    """Yield what gives the copy an identity, which goes on where that of the table is."""
    table, where = copied.table, copied.table.address_of(column)
    assert column.identity is not None
    sequence = address.sequence(table.schema, column.identity.sequence)
    aside = _aside(sequence, context)
    renamed = f"ALTER SEQUENCE {sequence.sql} RENAME TO {names.ident(aside.name)}"
    yield Statement(renamed, change=f"alter {where}")
    yield altering(table, column, f"ADD {identity.clause(table.address, column.name, column.identity)}")
    yield online_identity.going_on(sequence, aside, where)


def _owned(copied: Copied, context: Context) -> Iterator[Statement]:
    for each in context.old.sequences:
        where = address.sequence(each.schema, each.name)
        if where in copied.owned and each.owned_by is not None:
            sql = f"ALTER SEQUENCE {where.sql} OWNED BY {names.dotted(*each.owned_by)}"
            yield Statement(sql, change=f"alter {where}")


def _dropped(copied: Copied, before: Address) -> Statement:
    """Return DROP TABLE, which locks the tables that its foreign keys refer to, too."""
    table = copied.table
    referred = (key.referenced.sql for key in table.foreign_keys if key.referenced != table.address)
    return told(_done(copied, f"DROP TABLE {before.sql}"), also=tuple(dict.fromkeys(referred)))


def _named(copied: Copied, asides: Asides) -> Iterator[Statement]:
    """Yield what gives the copy's indexes, and with them its keys, and its statistics their names."""
    for where, name in asides.items():
        aside = names.dotted(where.names[0], name)
        if where.kind == "index":
            lock, relation = Lock.SHARE_UPDATE_EXCLUSIVE, aside
        else:
            lock, relation = Lock.NONE, ""
        sql = f"ALTER {where.kind.upper()} {aside} RENAME TO {names.ident(where.name)}"
        yield Statement(sql, lock=lock, relation=relation, change=f"alter {copied.change}")


def _referring(table: Table, key: ForeignKey) -> Iterator[Statement]:
    """Yield a foreign key, which holds from then on, and is validated later."""
    where = table.address_of(key)
    yield Statement(
        f"ALTER TABLE {table.address.sql} ADD {plain.clause(key)}{plain.NOT_VALID}",
        lock=Lock.SHARE_ROW_EXCLUSIVE,
        relation=table.address.sql,
        also=plain.referenced(key),
        change=f"alter {where}",
    )
    on_table = plain.on_table(table.address, key.name)
    yield from created("CONSTRAINT", on_table, key.comment, relation=table.address.sql)


def _attached(copied: Copied, context: Context) -> Iterator[Statement]:
    table = copied.table
    for each in copied.attached:
        match each:
            case Trigger():
                made = trigger.create(each)
            case Policy():
                made = policy.create(each)
        yield from (statement for operation in made for statement in operation.statements)
    chosen = physical.chosen(Table(table.schema, table.name), table, context)
    yield from (statement for operation in chosen for statement in operation.statements)
