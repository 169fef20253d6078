"""Columns beside others, until they take over: added, kept in step, filled, required, swapped in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgspec.structs import replace as told

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.table import Table
from mizzle.planning import sqlparts
from mizzle.planning.context import Context
from mizzle.planning.online import filling
from mizzle.planning.online.constraint import added, stage, validated
from mizzle.planning.online.constraint import aside as constraint_aside
from mizzle.planning.online.retyped import Retyped
from mizzle.planning.online.twins import Twin
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import column as plain
from mizzle.planning.recipes import identity, not_null
from mizzle.planning.recipes.altering import altering, on
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement

PREPARES = "prepare for"
"""What a statement does to an object that is as it was until the swap."""

_GOES_ON = "mizzle.goes_on"
_WORK = frozenset({HazardCode.TABLE_REWRITE, HazardCode.TABLE_SCAN, HazardCode.INDEX_BUILD})


def begun(retyped: Retyped, context: Context) -> Iterator[Statement]:
    """Yield what adds the columns, and the trigger that keeps them in step."""
    table = retyped.table
    for _, new in retyped.columns:
        empty = replace(_empty(new, retyped.called[new.name]), type=retyped.typed(new.type))
        where = table.address_of(new)
        yield on(table.address, where, f"ADD COLUMN {plain.clause(table, empty)}", verb=PREPARES)
        yield from plain.extras(table, empty)
    function, trigger = _sync(retyped, context)
    body = "\n".join(
        f"    NEW.{names.ident(retyped.called[new.name])} := {_new_value(old, new, retyped, context)};"
        for old, new in retyped.columns
    )
    change = f"{PREPARES} {retyped.first}"
    yield Statement(
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $sync$\n"
        f"BEGIN\n{body}\n    RETURN NEW;\nEND\n$sync$",
        change=change,
    )
    yield Statement(
        f"CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table.address.sql} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()",
        lock=Lock.SHARE_ROW_EXCLUSIVE,
        relation=table.address.sql,
        hazards=tuple(_refusing(retyped, context)),
        change=change,
    )


def _refusing(retyped: Retyped, context: Context) -> Iterator[Hazard]:
    """Yield what old code meets from then on: a value that does not fit the new type is refused at once."""
    for old, new in retyped.columns:
        where = retyped.table.address_of(new)
        hazards = plain.converting(retyped.table, old, new, context)
        if any(hazard.code is HazardCode.DATA_DEPENDENT for hazard in hazards):
            message = f"refuses values of {where} that do not fit: code that writes one fails"
            yield Hazard(HazardCode.BREAKS_OLD_CODE, str(where), message)


def _empty(column: Column, name: str) -> Column:
    return replace(column, name=name, nullable=True, default=None, identity=None, not_null="", comment=None)


def _sync(retyped: Retyped, context: Context) -> tuple[str, str]:
    """Return the names, in SQL, of the function and of the trigger, which comes behind all others of its kind."""
    table = retyped.table
    name = names.default_name(table.name, tuple(sorted(retyped.called)), "sync")
    taken = context.taken(table.schema)
    name = names.aside(name, taken) if name in taken else name
    return names.dotted(table.schema, name), names.ident(f"zz_{name}"[: names.MAX_BYTES])


def _new_value(old: Column, new: Column, retyped: Retyped, context: Context) -> str:
    """Return what makes a value of the new type of the row that a trigger is about to write."""
    value = retyped.typed(plain.value_of(old.name, old, new, context))
    written = f"NEW.{names.ident(old.name)}"
    return sqlparts.with_columns(value, {old.name: written}) if value else written


def filled(retyped: Retyped, after: Address, ready: Address, context: Context) -> Operation:
    """Return the backfill of the columns, which begins `after` they are there and makes `ready`."""
    table = retyped.table
    named = [(names.ident(retyped.called[new.name]), old, new) for old, new in retyped.columns]
    values = ", ".join(
        f"{beside} = {retyped.typed(plain.value_of(old.name, old, new, context)) or names.ident(old.name)}"
        for beside, old, new in named
    )
    lacking = " OR ".join(f"{beside} IS NULL AND {names.ident(old.name)} IS NOT NULL" for beside, old, _ in named)
    sql = f"UPDATE {table.address.sql} SET {values} WHERE {lacking}"
    where = retyped.first
    operation = filling.filled(
        table, retyped.by, sql, change=where, makes=frozenset({ready}), follows=frozenset({after})
    )
    hazards = tuple(
        hazard
        for old, new in retyped.columns
        for hazard in plain.converting(table, old, new, context)
        if hazard.code not in _WORK
    )
    (statement,) = operation.statements
    return replace(operation, statements=(told(statement, hazards=hazards, change=f"{PREPARES} {where}"),))


def required(retyped: Retyped, filled: Address, context: Context) -> Iterator[Twin]:
    """Yield the checks that let SET NOT NULL, in the swap, believe without looking."""
    table = retyped.table
    for _, new in retyped.columns:
        if new.nullable:
            continue
        where = table.address_of(new)
        name = constraint_aside(table.address, names.default_name(table.name, (new.name,), "not_null"), context)
        beside = names.ident(retyped.called[new.name])
        clause = f"CONSTRAINT {names.ident(name)} CHECK ({beside} IS NOT NULL) NOT VALID"
        begun, ready = stage(where, "required"), stage(where, "required, valid")
        change = f"{PREPARES} {where}"
        statement = told(validated(table.address, where, name), hazards=(), change=change)
        check = told(added(table.address, where, clause, lock=Lock.ACCESS_EXCLUSIVE), change=change)
        made = (
            Operation(
                Phase.CREATE_PART,
                (check,),
                makes=frozenset({begun}),
                follows=frozenset({filled}),
            ),
            Operation(Phase.VALIDATE, (statement,), makes=frozenset({ready}), follows=frozenset({begun}), alone=True),
        )
        comes = (
            altering(table, new, "SET NOT NULL"),
            on(table.address, where, f"DROP CONSTRAINT {names.ident(name)}"),
            *(not_null.named(table, replace(new, not_null=""), new) if new.not_null else ()),
        )
        yield Twin(where, ready, made, comes)


def taking_over(retyped: Retyped, made: Sequence[Twin], context: Context) -> Iterator[Statement]:
    """Yield what puts the columns beside in the place of the old ones; `made` is what is over them."""
    table = retyped.table
    function, trigger = _sync(retyped, context)
    change = f"alter {retyped.first}"
    dropped = f"DROP TRIGGER {trigger} ON {table.address.sql}"
    yield Statement(dropped, lock=Lock.ACCESS_EXCLUSIVE, relation=table.address.sql, change=change)
    yield Statement(f"DROP FUNCTION {function}()", change=change)
    for each in made:
        yield from each.goes
    for old, new in retyped.columns:
        where, beside = table.address_of(new), names.ident(retyped.called[new.name])
        yield from _numbers(table, old, beside, context)
        yield on(table.address, where, f"DROP COLUMN {names.ident(new.name)}")
        yield on(table.address, where, f"RENAME COLUMN {beside} TO {names.ident(new.name)}")


def _numbers(table: Table, old: Column, beside: str, context: Context) -> Iterator[Statement]:
    """Yield what keeps the numbers of a column: where its identity was, and the sequence that it owns."""
    where = table.address_of(old)
    if old.identity is not None:
        sequence = address.sequence(table.schema, old.identity.sequence)
        sql = f"SELECT set_config('{_GOES_ON}', concat_ws(',', last_value, is_called), true) FROM {sequence.sql}"
        yield Statement(sql, change=f"alter {where}")
    for each in context.old.sequences:
        if each.owned_by == where.names:
            sequence = address.sequence(each.schema, each.name)
            sql = f"ALTER SEQUENCE {sequence.sql} OWNED BY {table.address.sql}.{beside}"
            yield Statement(sql, change=f"alter {where}")


def completed(retyped: Retyped, over: Sequence[Twin]) -> Iterator[Statement]:
    """Yield what gives all that is `over` the columns its name, and the columns what belongs to them alone."""
    for each in over:
        yield from each.comes
    for _, new in retyped.columns:
        yield from _given(retyped.table, new)


def _given(table: Table, new: Column) -> Iterator[Statement]:
    """Yield the default or the identity, which goes on where it was, and the comment."""
    where = table.address_of(new)
    if new.default is not None:
        yield altering(table, new, f"SET DEFAULT {new.default}")
    if new.identity is not None:
        yield altering(table, new, f"ADD {identity.clause(table.address, new.name, new.identity)}")
        sequence = names.literal(address.sequence(table.schema, new.identity.sequence).sql)
        kept = f"split_part(current_setting('{_GOES_ON}'), ',', "
        yield Statement(
            f"SELECT setval({sequence}::regclass, {kept}1)::bigint, {kept}2)::boolean)", change=f"alter {where}"
        )
    yield from created("COLUMN", where.sql, new.comment, relation=table.address.sql)
