"""Columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column, Identity
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, drops, makes, renames
from mizzle.planning.recipes import cast, conversion, sequence
from mizzle.planning.recipes.cast import base_type
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def clause(table: Table, column: Column) -> str:
    """Return the column as it stands in CREATE TABLE or behind ADD COLUMN."""
    parts = [names.ident(column.name), _typed(column)]
    if column.generated is not None:
        parts.append(f"GENERATED ALWAYS AS ({column.generated.expression}) {column.generated.kind.upper()}")
    elif column.identity is not None:
        parts.append(_identity(table.address, column.name, column.identity))
    elif column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if not column.nullable:
        parts.append("NOT NULL")
    return " ".join(parts)


def create(table: Table, column: Column) -> list[Operation]:
    """ALTER TABLE … ADD COLUMN."""
    where = table.address_of(column)
    statement = _on(
        table.address, where, f"ADD COLUMN {clause(table, column)}", verb="create", hazards=_adding(where, column)
    )
    return [makes(Phase.ALTER_TABLE, [statement, *comments(table.address, column)], where)]


def comments(table: Address, column: Column) -> list[Statement]:
    """Return the comment of a new column, if it has one."""
    return created("COLUMN", Address("column", (*table.names, column.name)).sql, column.comment, relation=table.sql)


def drop(table: Table, column: Column) -> list[Operation]:
    """ALTER TABLE … DROP COLUMN, without CASCADE."""
    where = table.address_of(column)
    hazards = [Hazard(HazardCode.BREAKS_OLD_CODE, str(where), f"drops {where}: code that uses it fails")]
    if column.generated is None:
        hazards.insert(0, Hazard(HazardCode.DELETES_DATA, str(where), f"drops {where} with its values"))
    return [_drop(table, column, tuple(hazards))]


def _drop(table: Table, column: Column, hazards: tuple[Hazard, ...]) -> Operation:
    where = table.address_of(column)
    statement = _on(table.address, where, f"DROP COLUMN {names.ident(column.name)}", verb="drop", hazards=hazards)
    return drops(Phase.DROP_TABLE, [statement], where)


def recreate(old_table: Table, old: Column, table: Table, new: Column, context: Context) -> list[Operation]:
    """Drop the column and add it again: for a generated column, which PostgreSQL cannot alter into what is wanted."""
    if new.generated is None:
        return [_materialize(table, old, new, context)]
    where = old_table.address_of(old)
    hazard = Hazard(HazardCode.DELETES_DATA, str(where), f"drops {where} with its values, and computes it instead")
    return [_drop(old_table, old, (hazard,) if old.generated is None else ()), *create(table, new)]


def _materialize(table: Table, old: Column, new: Column, context: Context) -> Operation:
    """Turn a virtual column into one with values: those that it has, written into each row."""
    where, name = table.address_of(new), names.ident(new.name)
    aside = names.aside(new.name, table.order)
    hazard = Hazard(HazardCode.TABLE_REWRITE, str(where), f"writes every row of {table.address} again")
    empty = replace(new, nullable=True, default=None, identity=None)
    value = cast.using(aside, old.type, new.type, enums=context.enums).removeprefix(" USING ") or names.ident(aside)
    filled = Statement(
        f"UPDATE {table.address.sql} SET {name} = {value}",
        lock=Lock.ROW_EXCLUSIVE,
        relation=table.address.sql,
        hazards=(hazard,),
        change=f"alter {where}",
    )
    statements = [
        _on(table.address, where, f"RENAME COLUMN {name} TO {names.ident(aside)}"),
        _on(table.address, where, f"ADD COLUMN {clause(table, empty)}"),
        filled,
        _on(table.address, where, f"DROP COLUMN {names.ident(aside)}"),
        *_change_default(table, empty, new),
        *_change_nullable(table, empty, new),
        *_reach_identity(table, empty, new),
        *comments(table.address, new),
    ]
    made = frozenset(_identity_sequence(table, new))
    freed = _freed(where, context)
    return Operation(Phase.ALTER_TABLE, tuple(statements), makes=made, alters=frozenset({where}), precedes=freed)


def _freed(where: Address, context: Context) -> frozenset[Address]:
    """Return the columns and sequences that a column no longer uses: until then they cannot go or change their type."""
    gone = context.old_needs[where] - context.new_needs[where]
    return frozenset(needed for needed in gone if needed.kind in {"column", "sequence"})


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
    """ALTER TABLE … ALTER COLUMN, one statement for each property that differs."""
    where = table.address_of(new)
    statements = [
        *_change_expression(table, old, new),
        *_change_type(table, old, new, context.enums),
        *_change_default(table, old, new),
        *_change_nullable(table, old, new),
        *_reach_identity(table, old, new),
    ]
    if old.comment != new.comment:
        statements.append(comment("COLUMN", where.sql, new.comment, relation=table.address.sql))
    made = frozenset(_identity_sequence(table, new)) if old.identity is None else frozenset[Address]()
    freed = _freed(where, context)
    left = tuple(_leave(table, old, new))
    rest = Operation(
        Phase.ALTER_TABLE,
        tuple(statements),
        makes=made,
        alters=frozenset({where}),
        precedes=frozenset() if left else freed,
    )
    gone = frozenset(_identity_sequence(table, old)) if new.identity is None else frozenset[Address]()
    first = Operation(Phase.DROP_PART, left, drops=gone, precedes=freed)
    return [each for each in (first, rest) if each.statements]


def rename(table: Address, old: Column, name: str) -> Operation:
    """ALTER TABLE … RENAME COLUMN."""
    where = Address("column", (*table.names, old.name))
    message = f"renames {where}: code that uses the old name fails"
    statement = _on(
        table,
        where,
        f"RENAME COLUMN {names.ident(old.name)} TO {names.ident(name)}",
        verb="rename",
        hazards=(Hazard(HazardCode.BREAKS_OLD_CODE, str(where), message),),
    )
    return renames(statement)


def _on(
    table: Address, where: Address, action: str, *, verb: str = "alter", hazards: tuple[Hazard, ...] = ()
) -> Statement:
    return Statement(
        f"ALTER TABLE {table.sql} {action}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.sql,
        hazards=hazards,
        change=f"{verb} {where}",
    )


def _altering(table: Table, column: Column, action: str, *, hazards: tuple[Hazard, ...] = ()) -> Statement:
    where = table.address_of(column)
    return _on(table.address, where, f"ALTER COLUMN {names.ident(column.name)} {action}", hazards=hazards)


def _typed(column: Column) -> str:
    return column.type if column.collation is None else f"{column.type} COLLATE {column.collation}"


def _change_type(table: Table, old: Column, new: Column, enums: frozenset[str]) -> list[Statement]:
    if (old.type, old.collation) == (new.type, new.collation):
        return []
    using = cast.using(new.name, old.type, new.type, enums=enums)
    collate = f" COLLATE {new.collation}" if new.collation else ""  # without, it is the type's own, whatever it was
    changed = _altering(table, new, f"TYPE {new.type}{collate}{using}", hazards=tuple(_converting(table, old, new)))
    keeps_default = old.default is not None and new.identity is None
    # A default is not converted with USING: take it away first, _change_default sets what is wanted.
    return [*([_altering(table, new, "DROP DEFAULT")] if keeps_default else []), changed]


def _converting(table: Table, old: Column, new: Column) -> Iterator[Hazard]:
    """Yield the hazards of a change of type or collation."""
    where = table.address_of(new)
    if old.collation != new.collation or conversion.rewrites(old.type, new.type):
        message = f"may rewrite {table.address}: nobody can use it meanwhile"
        yield Hazard(HazardCode.TABLE_REWRITE, str(where), message)
    if not conversion.fits(old.type, new.type):
        yield Hazard(HazardCode.DATA_DEPENDENT, str(where), f"fails if a value of {where} does not fit {new.type}")
    if conversion.cuts(old.type, new.type):
        message = f"rounds or cuts, in {where}, the values that {new.type} cannot hold"
        yield Hazard(HazardCode.DELETES_DATA, str(where), message)


def _change_default(table: Table, old: Column, new: Column) -> list[Statement]:
    dropped = (old.type, old.collation) != (new.type, new.collation) or new.identity is not None
    if new.generated is not None or (old.default == new.default and not dropped):
        return []
    if new.default is not None:
        return [_altering(table, new, f"SET DEFAULT {new.default}")]
    return [] if dropped or old.default is None else [_altering(table, new, "DROP DEFAULT")]


def _change_expression(table: Table, old: Column, new: Column) -> list[Statement]:
    if old.generated == new.generated or new.generated is None:
        return []
    where = table.address_of(new)
    hazard = Hazard(HazardCode.TABLE_REWRITE, str(where), f"computes {where} again for every row")
    return [_altering(table, new, f"SET EXPRESSION AS ({new.generated.expression})", hazards=(hazard,))]


def _change_nullable(table: Table, old: Column, new: Column) -> list[Statement]:
    if old.nullable == new.nullable:
        return []
    if new.nullable:
        return [_altering(table, new, "DROP NOT NULL")]
    return [_altering(table, new, "SET NOT NULL", hazards=_demanding(table.address_of(new)))]


def _demanding(where: Address) -> tuple[Hazard, ...]:
    return (
        Hazard(HazardCode.TABLE_SCAN, str(where), f"reads all of {where.table}: nobody can use it meanwhile"),
        Hazard(HazardCode.DATA_DEPENDENT, str(where), f"fails if a row has no value in {where}"),
    )


def _leave(table: Table, old: Column, new: Column) -> list[Statement]:
    """Return what lets go of an expression or a sequence first: other columns, or its name, may wait for that."""
    if old.generated and not new.generated:
        return [_altering(table, new, "DROP EXPRESSION")]
    if old.identity and not new.identity:
        return [_altering(table, new, "DROP IDENTITY")]
    if new.identity and not old.identity and old.default is not None:
        return [_altering(table, new, "DROP DEFAULT")]
    return []


def _identity_sequence(table: Table, column: Column) -> list[Address]:
    return [address.sequence(table.schema, column.identity.sequence)] if column.identity else []


def _reach_identity(table: Table, old: Column, new: Column) -> list[Statement]:
    if new.identity is None or old.identity == new.identity:
        return []
    if old.identity is None:
        added = _altering(table, new, f"ADD {_identity(table.address, new.name, new.identity)}")
        where = address.sequence(table.schema, new.identity.sequence)
        return [added, sequence.past_rows(where, table.address_of(new), new.identity.options)]
    return _alter_identity(table, new, old.identity, new.identity)


def _alter_identity(table: Table, column: Column, old: Identity, new: Identity) -> list[Statement]:
    statements: list[Statement] = []
    if old.sequence != new.sequence:
        where = address.sequence(table.schema, old.sequence)
        sql = f"ALTER SEQUENCE {where.sql} RENAME TO {names.ident(new.sequence)}"
        statements.append(Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=where.sql, change=f"rename {where}"))
    if old.always != new.always:
        statements.append(_altering(table, column, f"SET GENERATED {_mode(new)}"))
    if old.options != new.options:
        wanted = [each for each in sequence.changes(old.options, new.options) if not each.startswith("AS ")]
        said = " ".join(each if each == "RESTART" else f"SET {each}" for each in wanted)
        where = address.sequence(table.schema, new.sequence)
        statements += sequence.fitting(where, old.options, new.options)
        statements += [_altering(table, column, said)] if said else []
    return statements


def _identity(table: Address, column: str, identity: Identity) -> str:
    options = sequence.clauses(identity.options)
    options = [each for each in options if not each.startswith("AS ")]
    if identity.sequence != names.default_name(table.name, (column,), "seq"):
        options.insert(0, f"SEQUENCE NAME {address.sequence(table.names[0], identity.sequence).sql}")
    said = f" ({' '.join(options)})" if options else ""
    return f"GENERATED {_mode(identity)} AS IDENTITY{said}"


def _mode(identity: Identity) -> str:
    return "ALWAYS" if identity.always else "BY DEFAULT"


def _adding(where: Address, column: Column) -> tuple[Hazard, ...]:
    """Return the hazards of ADD COLUMN on a table that may hold rows."""
    hazards: list[Hazard] = []
    if column.generated is not None and column.generated.kind == "virtual":
        return () if column.nullable else _demanding(where)
    computed = column.identity is not None or column.generated is not None
    if computed or (column.default is not None and _may_be_volatile(column.default)):
        message = f"may rewrite {where.table}: nobody can use it meanwhile"
        hazards.append(Hazard(HazardCode.TABLE_REWRITE, str(where), message))
    if not column.nullable and column.default is None and not computed:
        hazards.append(Hazard(HazardCode.DATA_DEPENDENT, str(where), f"fails if the table of {where} has rows"))
    return tuple(hazards)


def _may_be_volatile(default: str) -> bool:
    return "(" in default and default not in {"now()", "CURRENT_TIMESTAMP"}
