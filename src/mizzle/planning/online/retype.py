"""Types that PostgreSQL would write the table anew for: a column beside, kept in step, filled in batches, swapped in.

Everything over the old column, keys, indexes, checks, foreign keys from and to it, is built over the new one before
that takes its place; views and the like are dropped and made again in the moment of the swap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as replace_statement

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Constraint, Exclusion, ForeignKey
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.differ.changes import Alter, Change, Rename
from mizzle.planning import sqlparts
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.online import filling, twins
from mizzle.planning.online.constraint import added, stage, validated
from mizzle.planning.online.constraint import aside as constraint_aside
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import column as plain
from mizzle.planning.recipes import conversion, identity, not_null
from mizzle.planning.recipes.altering import altering, on
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import HazardCode, Lock, Statement

Pair = tuple[Column, Column]

_GOES_ON = "mizzle.goes_on"


@dataclass(frozen=True, slots=True)
class Retyped:
    """The columns of one table that get another type together, as they were and as they are wanted.

    `called` are the names (raw) of the columns beside, until they take over; `parts` the table's own indexes and
    constraints over them, as wanted, `references` the foreign keys of other tables to them; `led_over` are those of
    them that another one has among its parts, to which they are `received`.
    """

    table: Table
    columns: tuple[Pair, ...]
    by: tuple[str, ...]
    called: Mapping[str, str]
    parts: Mapping[Address, Index | Constraint]
    references: tuple[tuple[Table, ForeignKey], ...]
    led_over: frozenset[Address] = frozenset()
    received: frozenset[Address] = frozenset()

    @property
    def first(self) -> Address:
        """The first of the columns, by which its operations are known."""
        return self.table.address_of(self.columns[0][1])

    @property
    def addresses(self) -> frozenset[Address]:
        """What it leaves as it is wanted: columns, indexes and constraints, but what others make of them later."""
        columns = (self.table.address_of(new) for _, new in self.columns)
        keys = (other.address_of(key) for other, key in self.references)
        return frozenset((*columns, *self.parts, *keys)) - self.led_over


def planned(changes: Sequence[Change], context: Context) -> list[Retyped]:
    """Return what can be retyped without writing the table anew under a lock, table by table."""
    found: dict[Address, list[Pair]] = {}
    for change in changes:
        if isinstance(change, Alter) and isinstance(change.old, Column) and isinstance(change.new, Column):
            table = Address("table", change.address.names[:2])
            if context.in_use(table, change.address) and _rewrites(table, change.old, change.new, context):
                found.setdefault(table, []).append((change.old, change.new))
    renamed = {change.address for change in changes if isinstance(change, Rename)}
    made = (_retyped(context.new_tables[table], tuple(pairs), renamed, context) for table, pairs in found.items())
    fit = [each for each in made if each is not None]
    # A key between two of them is led over by that of the table it refers to, then, from there, by its own.
    own = frozenset(where for each in fit for where in each.parts)
    led = frozenset(other.address_of(key) for each in fit for other, key in each.references) & own
    return [replace(each, led_over=led - each.parts.keys(), received=led & each.parts.keys()) for each in fit]


def held_back(operations: Sequence[Operation], retyped: Sequence[Retyped], context: Context) -> list[Operation]:
    """Return `operations` in which what is dropped for the moment of a swap goes when that is ready, and not before."""
    waits = [(each, _ready(each, operations)) for each in retyped]
    return [_held_back(each, waits, context) for each in operations] if waits else list(operations)


def _held_back(
    operation: Operation, waits: Sequence[tuple[Retyped, frozenset[Address]]], context: Context
) -> Operation:
    going = operation.drops & context.fates.lost
    found = [ready for each, ready in waits if operation.change != each.first and _leans(going, each, context)]
    return replace(operation, follows=operation.follows.union(*found)) if found else operation


def _ready(retyped: Retyped, operations: Sequence[Operation]) -> frozenset[Address]:
    swap = next(each for each in operations if each.change == retyped.first and retyped.first in each.makes)
    return swap.follows


def _leans(going: frozenset[Address], retyped: Retyped, context: Context) -> bool:
    """Say whether one of the objects that go, or what they need and goes too, is over a column that is retyped."""
    columns = {retyped.table.address_of(old) for old, _ in retyped.columns}
    seen, waiting = set[Address](), set(going)
    while waiting:
        where = waiting.pop()
        seen.add(where)
        needed = context.old_needs.get(where)
        if needed & columns:
            return True
        waiting |= (needed & context.fates.lost) - seen
    return False


def operations(retyped: Retyped, context: Context) -> Iterator[Operation]:
    """Yield the operations: the column beside and its trigger, the backfill, what is over it, the swap."""
    yield from (replace(each, change=retyped.first) for each in _operations(retyped, context))


def _operations(retyped: Retyped, context: Context) -> Iterator[Operation]:
    table = retyped.table
    begun, filled = stage(table.address, "retyped begun"), stage(table.address, "retyped filled")
    needed = frozenset(n for _, new in retyped.columns for n in context.new_needs.get(table.address_of(new)))
    yield Operation(Phase.CREATE_PART, tuple(_beside(retyped, context)), makes=frozenset({begun}), follows=needed)
    yield _filled(retyped, begun, filled, context)
    required, waiting = list(_required(retyped, filled, context)), {filled}
    for each in required:
        yield from each.operations
        waiting.add(each.ready)
    beside = twins.Beside(table, retyped.called, retyped.addresses, context)
    made = twins.all_of(retyped.parts.values(), beside, filled)
    keys = frozenset({filled, *(each.ready for each in made)})
    made += [twins.of_reference(other, key, beside, keys) for other, key in retyped.references]
    for each in made:
        yield from each.operations
        waiting.add(each.ready)
    defaults = {default_of(table.address_of(new)) for _, new in retyped.columns}
    yield Operation(
        Phase.ALTER_TABLE,
        tuple(_swapped(retyped, required, made, context)),
        makes=retyped.addresses | defaults,
        drops=retyped.addresses - retyped.received | {default_of(table.address_of(old)) for old, _ in retyped.columns},
        follows=frozenset(waiting),
    )


def _rewrites(table: Address, old: Column, new: Column, context: Context) -> bool:
    """Say whether the change of type is one that this recipe knows, and would write the table or an index anew."""
    if not plain.converted_in(old, new, context) or plain.swapped_type(new, context) is not None:
        return False
    if old.inherited or new.inherited or old.generated or new.generated:
        return False
    same_identity = (old.identity is None) == (new.identity is None)
    if old.identity is not None and new.identity is not None:
        same_identity = old.identity.sequence == new.identity.sequence
    indexed = any(new.name in index.columns for index in context.old_tables[table].indexes)
    collated = old.collation != new.collation and indexed
    return same_identity and (collated or conversion.rewrites(old.type, new.type))


def _retyped(table: Table, columns: tuple[Pair, ...], renamed: set[Address], context: Context) -> Retyped | None:
    old, by = context.old_tables[table.address], filling.key(table, context)
    below = context.old_children.get((table.schema, table.name)) or context.new_children.get((table.schema, table.name))
    if by is None or table.partition_by or table.inherits or old.inherits or below:
        return None
    touched = {new.name for _, new in columns}
    parts: dict[Address, Index | Constraint] = {}
    for where, part in old.parts():
        if isinstance(part, Column) or not touched & {*_columns(part)}:
            continue
        after = table.part_at(where)
        if isinstance(part, Exclusion) or where in renamed or (after is None and where in context.after):
            return None
        if after is not None:
            if isinstance(after, Exclusion | Column) or not getattr(after, "valid", True):
                return None
            parts[where] = after
    if _chosen(table, parts) or _chosen(old, parts):
        return None
    references = tuple(_references(table, touched, context))
    if not _as_they_were(references, context):
        return None
    taken = {*old.order, *table.order}
    called = {name: names.aside(name, taken) for name in sorted(touched)}
    retyped = Retyped(table, columns, by, called, parts, references)
    return retyped if _nothing_else(retyped, context) else None


def _columns(part: Index | Constraint) -> tuple[str, ...]:
    return part.columns


def _chosen(table: Table, parts: Mapping[Address, Index | Constraint]) -> bool:
    """Say whether the table is identified or clustered by one of its parts."""
    index = table.replica_identity.removeprefix("USING INDEX ")
    return any(names.ident(each.name) == index or each.name == table.clustered for each in parts.values())


def _references(table: Table, touched: set[str], context: Context) -> Iterator[tuple[Table, ForeignKey]]:
    for other in context.new.tables:
        if other.address == table.address:
            continue
        for key in other.foreign_keys:
            there = other.address_of(key) in context.before
            if there and key.referenced == table.address and touched & {*key.ref_columns}:
                yield other, key


def _as_they_were(references: Sequence[tuple[Table, ForeignKey]], context: Context) -> bool:
    """Say whether the keys are kept as they are, and their tables are no parts of others."""
    return all(
        not (other.partition_by or other.inherits) and context.before[other.address_of(key)] == key
        for other, key in references
    )


def _nothing_else(retyped: Retyped, context: Context) -> bool:
    """Say whether whatever else uses the columns is dropped and made again around the swap, or goes for good."""
    table, known = retyped.table, retyped.addresses
    for old, _ in retyped.columns:
        where = table.address_of(old)
        for user in context.old_needs.users(where):
            own = user in known or user == default_of(where) or user not in context.after
            if not own and user not in context.fates.lost and not _owned(user, where, context):
                return False
        sequences = (each for each in context.old.sequences if each.owned_by == where.names)
        if any(address.sequence(each.schema, each.name) not in context.after for each in sequences):
            return False
    return True


def _owned(user: Address, column: Address, context: Context) -> bool:
    return any(
        each.owned_by == column.names and address.sequence(each.schema, each.name) == user
        for each in context.old.sequences
    )


def _beside(retyped: Retyped, context: Context) -> Iterator[Statement]:
    """Yield what adds the columns, and the trigger that keeps them in step."""
    table = retyped.table
    for _, new in retyped.columns:
        empty = _empty(new, retyped.called[new.name])
        where = table.address_of(new)
        yield on(table.address, where, f"ADD COLUMN {plain.clause(table, empty)}")
        yield from plain.extras(table, empty)
    function, trigger = _sync(retyped, context)
    body = "\n".join(
        f"    NEW.{names.ident(retyped.called[new.name])} := {_new_value(old, new, context)};"
        for old, new in retyped.columns
    )
    change = f"alter {retyped.first}"
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
        change=change,
    )


def _empty(column: Column, name: str) -> Column:
    return replace(column, name=name, nullable=True, default=None, identity=None, not_null="", comment=None)


def _sync(retyped: Retyped, context: Context) -> tuple[str, str]:
    """Return the names, in SQL, of the function and of the trigger, which comes behind all others of its kind."""
    table = retyped.table
    name = names.default_name(table.name, tuple(sorted(retyped.called)), "sync")
    taken = context.taken(table.schema)
    name = names.aside(name, taken) if name in taken else name
    return names.dotted(table.schema, name), names.ident(f"zz_{name}"[: names.MAX_BYTES])


def _new_value(old: Column, new: Column, context: Context) -> str:
    """Return what makes a value of the new type of the row that a trigger is about to write."""
    value = plain.value_of(old.name, old, new, context)
    written = f"NEW.{names.ident(old.name)}"
    return sqlparts.with_columns(value, {old.name: written}) if value else written


def _filled(retyped: Retyped, begun: Address, filled: Address, context: Context) -> Operation:
    table = retyped.table
    named = [(names.ident(retyped.called[new.name]), old, new) for old, new in retyped.columns]
    values = ", ".join(
        f"{beside} = {plain.value_of(old.name, old, new, context) or names.ident(old.name)}"
        for beside, old, new in named
    )
    lacking = " OR ".join(f"{beside} IS NULL AND {names.ident(old.name)} IS NOT NULL" for beside, old, _ in named)
    sql = f"UPDATE {table.address.sql} SET {values} WHERE {lacking}"
    where = retyped.first
    operation = filling.filled(table, retyped.by, sql, change=where, makes=filled, follows=frozenset({begun}))
    hazards = tuple(
        hazard
        for old, new in retyped.columns
        for hazard in plain.converting(table, old, new, context)
        if hazard.code is not HazardCode.TABLE_REWRITE
    )
    (statement,) = operation.statements
    return replace(operation, statements=(replace_statement(statement, hazards=hazards),))


def _required(retyped: Retyped, filled: Address, context: Context) -> Iterator[twins.Twin]:
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
        statement = replace_statement(validated(table.address, where, name), hazards=())
        made = (
            Operation(
                Phase.CREATE_PART,
                (added(table.address, where, clause, lock=Lock.ACCESS_EXCLUSIVE),),
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
        yield twins.Twin(where, ready, made, comes)


def _swapped(
    retyped: Retyped, required: Sequence[twins.Twin], made: Sequence[twins.Twin], context: Context
) -> Iterator[Statement]:
    """Yield what puts the columns beside in the place of the old ones, with all that is over them."""
    table = retyped.table
    function, trigger = _sync(retyped, context)
    first = retyped.first
    yield Statement(
        f"DROP TRIGGER {trigger} ON {table.address.sql}",
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=table.address.sql,
        change=f"alter {first}",
    )
    yield Statement(f"DROP FUNCTION {function}()", change=f"alter {first}")
    for each in made:
        yield from each.goes
    for old, new in retyped.columns:
        where, beside = table.address_of(new), names.ident(retyped.called[new.name])
        if old.identity is not None:
            sequence = address.sequence(table.schema, old.identity.sequence)
            sql = f"SELECT set_config('{_GOES_ON}', concat_ws(',', last_value, is_called), true) FROM {sequence.sql}"
            yield Statement(sql, change=f"alter {where}")
        for each in context.old.sequences:
            if each.owned_by == where.names:
                sequence = address.sequence(each.schema, each.name)
                sql = f"ALTER SEQUENCE {sequence.sql} OWNED BY {table.address.sql}.{beside}"
                yield Statement(sql, change=f"alter {where}")
        yield on(table.address, where, f"DROP COLUMN {names.ident(new.name)}")
        yield on(table.address, where, f"RENAME COLUMN {beside} TO {names.ident(new.name)}")
    for each in (*required, *made):
        yield from each.comes
    for _, new in retyped.columns:
        yield from _given(table, new)


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
