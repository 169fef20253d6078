"""Columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mizzle import names
from mizzle.catalog import inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column, Generated
from mizzle.catalog.composite import Composite
from mizzle.catalog.table import Table
from mizzle.errors import Unsupported
from mizzle.planning import circles
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.operations import Operation, Phase, alters, drops, makes, renames
from mizzle.planning.recipes import (
    cast,
    composite,
    conversion,
    domain,
    enum,
    identity,
    not_null,
    parents,
    physical,
    reread,
)
from mizzle.planning.recipes.altering import altering, on
from mizzle.planning.recipes.cast import base_type
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.recipes.constraint import NOT_VALID
from mizzle.planning.recipes.swap import uses
from mizzle.planning.recipes.volatile import is_volatile
from mizzle.planning.steps import CUTS, Hazard, HazardCode, Lock, Statement
from mizzle.sqltext import tokens


def clause(table: Table, column: Column) -> str:
    """Return the column as it stands in CREATE TABLE or behind ADD COLUMN."""
    parts = [names.ident(column.name), _typed(column)]
    if column.generated is not None:
        parts.append(f"GENERATED ALWAYS AS ({column.generated.expression}) {column.generated.kind.upper()}")
    elif column.identity is not None:
        parts.append(identity.clause(table.address, column.name, column.identity))
    elif column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if not column.nullable and not column.not_null.endswith(NOT_VALID):
        parts.append(column.not_null or "NOT NULL")
    return " ".join(parts)


def create(table: Table, column: Column, context: Context) -> list[Operation]:
    """ALTER TABLE … ADD COLUMN."""
    where = table.address_of(column)
    hazards = _adding(where, column, context)
    statement = on(table.address, where, f"ADD COLUMN {clause(table, column)}", verb="create", hazards=hazards)
    statements = [statement, *extras(table, column)]
    return [makes(Phase.ALTER_TABLE, statements, where, default_of(where))]


def deviate(table: Table, column: Column, context: Context) -> list[Operation]:
    """Bring a column that a new table has from a parent to what it shall be there."""
    above = inheritance.inherited(table, column.name, context.new_tables)
    return [] if above is None else alter(table, replace(above, inherited="only"), column, context)


def extras(table: Table, column: Column) -> list[Statement]:
    """Return what a new column needs beside its clause: how it is stored, a NOT NULL that is not valid, its comment."""
    stored = physical.altered(table.address, Column(column.name, column.type), column)
    if column.not_null.endswith(NOT_VALID):
        stored.append(not_null.not_valid(table, column))
    return [*stored, *comments(table.address, column)]


def comments(table: Address, column: Column) -> list[Statement]:
    """Return the comment of a new column, if it has one."""
    return created("COLUMN", Address("column", (*table.names, column.name)).sql, column.comment, relation=table.sql)


def give_default(table: Table, column: Column) -> Operation:
    """SET DEFAULT, where the default had to wait for a function that waits for the table."""
    statement = altering(table, column, f"SET DEFAULT {column.default}")
    return makes(Phase.ALTER_TABLE, [statement], default_of(table.address_of(column)))


def drop(table: Table, column: Column, context: Context) -> list[Operation]:
    """ALTER TABLE … DROP COLUMN, without CASCADE."""
    where = table.address_of(column)
    hazards = [Hazard(HazardCode.BREAKS_OLD_CODE, str(where), f"drops {where}: code that uses it fails")]
    if column.generated is None:
        hazards.insert(0, Hazard(HazardCode.DELETES_DATA, str(where), f"drops {where} with its values"))
    return _drop(table, column, tuple(hazards), context)


def release(table: Table, column: Column, context: Context) -> list[Operation]:
    """Drop the default of a column before the column or its table goes, where that is in a circle with another."""
    where = default_of(table.address_of(column))
    if where not in context.fates.released:
        return []
    return [drops(Phase.DROP_PART, [altering(table, column, "DROP DEFAULT")], where)]


def _drop(table: Table, column: Column, hazards: tuple[Hazard, ...], context: Context) -> list[Operation]:
    where = table.address_of(column)
    statement = on(table.address, where, f"DROP COLUMN {names.ident(column.name)}", verb="drop", hazards=hazards)
    gone = frozenset(circles.contents(where, context)) - context.fates.released
    return [*release(table, column, context), drops(Phase.DROP_TABLE, [statement], *gone)]


def recreate(old_table: Table, old: Column, table: Table, new: Column, context: Context) -> list[Operation]:
    """Drop the column and add it again: for a generated column, which PostgreSQL cannot alter into what is wanted."""
    if new.generated is None:
        return _materialize(table, old, new, context, aside=names.aside(new.name, {*old_table.order, *table.order}))
    where = old_table.address_of(old)
    hazard = Hazard(HazardCode.DELETES_DATA, str(where), f"drops {where} with its values, and computes it instead")
    hazards = (hazard,) if old.generated is None else ()
    return [*_drop(old_table, old, hazards, context), *create(table, new, context)]


def _materialize(table: Table, old: Column, new: Column, context: Context, *, aside: str) -> list[Operation]:
    """Turn a virtual column, put `aside` under that name, into one with values: those that it has, in each row."""
    where, name = table.address_of(new), names.ident(new.name)
    hazard = Hazard(HazardCode.TABLE_REWRITE, str(where), f"writes every row of {table.address} again")
    empty = replace(new, nullable=True, default=None, identity=None)
    filled = Statement(
        f"UPDATE {table.address.sql} SET {name} = {value_of(aside, old, new, context) or names.ident(aside)}",
        lock=Lock.ROW_EXCLUSIVE,
        relation=table.address.sql,
        hazards=(hazard,),
        change=f"alter {where}",
    )
    statements = [
        on(table.address, where, f"RENAME COLUMN {name} TO {names.ident(aside)}"),
        on(table.address, where, f"ADD COLUMN {clause(table, empty)}"),
        filled,
        on(table.address, where, f"DROP COLUMN {names.ident(aside)}"),
        *not_null.change(table, empty, new),
        *extras(table, new),
    ]
    gone = frozenset(circles.contents(where, context)) - {where}
    written = Operation(Phase.ALTER_TABLE, tuple(statements), alters=frozenset({where}), drops=gone)
    reached = _reach(table, empty, new, renewed=False)
    return [written, *([makes(Phase.ALTER_TABLE, reached, default_of(where))] if reached else [])]


def must_recreate(old: Column, new: Column, *, major: int) -> bool:
    """Say whether the change of a generated column has no ALTER (SET EXPRESSION came with 17; see online-ddl facts)."""
    if old.generated is None or new.generated is None:
        return new.generated is not None or (old.generated is not None and old.generated.kind == "virtual")
    if old.generated.kind != new.generated.kind or (old.type, old.collation) != (new.type, new.collation):
        return True
    return old.generated != new.generated and major < 17  # noqa: PLR2004 - a version, named in the docstring


def retyped(old: Column, new: Column) -> bool:
    """Say whether the base type or the collation changes."""
    return base_type(old.type) != base_type(new.type) or old.collation != new.collation


def alter(table: Table, old: Column, new: Column, context: Context) -> list[Operation]:
    """ALTER TABLE … ALTER COLUMN, one statement for each property that differs.

    A default, an expression or an identity is taken away before the column is changed and given after, each when what
    it needs is there; where one statement replaces it, that goes with what must not wait.
    """
    if (old.inherited, new.inherited) in {("", "only"), ("only", "also"), ("also", "only")}:
        raise parents.refuse_owning(table.address_of(new), own=new.inherited == "also")
    if new.inherited or old.inherited:  # the type of a column is passed on
        old = replace(old, type=new.type, collation=new.collation)
    where = table.address_of(new)
    default = default_of(where)
    renewed = _renewed(default, old, new, context)
    left, reached = _leave(table, old, new, renewed=renewed), _reach(table, old, new, renewed=renewed)
    converted = _change_type(table, old, new, context)
    changed = [*converted, *not_null.change(table, old, new), *not_null.lifted(table, old, new, context)]
    was = replace(old, storage="") if converted else old  # a change of type makes that the usual one
    changed += physical.altered(table.address, was, new, major=context.major)
    if old.comment != new.comment:
        changed.append(comment("COLUMN", where.sql, new.comment, relation=table.address.sql))
    early = not left and context.lets_go(default)
    operations = [
        drops(Phase.ALTER_TABLE, left, default),
        *identity.rename_sequence(table, old, new, context),
        alters(Phase.ALTER_TABLE, changed, where),
        (drops if early else makes)(Phase.ALTER_TABLE, reached, default),
    ]
    return [each for each in operations if each.statements]


def rename(table: Address, old: Column, name: str) -> Operation:
    """ALTER TABLE … RENAME COLUMN."""
    where = Address("column", (*table.names, old.name))
    message = f"renames {where}: code that uses the old name fails"
    statement = on(
        table,
        where,
        f"RENAME COLUMN {names.ident(old.name)} TO {names.ident(name)}",
        verb="rename",
        hazards=(Hazard(HazardCode.BREAKS_OLD_CODE, str(where), message),),
    )
    return renames(statement)


def _typed(column: Column) -> str:
    return column.type if column.collation is None else f"{column.type} COLLATE {column.collation}"


def _change_type(table: Table, old: Column, new: Column, context: Context) -> list[Statement]:
    if not converted_in(old, new, context):
        return []
    if table.partition_by is not None and names.ident(new.name) in {token.text for token in tokens(table.partition_by)}:
        where = table.address_of(new)
        raise Unsupported(
            f"cannot change the type of {where}: the table is partitioned by it",
            hint="make a new table, move the rows and rename it, in a hand-written migration: mizzle generate --custom",
            objects=(str(where),),
        )
    value = value_of(new.name, old, new, context)
    using = f" USING {value}" if value else ""
    collate = f" COLLATE {new.collation}" if new.collation else ""  # without, it is the type's own, whatever it was
    hazards = tuple(converting(table, old, new, context))
    return [altering(table, new, f"TYPE {new.type}{collate}{using}", hazards=hazards)]


def converted_in(old: Column, new: Column, context: Context) -> bool:
    """Say whether the type changes, its collation, or what it is called by."""
    return (old.type, old.collation) != (new.type, new.collation) or swapped_type(new, context) is not None


def swapped_type(column: Column, context: Context) -> Address | None:
    """Return the enum of the column, or of its array's elements, if another of the same name takes its place."""
    return next((each for each in context.fates.swapped if uses(column, each)), None)


def value_of(name: str, old: Column, new: Column, context: Context) -> str:
    """Return what makes the values of column `name` (raw), of the old type, values of the new one; empty if nothing."""
    swapped = swapped_type(old, context)
    before, after = (context.before[swapped], context.after.get(swapped)) if swapped is not None else (None, None)
    if isinstance(before, Composite) and isinstance(after, Composite) and old.type == new.type:
        value = composite.converted(names.ident(name), before, after, array=old.type.endswith("[]"))
        if value:
            return value
    if old.type == new.type:
        return cast.converted(name, old.type, new.type, enums=context.enums, swapped=swapped is not None)
    # A domain is cast as what it is over, and a value assigned to one as to that.
    plain = domain.over(old.type, context.old.domains), domain.over(new.type, context.new.domains)
    if plain[0] == plain[1]:
        return ""
    replaced = swapped is not None and swapped.kind != "domain"
    return cast.converted(name, *plain, enums=context.enums, swapped=replaced)


def converting(table: Table, old: Column, new: Column, context: Context) -> Iterator[Hazard]:
    """Yield the hazards of a change of type or collation."""
    where = table.address_of(new)
    swapped = swapped_type(new, context)
    if swapped is not None and old.type == new.type:
        yield from enum.converting(where, swapped, context)
        if _loses(old.type, swapped, context):
            yield _cutting(where, f"the new {swapped}")
        return
    if reread.rewrites(old, new, context):
        message = f"may rewrite {table.address}: nobody can use it meanwhile"
        yield Hazard(HazardCode.TABLE_REWRITE, str(where), message)
    else:
        yield from reread.hazards(table, old, new, context)
    if not conversion.fits(old.type, new.type):
        yield Hazard(HazardCode.DATA_DEPENDENT, str(where), f"fails if a value of {where} does not fit {new.type}")
    plain = domain.over(old.type, context.old.domains), domain.over(new.type, context.new.domains)
    if conversion.cuts(*plain):
        yield _cutting(where, new.type)


def _loses(type_: str, swapped: Address, context: Context) -> bool:
    """Say whether values of a type hold less when another one takes the place of `swapped`, which it is or holds."""
    before, after = context.before[swapped], context.after.get(swapped)
    if isinstance(before, Composite) and isinstance(after, Composite):
        return composite.loses(before, after)
    return conversion.cuts(domain.over(type_, context.old.domains), domain.over(type_, context.new.domains))


def _cutting(where: Address, type_: str) -> Hazard:
    message = f"{CUTS}, in {where}, the values that {type_} cannot hold"
    return Hazard(HazardCode.DELETES_DATA, str(where), message)


def _renewed(default: Address, old: Column, new: Column, context: Context) -> bool:
    """Say whether a default is taken away and given again.

    It is not converted with the column; and its old and its new form may have to wait for different things.
    """
    if old.default is None or new.default is None:
        return False
    if converted_in(old, new, context):
        return True
    return context.lets_go(default) and (old.default == new.default or context.waits(default))


def _leave(table: Table, old: Column, new: Column, *, renewed: bool) -> list[Statement]:
    """Return what takes an expression, an identity or a default away, unless another of its kind replaces it."""
    if old.generated and not new.generated:
        return [altering(table, new, "DROP EXPRESSION")]
    if old.identity and not new.identity:
        return [altering(table, new, "DROP IDENTITY")]
    if old.default is not None and (renewed or new.default is None):
        return [altering(table, new, "DROP DEFAULT")]
    return []


def _reach(table: Table, old: Column, new: Column, *, renewed: bool) -> list[Statement]:
    """Return what gives or changes an expression, an identity or a default."""
    if new.generated is not None:
        return _change_expression(table, old, new, new.generated)
    if new.identity is not None:
        return identity.reach(table, old, new, new.identity)
    if new.default is not None and (renewed or new.default != old.default):
        return [altering(table, new, f"SET DEFAULT {new.default}")]
    return []


def _change_expression(table: Table, old: Column, new: Column, wanted: Generated) -> list[Statement]:
    if old.generated == wanted:
        return []
    where = table.address_of(new)
    hazard = Hazard(HazardCode.TABLE_REWRITE, str(where), f"computes {where} again for every row")
    hazards = (hazard,) if wanted.kind == "stored" else ()
    return [altering(table, new, f"SET EXPRESSION AS ({wanted.expression})", hazards=hazards)]


def _adding(where: Address, column: Column, context: Context) -> tuple[Hazard, ...]:
    """Return the hazards of ADD COLUMN on a table that may hold rows."""
    hazards: list[Hazard] = []
    if column.generated is not None and column.generated.kind == "virtual":
        return () if column.nullable else not_null.demanding(where)
    computed = column.identity is not None or column.generated is not None
    held = conversion.is_constrained(column.type, context.new.domains)  # against what each row is given, NULL too
    if computed or held or (column.default is not None and is_volatile(column.default)):
        message = f"may rewrite {where.table}: nobody can use it meanwhile"
        hazards.append(Hazard(HazardCode.TABLE_REWRITE, str(where), message))
    if not column.nullable and column.default is None and not computed:
        message = f"fails if {where.table} has rows: they would have no value in {where}"
        hazards.append(Hazard(HazardCode.DATA_DEPENDENT, str(where), message))
    return tuple(hazards)


def is_constant(default: str) -> bool:
    """Say whether a default gives all rows of one statement the same value."""
    return "(" not in default or default in {"now()", "CURRENT_TIMESTAMP"}
