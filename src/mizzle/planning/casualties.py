"""What stands in the way of a change and must be dropped before it and made again after it.

PostgreSQL refuses to change the type of a column that a generated column uses, and rebuilds a check or an index from
its old text, which may not fit the new type. What is not managed and in the way is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.enum import Enum
from mizzle.catalog.index import Index
from mizzle.catalog.table import Part, Table
from mizzle.differ.changes import Alter, Change, Drop, Rename
from mizzle.errors import Unsupported
from mizzle.planning.context import Context
from mizzle.planning.recipes import column, enum, index


def swapped_types(changes: Iterable[Change]) -> frozenset[Address]:
    """Return the enum types that are replaced by another of the same name."""
    return frozenset(
        change.address
        for change in changes
        if isinstance(change, Alter)
        and isinstance(change.old, Enum)
        and isinstance(change.new, Enum)
        and enum.swaps(change.old, change.new)
    )


def swapped_columns(changes: Iterable[Change], context: Context) -> frozenset[Address]:
    """Return the columns that are of a swapped type before and after."""
    types = swapped_types(changes)
    return frozenset(
        table.address_of(each)
        for table in context.kept_tables()
        for each in table.columns
        if any(enum.uses(each, type_) for type_ in types)
    )


def recreated_columns(changes: Iterable[Change], context: Context) -> frozenset[Address]:
    """Return the columns that are dropped and added again.

    They are the generated ones that no ALTER leads to what is wanted, and those computed from a column that is changed.
    """
    found = {where for where, old, new in _altered(changes) if column.must_recreate(old, new, major=context.major)}
    changed = found | typed_columns(changes, context)
    for table, each in _generated(context):
        if ({table.address_of(each)} | _needs(table.address_of(each), context)) & changed:
            found.add(table.address_of(each))
    return frozenset(found)


def typed_columns(changes: Iterable[Change], context: Context) -> frozenset[Address]:
    """Return the columns whose type changes in any way: PostgreSQL refuses that below a view, say."""
    return swapped_columns(changes, context) | {
        where for where, old, new in _altered(changes) if (old.type, old.collation) != (new.type, new.collation)
    }


def retyped_columns(changes: Iterable[Change]) -> frozenset[Address]:
    """Return the columns whose base type or collation changes, so that what is built on them must be built again."""
    return frozenset(where for where, old, new in _altered(changes) if column.retyped(old, new))


def _altered(changes: Iterable[Change]) -> Iterator[tuple[Address, Column, Column]]:
    for change in changes:
        if isinstance(change, Alter) and isinstance(change.old, Column) and isinstance(change.new, Column):
            yield change.address, change.old, change.new


def casualties(
    changes: Iterable[Change],
    context: Context,
    *,
    retyped: frozenset[Address],
    recreated: frozenset[Address],
) -> frozenset[Address]:
    """Return the constraints and indexes that are wanted before and after, and cannot stay in between."""
    rebuilt = _rebuilt(changes) | swapped_types(changes)
    converted = retyped | swapped_columns(changes, context)
    stays = context.after.keys() | {change.address for change in changes if isinstance(change, Rename)}
    found: set[Address] = set()
    for table in context.kept_tables():
        for where, part in table.parts():
            if isinstance(part, Column) or where not in stays:
                continue
            if _needs(where, context) & (recreated | rebuilt | _unfit(part, retyped, converted)):
                found.add(where)
    return frozenset(found)


def _unfit(part: Part, retyped: frozenset[Address], converted: frozenset[Address]) -> frozenset[Address]:
    """Return the columns whose change of type PostgreSQL does not bring to this part by itself."""
    match part:
        case PrimaryKey() | Unique():
            return frozenset()
        case Index():
            return frozenset() if index.plain(part) else retyped
        case Column() | Check() | Exclusion() | ForeignKey():
            return converted


def _rebuilt(changes: Iterable[Change]) -> frozenset[Address]:
    """Return the keys and indexes that go, or go and come back: a foreign key may lean on them."""
    return frozenset(
        change.address
        for change in changes
        if (isinstance(change, Drop) and change.address.kind in {"constraint", "index"})
        or (
            isinstance(change, Alter)
            and isinstance(change.old, PrimaryKey | Unique | Index)
            and isinstance(change.new, PrimaryKey | Unique | Index)
            and change.old.definition != change.new.definition
        )
    )


def circular_keys(changes: Iterable[Change]) -> frozenset[Address]:
    """Return the foreign keys that tie dropped tables together in a circle: they go first, one by one."""
    gone = {
        change.address: change.old for change in changes if isinstance(change, Drop) and isinstance(change.old, Table)
    }
    refers = {where: {key.referenced for key in table.foreign_keys} & gone.keys() for where, table in gone.items()}
    return frozenset(
        table.address_of(key)
        for where, table in gone.items()
        for key in table.foreign_keys
        if key.referenced != where and where in _reached(key.referenced, refers)
    )


def _reached(start: Address, refers: dict[Address, set[Address]]) -> set[Address]:
    reached: set[Address] = set()
    waiting = [start]
    while waiting:
        where = waiting.pop()
        if where not in reached:
            reached.add(where)
            waiting.extend(refers.get(where, ()))
    return reached


def refuse_unmanaged(changes: Iterable[Change], context: Context, disturbed: frozenset[Address]) -> None:
    """Raise Unsupported where an object that is not managed needs one that is dropped or `disturbed`."""
    unmanaged = frozenset(context.old.unmanaged)
    gone = disturbed | {change.address for change in changes if isinstance(change, Drop)}
    in_the_way = [d for d in context.old.dependencies if d.dependent in unmanaged and d.referenced in gone]
    if in_the_way:
        first = in_the_way[0]
        raise Unsupported(
            f"cannot change {first.referenced}: {first.dependent} needs it, and is of a kind that is not managed yet",
            hint=f"drop {first.dependent} in a hand-written migration (mizzle generate --custom), then make the change",
            objects=tuple(str(each.dependent) for each in in_the_way),
        )


def _needs(where: Address, context: Context) -> frozenset[Address]:
    return context.old_needs.get(where, frozenset())


def _generated(context: Context) -> Iterator[tuple[Table, Column]]:
    for table in context.kept_tables():
        for each in table.columns:
            wanted = context.new_column(table.address_of(each))
            if each.generated is not None and wanted is not None and wanted.generated is not None:
                yield table, each
