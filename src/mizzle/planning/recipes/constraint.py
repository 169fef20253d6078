"""Constraints: primary key, unique, check, exclusion and foreign key."""

from __future__ import annotations

from dataclasses import replace

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.constraint import Check, Constraint, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters, drops, makes, renames_part
from mizzle.planning.recipes import storage
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement

NOT_VALID = " NOT VALID"


def clause(constraint: Constraint) -> str:
    """Return the constraint as it stands in CREATE TABLE or behind ADD."""
    definition = _foreign_key(constraint) if isinstance(constraint, ForeignKey) else constraint.definition
    return f"CONSTRAINT {names.ident(constraint.name)} {definition}"


def inline(constraint: Constraint, *, among: tuple[Constraint, ...]) -> bool:
    """Say whether the constraint can stand inside CREATE TABLE beside those it is `among`.

    There, NOT VALID means nothing, a foreign key may refer to a table that comes later, and of equal keys PostgreSQL
    keeps only one (src/backend/parser/parse_utilcmd.c, transformIndexConstraints).
    """
    if isinstance(constraint, ForeignKey) or constraint.definition.endswith(NOT_VALID):
        return False
    before = among[: among.index(constraint)]
    match constraint:
        case PrimaryKey() | Check():
            return True
        case Unique():
            keys = [each for each in before if isinstance(each, PrimaryKey | Unique)]
            return all(each.columns != constraint.columns for each in keys)
        case Exclusion():
            same = [each for each in before if isinstance(each, Exclusion)]
            return all(each.definition != constraint.definition for each in same)


def create(table: Address, constraint: Constraint, *, fresh: bool) -> list[Operation]:
    """ALTER TABLE … ADD CONSTRAINT."""
    where = where_of(table, constraint)
    foreign = isinstance(constraint, ForeignKey)
    lock = Lock.SHARE_ROW_EXCLUSIVE if foreign else Lock.ACCESS_EXCLUSIVE
    relation = table.sql
    if fresh and not foreign:
        lock, relation = Lock.NONE, ""
    statement = Statement(
        f"ALTER TABLE {table.sql} ADD {clause(constraint)}",
        lock=lock,
        relation=relation,
        also=referenced(constraint),
        hazards=() if fresh else tuple(_hazards(table, constraint)),
        change=f"create {where}",
    )
    phase = Phase.CREATE_FOREIGN_KEY if foreign else Phase.CREATE_PART
    return [makes(phase, [statement, *extras(table, constraint)], where)]


def extras(table: Address, constraint: Constraint) -> list[Statement]:
    """Return what a new constraint needs beside itself: storage parameters of its index, a comment."""
    return [
        *_stored(table, constraint, ()),
        *created("CONSTRAINT", on_table(table, constraint.name), constraint.comment, relation=table.sql),
    ]


def drop(table: Address, constraint: Constraint) -> list[Operation]:
    """ALTER TABLE … DROP CONSTRAINT."""
    where = where_of(table, constraint)
    slower = Hazard(HazardCode.INDEX_DROPPED, str(where), f"drops {where}: queries that use its index slow down")
    statement = Statement(
        f"ALTER TABLE {table.sql} DROP CONSTRAINT {names.ident(constraint.name)}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.sql,
        also=referenced(constraint),
        hazards=(slower,) if isinstance(constraint, PrimaryKey | Unique | Exclusion) else (),
        change=f"drop {where}",
    )
    return [drops(Phase.DROP_PART, [statement], where)]


def alter(table: Address, old: Constraint, new: Constraint) -> list[Operation]:
    """Change in place what PostgreSQL can: a comment, deferrability, validity; the rest is dropped and made again."""
    where = where_of(table, new)
    statements: list[Statement] = []
    if bare(old) != bare(new):
        changed = in_place(table, old, new)
        if not changed:
            return [*drop(table, old), *create(table, new, fresh=False)]
        statements.append(changed)
    statements += _stored(table, new, _options(old))
    if old.comment != new.comment:
        statements.append(comment("CONSTRAINT", on_table(table, new.name), new.comment, relation=table.sql))
    return [alters(Phase.CREATE_FOREIGN_KEY, statements, where)]


def rename(table: Address, old: Constraint, to: Address, context: Context) -> list[Operation]:
    """ALTER TABLE … RENAME CONSTRAINT; the index behind it follows."""
    where = where_of(table, old)

    def statement(before: str, after: str) -> Statement:
        return Statement(
            f"ALTER TABLE {table.sql} RENAME CONSTRAINT {names.ident(before)} TO {names.ident(after)}",
            lock=Lock.ACCESS_EXCLUSIVE,
            relation=table.sql,
            change=f"rename {where}",
        )

    return renames_part(statement, where, to, context)


def bare(constraint: Constraint) -> Constraint:
    """Return the constraint without what is set beside it."""
    if isinstance(constraint, PrimaryKey | Unique | Exclusion):
        return replace(constraint, comment=None, options=())
    return replace(constraint, comment=None)


def _options(constraint: Constraint) -> tuple[str, ...]:
    return constraint.options if isinstance(constraint, PrimaryKey | Unique | Exclusion) else ()


def _stored(table: Address, new: Constraint, old: tuple[str, ...]) -> list[Statement]:
    """Return what gives the index behind `new` its storage parameters, from the `old` ones."""
    index = address.index(table.names[0], new.name)
    return storage.altered("INDEX", index.sql, old, _options(new), change=f"alter {where_of(table, new)}")


def in_place(table: Address, old: Constraint, new: Constraint) -> Statement | None:
    """Return the statement that changes a constraint in place, None where there is none."""
    if isinstance(old, ForeignKey) and isinstance(new, ForeignKey):
        if replace(old, deferrable=new.deferrable, deferred=new.deferred, comment=new.comment) == new:
            timing = _timing(new) or "NOT DEFERRABLE"
            sql = f"ALTER TABLE {table.sql} ALTER CONSTRAINT {names.ident(new.name)} {timing.strip()}"
            return _altering(table, new, sql, Lock.ACCESS_EXCLUSIVE)
        if new.validated and replace(old, validated=True, comment=new.comment) == new:
            return _validating(table, new)
    elif isinstance(old, Check) and isinstance(new, Check) and old.definition == new.definition + NOT_VALID:
        return _validating(table, new)
    return None


def _validating(table: Address, new: Constraint) -> Statement:
    sql = f"ALTER TABLE {table.sql} VALIDATE CONSTRAINT {names.ident(new.name)}"
    return _altering(table, new, sql, Lock.SHARE_UPDATE_EXCLUSIVE, hazards=tuple(_hazards(table, new)))


def _altering(table: Address, new: Constraint, sql: str, lock: Lock, *, hazards: tuple[Hazard, ...] = ()) -> Statement:
    return Statement(sql, lock=lock, relation=table.sql, hazards=hazards, change=f"alter {where_of(table, new)}")


def where_of(table: Address, constraint: Constraint) -> Address:
    """Return the address of a table's constraint."""
    return Address("constraint", (*table.names, constraint.name))


def on_table(table: Address, name: str) -> str:
    """Return what COMMENT ON CONSTRAINT calls it."""
    return f"{names.ident(name)} ON {table.sql}"


def referenced(constraint: Constraint) -> tuple[str, ...]:
    """Return the table a foreign key refers to: what is done to the key locks it too (its triggers are there)."""
    return (constraint.referenced.sql,) if isinstance(constraint, ForeignKey) else ()


def _foreign_key(key: ForeignKey) -> str:
    columns, referred = list(map(names.ident, key.columns)), list(map(names.ident, key.ref_columns))
    if key.period:
        columns[-1], referred[-1] = f"PERIOD {columns[-1]}", f"PERIOD {referred[-1]}"
    parts = [f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {key.referenced.sql} ({', '.join(referred)})"]
    if key.match != "SIMPLE":
        parts.append(f"MATCH {key.match}")
    if key.on_update != "NO ACTION":
        parts.append(f"ON UPDATE {key.on_update}")
    if key.on_delete != "NO ACTION":
        parts.append(f"ON DELETE {key.on_delete}")
    if key.set_columns:
        parts.append(f"({names.idents(key.set_columns)})")
    text = " ".join(parts) + _timing(key)
    if not key.enforced:
        return text + " NOT ENFORCED"
    return text if key.validated else text + NOT_VALID


def _timing(key: ForeignKey) -> str:
    if not key.deferrable:
        return ""
    return " DEFERRABLE INITIALLY DEFERRED" if key.deferred else " DEFERRABLE"


def is_lenient(constraint: Constraint) -> bool:
    """Say whether the constraint lets the rows that are there be: it is not valid yet, or not enforced at all."""
    match constraint:
        case ForeignKey(validated=validated, enforced=enforced):
            return not (validated and enforced)
        case Check(definition=definition):
            return definition.endswith((NOT_VALID, " NOT ENFORCED"))
        case _:
            return False


def _hazards(table: Address, constraint: Constraint) -> list[Hazard]:
    where = where_of(table, constraint)
    if is_lenient(constraint):
        return []
    code = HazardCode.INDEX_BUILD if isinstance(constraint, PrimaryKey | Unique | Exclusion) else HazardCode.TABLE_SCAN
    work = "builds its index" if code is HazardCode.INDEX_BUILD else "reads every row"
    kept_out = f"writes to {table.sql} wait" if isinstance(constraint, ForeignKey) else f"nobody can use {table.sql}"
    return [
        Hazard(code, str(where), f"{where} {work}: {kept_out} meanwhile"),
        Hazard(HazardCode.DATA_DEPENDENT, str(where), f"fails if rows of {table.sql} violate {where}"),
    ]
