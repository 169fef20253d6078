"""Sequences."""

from __future__ import annotations

from dataclasses import replace

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.sequence import Options, Sequence, default_options
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters, drops, finishes, makes, renames_part
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def create(sequence: Sequence, context: Context) -> list[Operation]:
    """CREATE SEQUENCE, and its owner once that is there; for columns that may hold values, it goes on behind them."""
    where = address.sequence(sequence.schema, sequence.name)
    kind = "UNLOGGED SEQUENCE" if sequence.unlogged else "SEQUENCE"
    sql = " ".join([f"CREATE {kind} {where.sql}", *clauses(sequence.options)])
    statements = [Statement(sql, change=f"create {where}"), *created("SEQUENCE", where.sql, sequence.comment)]
    filled = [past_rows(where, each, sequence.options) for each in _numbered(sequence, context)]
    after = [finishes(filled, where, *_numbered(sequence, context))] if filled else []
    owned = _owned(sequence, foreign=sequence.owned_by is not None and _table(sequence.owned_by) in context.before)
    return [makes(Phase.CREATE_OUTER, statements, where), *owned, *after]


def past_rows(sequence: Address, column: Address, options: Options) -> Statement:
    """Return a setval() past the rows that are there; without rows max() is null, and setval() then does nothing."""
    extreme = "max" if options.increment > 0 else "min"
    table = names.dotted(*column.names[:2])
    sql = f"SELECT setval({names.literal(sequence.sql)}::regclass, {extreme}({names.ident(column.name)})) FROM {table}"
    return Statement(sql, lock=Lock.ACCESS_SHARE, relation=table, change=f"alter {column}")


def drop(sequence: Sequence, context: Context) -> list[Operation]:
    """DROP SEQUENCE, unless the column that owns it takes it along."""
    where = address.sequence(sequence.schema, sequence.name)
    if sequence.owned_by is not None and context.gone(address.column(*sequence.owned_by)):
        return []
    hazard = Hazard(HazardCode.DELETES_DATA, str(where), f"drops {where}: its current value is lost")
    statement = Statement(
        f"DROP SEQUENCE {where.sql}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=where.sql,
        hazards=(hazard,),
        change=f"drop {where}",
    )
    return [drops(Phase.DROP_OUTER, [statement], where)]


def alter(old: Sequence, new: Sequence, context: Context) -> list[Operation]:
    """ALTER SEQUENCE; it goes on where it was."""
    where = address.sequence(new.schema, new.name)
    statements: list[Statement] = []
    if old.options != new.options:
        statements += fitting(where, old.options, new.options)
        statements.append(_on(where, f"ALTER SEQUENCE {where.sql} " + " ".join(changes(old.options, new.options))))
    if old.unlogged != new.unlogged:
        kept = "UNLOGGED" if new.unlogged else "LOGGED"
        statements.append(_on(where, f"ALTER SEQUENCE {where.sql} SET {kept}", lock=Lock.ACCESS_EXCLUSIVE))
    if old.comment != new.comment:
        statements.append(comment("SEQUENCE", where.sql, new.comment, relation=where.sql))
    operations = [alters(Phase.ALTER_TYPE, statements, where)] if statements else []
    left = old.owned_by is not None and (old.owned_by != new.owned_by or context.gone(address.column(*old.owned_by)))
    operations += _left(old) if left else []
    foreign = new.owned_by is not None and (old.owned_by is None or _table(old.owned_by) != _table(new.owned_by))
    return [*operations, *(_owned(new, foreign=foreign) if left or old.owned_by is None else [])]


def rename(old: Sequence, to: Address, context: Context) -> list[Operation]:
    """ALTER SEQUENCE … RENAME TO; defaults that use it follow by themselves."""
    operations = renamed(address.sequence(old.schema, old.name), to, context)
    return [*operations[:-1], replace(operations[-1], makes=frozenset({to}))]


def renamed(where: Address, to: Address, context: Context) -> list[Operation]:
    """Return what gives a sequence another name, once that is free."""

    def statement(before: str, after: str) -> Statement:
        name = names.dotted(*where.names[:-1], before)
        sql = f"ALTER SEQUENCE {name} RENAME TO {names.ident(after)}"
        return Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=name, change=f"rename {where}")

    return renames_part(statement, where, to, context)


def clauses(options: Options, *, full: bool = False) -> list[str]:
    """Return what CREATE or (`full`) ALTER SEQUENCE must say; defaults are left out unless `full`."""
    usual = default_options(options.type, increment=options.increment)
    said = [
        (f"AS {options.type}", options.type != "bigint"),
        (f"INCREMENT BY {options.increment}", options.increment != 1),
        (f"MINVALUE {options.minimum}", options.minimum != usual.minimum),
        (f"MAXVALUE {options.maximum}", options.maximum != usual.maximum),
        (f"START WITH {options.start}", options.start != (usual.minimum if options.increment > 0 else usual.maximum)),
        (f"CACHE {options.cache}", options.cache != 1),
        ("CYCLE" if options.cycle else "NO CYCLE", options.cycle),
    ]
    return [text for text, unusual in said if unusual or full]


def changes(old: Options, new: Options) -> list[str]:
    """Return what ALTER SEQUENCE must say; it starts anew only where its value cannot be in the new range."""
    type_ = [f"AS {new.type}"] if old.type != new.type else []
    pairs = zip(clauses(_retyped(old, new), full=True), clauses(new, full=True), strict=True)
    apart = new.minimum > old.maximum or new.maximum < old.minimum
    return [*type_, *(text for before, text in pairs if text != before), *(["RESTART"] if apart else [])]


def fitting(sequence: Address, old: Options, new: Options) -> list[Statement]:
    """Return a setval() into the new range, where that is narrower: PostgreSQL refuses to leave the value outside."""
    low, high = max(old.minimum, new.minimum), min(old.maximum, new.maximum)
    if (low, high) == (old.minimum, old.maximum) or low > high:
        return []
    value = f"least(greatest(last_value, {low}), {high})"
    sql = f"SELECT setval({names.literal(sequence.sql)}::regclass, {value}, is_called) FROM {sequence.sql}"
    return [Statement(sql, lock=Lock.ROW_EXCLUSIVE, relation=sequence.sql, change=f"alter {sequence}")]


def _retyped(old: Options, new: Options) -> Options:
    """Return `old` as AS leaves it: limits that were the type's own follow it, up or down (sequence.c, init_params)."""
    if old.type == new.type:
        return old
    was, limit = default_options(old.type).maximum, default_options(new.type).maximum
    minimum = -limit - 1 if old.minimum == -was - 1 else old.minimum
    maximum = limit if old.maximum == was else old.maximum
    return replace(old, type=new.type, minimum=minimum, maximum=maximum)


def _numbered(sequence: Sequence, context: Context) -> list[Address]:
    """Return the columns that were there before and get their numbers from the new sequence."""
    default = f"nextval({names.literal(address.sequence(sequence.schema, sequence.name).sql)}::regclass)"
    return [
        table.address_of(column)
        for table in context.new.tables
        for column in table.columns
        if table.address_of(column) in context.before
        and (column.default == default or (table.schema, table.name, column.name) == sequence.owned_by)
    ]


def _owned(sequence: Sequence, *, foreign: bool) -> list[Operation]:
    """Return what has a column own the sequence; `foreign`: its table may belong to another role."""
    if sequence.owned_by is None:
        return []
    where = address.sequence(sequence.schema, sequence.name)
    owned = _on(where, f"ALTER SEQUENCE {where.sql} OWNED BY {names.dotted(*sequence.owned_by)}")
    given = [_as_table(where, _table(sequence.owned_by))] if foreign else []
    return [finishes([*given, owned], where, *_owner(sequence.owned_by))]


def _as_table(sequence: Address, table: Address) -> Statement:
    """Return what gives a sequence the owner of a table, without which PostgreSQL refuses OWNED BY."""
    command = names.literal(f"ALTER SEQUENCE {sequence.sql.replace('%', '%%')} OWNER TO %s")
    owner = f"SELECT relowner::regrole FROM pg_class WHERE oid = {names.literal(table.sql)}::regclass"
    body = f"BEGIN EXECUTE format({command}, ({owner})); END"
    quote = "$$" if "$" not in body else "$owner$"
    return _on(sequence, f"DO {quote} {body} {quote}", lock=Lock.ACCESS_EXCLUSIVE)


def _left(sequence: Sequence) -> list[Operation]:
    """Return what takes a sequence from its column before that goes, or before its table is made logged or not."""
    assert sequence.owned_by is not None
    where = address.sequence(sequence.schema, sequence.name)
    freed = _on(where, f"ALTER SEQUENCE {where.sql} OWNED BY NONE")
    return [Operation(Phase.DROP_PART, (freed,), precedes=frozenset(_owner(sequence.owned_by)))]


def _owner(owned_by: tuple[str, str, str]) -> tuple[Address, Address]:
    return address.column(*owned_by), _table(owned_by)


def _table(owned_by: tuple[str, str, str]) -> Address:
    return address.table(*owned_by[:2])


def _on(where: Address, sql: str, *, lock: Lock = Lock.SHARE_ROW_EXCLUSIVE) -> Statement:
    return Statement(sql, lock=lock, relation=where.sql, change=f"alter {where}")
