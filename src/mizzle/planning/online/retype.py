"""Types that PostgreSQL would write the table anew for: a column beside, kept in step, filled in batches, swapped in.

Everything over the old column, keys, indexes, checks, foreign keys from and to it, is built over the new one before
that takes its place; views and the like are dropped and made again in the moment of the swap. So with an enum of which
labels go or change places: the new one stands beside it under another name, until all its columns are swapped at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.enum import Enum
from mizzle.differ.changes import Alter, Change, Rename
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.online import beside, twins
from mizzle.planning.online.constraint import stage
from mizzle.planning.online.retyped import Pair, Retyped, fit, rewrites
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import enum as plain_enum
from mizzle.planning.recipes.comment import created
from mizzle.planning.recipes.swap import uses
from mizzle.planning.steps import Statement


@dataclass(frozen=True, slots=True)
class Swap:
    """What is swapped in one moment: the columns of one table, or all those of an enum, which is `enum`, as wanted."""

    tables: tuple[Retyped, ...]
    enum: Enum | None = None

    @property
    def change(self) -> Address:
        """The change that its operations are known by."""
        return self.tables[0].first if self.enum is None else _type(self.enum)

    @property
    def addresses(self) -> frozenset[Address]:
        """What it leaves as it is wanted."""
        own = frozenset({_type(self.enum)}) if self.enum is not None else frozenset[Address]()
        return own.union(*(each.addresses for each in self.tables))

    @property
    def leading(self) -> frozenset[Address]:
        """What other objects must let go of for it: the columns, or the enum too."""
        columns = {each.table.address_of(old) for each in self.tables for old, _ in each.columns}
        return frozenset({*columns, *([_type(self.enum)] if self.enum is not None else [])})


def planned(changes: Sequence[Change], context: Context) -> list[Swap]:
    """Return what can be retyped without writing a table anew under a lock."""
    found: dict[Address, list[Pair]] = {}
    for change in changes:
        if isinstance(change, Alter) and isinstance(change.old, Column) and isinstance(change.new, Column):
            table = Address("table", change.address.names[:2])
            if context.in_use(table, change.address) and rewrites(table, change.old, change.new, context):
                found.setdefault(table, []).append((change.old, change.new))
    renamed = {change.address for change in changes if isinstance(change, Rename)}
    made = (fit(context.new_tables[table], tuple(pairs), renamed, context) for table, pairs in found.items())
    alone = [each for each in made if each is not None]
    # A key between two of them is led over by that of the table it refers to, then, from there, by its own.
    own = frozenset(where for each in alone for where in each.parts)
    led = frozenset(other.address_of(key) for each in alone for other, key in each.references) & own
    alone = [replace(each, led_over=led - each.parts.keys(), received=led & each.parts.keys()) for each in alone]
    return [*(Swap((each,)) for each in alone), *_enums(frozenset(found), renamed, context)]


def held_back(operations: Sequence[Operation], swaps: Sequence[Swap], context: Context) -> list[Operation]:
    """Return `operations` in which what is dropped for the moment of a swap goes when that is ready, and not before."""
    waits = [(each, _ready(each, operations)) for each in swaps]
    return [_held_back(each, waits, context) for each in operations] if waits else list(operations)


def operations(swap: Swap, context: Context) -> Iterator[Operation]:
    """Yield the operations: the columns beside and their triggers, the backfills, what is over them, the swap."""
    yield from (replace(each, change=swap.change) for each in _operations(swap, context))


def _enums(taken: frozenset[Address], renamed: set[Address], context: Context) -> Iterator[Swap]:
    """Yield the swaps of enums, where all columns of one can be made beside, and no other type is made of it."""
    for where in sorted(context.fates.swapped):
        old, new = context.before.get(where), context.after.get(where)
        if not isinstance(old, Enum) or not isinstance(new, Enum) or where in context.manner.plain:
            continue
        tables = [t for t in context.kept_tables() if any(uses(each, where) for each in t.columns)]
        types = ((where.sql, names.dotted(new.schema, _aside(new, context))),)
        made = [_of_enum(t.address, where, taken, renamed, context) for t in tables]
        fitting = tuple(replace(each, types=types) for each in made if each is not None)
        if fitting and len(fitting) == len(tables) and _only_columns(where, context):
            yield Swap(fitting, new)


def _of_enum(
    table: Address, enum: Address, taken: frozenset[Address], renamed: set[Address], context: Context
) -> Retyped | None:
    old = context.old_tables[table]
    pairs = [(each, context.new_column(old.address_of(each))) for each in old.columns if uses(each, enum)]
    columns = tuple((before, after) for before, after in pairs if after is not None)
    if table in taken or len(columns) < len(pairs) or not context.in_use(table, enum):
        return None
    if any(b.type != a.type or b.inherited or a.inherited or b.generated or a.generated for b, a in columns):
        return None
    return fit(context.new_tables[table], columns, renamed, context)


def _only_columns(enum: Address, context: Context) -> bool:
    """Say whether no domain, composite type or column that comes is of the enum."""
    made = (*context.new.domains, *context.new.composites, *context.old.domains, *context.old.composites)
    if any(enum in {*context.old_needs.get(each.address), *context.new_needs.get(each.address)} for each in made):
        return False
    columns = (table.address_of(each) for table in context.new.tables for each in table.columns if uses(each, enum))
    return all(where in context.before for where in columns)


def _held_back(operation: Operation, waits: Sequence[tuple[Swap, frozenset[Address]]], context: Context) -> Operation:
    going = operation.drops & context.fates.lost
    found = [ready for each, ready in waits if operation.change != each.change and _leans(going, each, context)]
    return replace(operation, follows=operation.follows.union(*found)) if found else operation


def _ready(swap: Swap, operations: Sequence[Operation]) -> frozenset[Address]:
    last = next(each for each in operations if each.change == swap.change and swap.addresses <= each.makes)
    return last.follows


def _leans(going: frozenset[Address], swap: Swap, context: Context) -> bool:
    """Say whether one of the objects that go, or what they need and goes too, is over what is swapped."""
    seen, waiting = set[Address](), set(going)
    while waiting:
        where = waiting.pop()
        seen.add(where)
        needed = context.old_needs.get(where)
        if needed & swap.leading:
            return True
        waiting |= (needed & context.fates.lost) - seen
    return False


def _operations(swap: Swap, context: Context) -> Iterator[Operation]:
    first: frozenset[Address] = frozenset()
    if swap.enum is not None:
        aside = replace(swap.enum, name=_aside(swap.enum, context))
        first = frozenset({stage(swap.change, "beside")})
        made = Statement(plain_enum.create_sql(aside), change=f"{beside.PREPARES} {swap.change}")
        yield Operation(Phase.CREATE_OUTER, (made,), makes=first)
    over: dict[Address, tuple[list[twins.Twin], list[twins.Twin]]] = {}
    waiting: set[Address] = set()
    for each in swap.tables:
        begun, filled = stage(each.table.address, "retyped begun"), stage(each.table.address, "retyped filled")
        needed = frozenset(n for _, new in each.columns for n in context.new_needs.get(each.table.address_of(new)))
        added = tuple(beside.begun(each, context))
        follows = (needed - swap.addresses) | first
        yield Operation(Phase.CREATE_PART, added, makes=frozenset({begun}), follows=follows)
        yield beside.filled(each, begun, filled, context)
        required = list(beside.required(each, filled, context))
        made_over = _over(each, filled, swap, context)
        over[each.table.address] = required, made_over
        waiting.add(filled)
        for twin in (*required, *made_over):
            yield from twin.operations
            waiting.add(twin.ready)
    defaults = {default_of(t.table.address_of(new)) for t in swap.tables for _, new in t.columns}
    gone = {default_of(t.table.address_of(old)) for t in swap.tables for old, _ in t.columns}
    received = frozenset[Address]().union(*(each.received for each in swap.tables))
    statements = [s for t in swap.tables for s in beside.taking_over(t, over[t.table.address][1], context)]
    statements += _enum_taking_over(swap.enum, context) if swap.enum is not None else []
    for each in swap.tables:
        required, made_over = over[each.table.address]
        statements += beside.completed(each, (*required, *made_over))
    yield Operation(
        Phase.ALTER_TABLE,
        tuple(statements),
        makes=swap.addresses | defaults,
        drops=(swap.addresses - received) | gone,
        follows=frozenset(waiting),
    )


def _over(retyped: Retyped, filled: Address, swap: Swap, context: Context) -> list[twins.Twin]:
    """Return what is over the columns of a table, and the foreign keys of others to them."""
    there = twins.Beside(retyped, swap.addresses, context)
    made = twins.all_of(retyped.parts.values(), there, filled)
    keys = frozenset({filled, *(each.ready for each in made)})
    return made + [twins.of_reference(other, key, there, keys) for other, key in retyped.references]


def _enum_taking_over(enum: Enum, context: Context) -> list[Statement]:
    where = _type(enum)
    aside = names.dotted(enum.schema, _aside(enum, context))
    return [
        Statement(f"DROP TYPE {where.sql}", change=f"alter {where}"),
        Statement(f"ALTER TYPE {aside} RENAME TO {names.ident(enum.name)}", change=f"alter {where}"),
        *created("TYPE", where.sql, enum.comment),
    ]


def _type(enum: Enum) -> Address:
    return address.type_(enum.schema, enum.name)


def _aside(enum: Enum, context: Context) -> str:
    return names.aside(enum.name, context.taken(enum.schema))
