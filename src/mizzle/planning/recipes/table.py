"""Tables as a whole."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from msgspec import structs

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Constraint
from mizzle.catalog.table import Table
from mizzle.planning import circles
from mizzle.planning.context import ROUTINES, Context
from mizzle.planning.needs import default_of
from mizzle.planning.operations import Operation, Phase, alters, drops, makes, renames
from mizzle.planning.recipes import column, constraint, index, parents, partition, physical, storage
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def create(table: Table, context: Context) -> list[Operation]:
    """CREATE TABLE with its columns and constraints; foreign keys and indexes are operations of their own."""
    where = table.address
    deviating = _deviating(table, context)
    own = [each for each in table.constraints if _inline(each, table, context, deviating)]
    with_default = [each for each in table.columns if each.default is not None]
    late = [each for each in with_default if _waits(default_of(table.address_of(each)), table, context)]
    statements = [
        _created(table, own, late, context),
        *created("TABLE", where.sql, table.comment),
        *(s for c in table.ordered_columns if c.inherited != "only" for s in column.extras(table, c)),
        *(s for c in own for s in constraint.extras(where, c)),
    ]
    columns = [each for each in table.columns if each.inherited != "only"]
    parts = [table.address_of(part) for part in (*columns, *own)]
    defaults = [default_of(table.address_of(each)) for each in columns if each not in late]
    statements += _row_security(Table(table.schema, table.name), table, fresh=True)
    operations = [makes(Phase.CREATE_TABLE, statements, where, *parts, *defaults)]
    for other in table.constraints:
        if other not in own:
            operations += constraint.create(where, other, fresh=True)
    for each in table.indexes:
        operations += index.create(where, each, fresh=True)
    operations += [column.give_default(table, each) for each in late]
    for changes in deviating.values():
        operations += changes
    operations += physical.chosen(Table(table.schema, table.name), table, context)
    return [*operations, *parents.names_of_parts(None, table, context)]


def _deviating(table: Table, context: Context) -> dict[Address, list[Operation]]:
    """Return what brings columns that come from a parent to what they shall be, once the table is there."""
    passed_on = (each for each in table.columns if each.inherited == "only")
    found = {table.address_of(each): column.deviate(table, each, context) for each in passed_on}
    return {where: [_of_new(table, change) for change in changes] for where, changes in found.items() if changes}


def _of_new(table: Table, change: Operation) -> Operation:
    """Return an operation on a table that was just made: there are no rows that it could meet."""
    statements = (
        structs.replace(each, hazards=(), requires=(), rewrites=(), scans=(), builds=()) for each in change.statements
    )
    return replace(change, statements=tuple(statements), follows=change.follows | {table.address})


def _inline(each: Constraint, table: Table, context: Context, deviating: Collection[Address]) -> bool:
    where = table.address_of(each)
    if not constraint.inline(each, among=table.constraints) or _waits(where, table, context):
        return False
    return context.new_needs.get(where).isdisjoint(deviating)


def _waits(part: Address, table: Table, context: Context) -> bool:
    """Say whether a part calls a function that must wait for the table."""
    inside = {table.address, *map(table.address_of, table.columns)}
    waiting = [part]
    seen: set[Address] = set()
    while waiting:
        called = [where for where in context.new_needs.get(waiting.pop()) if where.kind in ROUTINES]
        waiting += [where for where in called if where not in seen]
        seen.update(called)
    return any(context.new_needs.get(where) & inside for where in seen)


def _created(table: Table, own: list[Constraint], late: list[Column], context: Context) -> Statement:
    sql, change = _create_sql(table, own, late), f"create {table.address}"
    above = parents.above(table)
    if table.bound is None:
        lock = Lock.SHARE_UPDATE_EXCLUSIVE if above else Lock.NONE
        return Statement(sql, lock=lock, relation="".join(above[:1]), also=above[1:], change=change)
    others = partition.coming(table, context, parent=Lock.ACCESS_EXCLUSIVE, last=False)
    return Statement(
        sql,
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=above[0],
        others=tuple(others.items()),
        hazards=partition.searched(table, context),
        change=change,
    )


def drop(table: Table, context: Context) -> list[Operation]:
    """DROP TABLE, without CASCADE; what ties it to others in a circle is dropped before."""
    where = table.address
    hazards = (
        Hazard(HazardCode.DELETES_DATA, str(where), f"drops {where} with all its rows"),
        Hazard(HazardCode.BREAKS_OLD_CODE, str(where), f"drops {where}: code that uses it fails"),
    )
    released = context.fates.released
    default = partition.default_beside(table, context) if table.bound is not None else None
    above = parents.above(table) if table.bound is not None else ()
    above += (default.address.sql,) if default is not None else ()
    keys = [key for key in table.foreign_keys if table.address_of(key) not in released]
    statement = Statement(
        f"DROP TABLE {where.sql}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=where.sql,
        also=(*dict.fromkeys(key.referenced.sql for key in keys if key.referenced != where), *above),
        hazards=hazards,
        change=f"drop {where}",
    )
    gone = [key for key in table.constraints if table.address_of(key) in released]
    first = [operation for key in gone for operation in constraint.drop(where, key)]
    indexes = [each for each in table.indexes if table.address_of(each) in released]
    first += [operation for each in indexes for operation in index.drop(where, each)]
    first += [operation for each in table.columns for operation in column.release(table, each, context)]
    return [*first, drops(Phase.DROP_TABLE, [statement], *frozenset(circles.contents(where, context)) - released)]


def alter(old: Table, new: Table, context: Context) -> list[Operation]:
    """What a table says of itself: comment, storage parameters, logged or not."""
    where = new.address
    statements: list[Statement] = []
    if old.comment != new.comment:
        statements.append(comment("TABLE", where.sql, new.comment, relation=where.sql))
    if old.options != new.options:
        statements += storage.altered("TABLE", where.sql, old.options, new.options, change=f"alter {where}")
    statements += _row_security(old, new)
    told = [alters(Phase.ALTER_TABLE, statements, where)] if statements else []
    told += [*parents.moved(old, new, context), *parents.names_of_parts(old, new, context)]
    told += physical.chosen(old, new, context)
    return told if old.unlogged == new.unlogged else [*told, _persist(new, context)]


def _row_security(old: Table, new: Table, *, fresh: bool = False) -> list[Statement]:
    where = new.address
    actions: dict[str, str] = {}
    if old.row_security != new.row_security:
        shown = "only the rows that a policy allows" if new.row_security else "every row"
        action = f"{'ENABLE' if new.row_security else 'DISABLE'} ROW LEVEL SECURITY"
        actions[action] = f"shows whoever may read {where} {shown}"
    if old.force_row_security != new.force_row_security:
        shown = "only the rows that a policy allows" if new.force_row_security else "every row"
        action = f"{'FORCE' if new.force_row_security else 'NO FORCE'} ROW LEVEL SECURITY"
        actions[action] = f"shows the owner of {where} {shown}"
    return [
        Statement(
            f"ALTER TABLE {where.sql} {action}",
            lock=Lock.ACCESS_EXCLUSIVE,
            relation=where.sql,
            hazards=() if fresh else (Hazard(HazardCode.BREAKS_OLD_CODE, str(where), message),),
            change=f"alter {where}",
        )
        for action, message in actions.items()
    ]


def _persist(new: Table, context: Context) -> Operation:
    """SET LOGGED, after the tables it refers to, or SET UNLOGGED, after those that refer to it."""
    where = new.address
    hazard = Hazard(HazardCode.TABLE_REWRITE, str(where), f"rewrites {where}: nobody can use it meanwhile")
    statement = Statement(
        f"ALTER TABLE {where.sql} SET {'UNLOGGED' if new.unlogged else 'LOGGED'}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=where.sql,
        hazards=(hazard,),
        change=f"alter {where}",
    )
    keys = circles.keys_between(context, {table.address for table in context.kept_tables()})
    pairs = [(a, b) for key, a, b in keys if key not in context.fates.lost]
    first = {a if new.unlogged else b for a, b in pairs if (b if new.unlogged else a) == where}
    return Operation(Phase.ALTER_TABLE, (statement,), alters=frozenset({where}), follows=frozenset(first - {where}))


def rename(old: Table, name: str) -> Operation:
    """ALTER TABLE … RENAME TO."""
    where = old.address
    message = f"renames {where}: code that uses the old name fails"
    statement = Statement(
        f"ALTER TABLE {where.sql} RENAME TO {names.ident(name)}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=where.sql,
        hazards=(Hazard(HazardCode.BREAKS_OLD_CODE, str(where), message),),
        change=f"rename {where}",
    )
    return renames(statement)


def _create_sql(table: Table, own: list[Constraint], late: list[Column]) -> str:
    columns = [replace(each, default=None) if each in late else each for each in table.ordered_columns]
    lines = [column.clause(table, each) for each in columns if each.inherited != "only"]
    lines += [constraint.clause(each) for each in own]
    body = ",\n".join(f"    {line}" for line in lines)
    head = f"CREATE {'UNLOGGED ' if table.unlogged else ''}TABLE {table.address.sql}"
    above = ", ".join(parents.above(table))
    if table.bound is not None:
        head = f"{head} PARTITION OF {above}" + (f" (\n{body}\n)" if body else "") + f" {table.bound}"
    else:
        head += f" (\n{body}\n)" if body else " ()"
        head += f" INHERITS ({above})" if above else ""
    key = f" PARTITION BY {table.partition_by}" if table.partition_by else ""
    options = f" WITH ({storage.clause(table.options)})" if table.options else ""
    return head + key + options
