"""What stands in the way of a change and must be dropped before it and made again after it.

PostgreSQL refuses to change the type of a column that a generated column uses, and rebuilds a check or an index from
its old text, which may not fit the new type. What is not managed and in the way is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.catalog.composite import Composite
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.defined import Defined
from mizzle.catalog.domain import Domain
from mizzle.catalog.enum import Enum
from mizzle.catalog.index import Index
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.statistics import Statistics
from mizzle.catalog.table import Part, Table
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename
from mizzle.errors import Unsupported
from mizzle.planning import circles, dispatch
from mizzle.planning.context import Claim, Context, Fates, claims
from mizzle.planning.needs import default_of
from mizzle.planning.recipes import column, enum, index, physical
from mizzle.planning.recipes.swap import uses


def with_fates(context: Context, changes: Sequence[Change]) -> Context:
    """Return the context with what `changes` make of all that stands in their way.

    What is dropped and made again takes along what needs it, and so on until nothing more is found.
    """
    fates = Fates(
        altered=frozenset(change.address for change in changes if isinstance(change, Alter)),
        swapped=_swapped_types(changes, context),
        renamed=frozenset(change.address for change in changes if isinstance(change, Rename)),
        vacated=frozenset(_vacated(changes, context)),
    )
    while True:
        context = replace(context, fates=fates)
        found = replace(fates, recreated=fates.recreated | _recreated_columns(changes, context))
        found = replace(found, lost=fates.lost | _lost(changes, replace(context, fates=found)))
        if found == fates:
            break
        fates = found
    gone = {change.address for change in changes if isinstance(change, Drop)} | fates.recreated
    return replace(context, fates=replace(fates, released=circles.released(gone, context)))


def disturbed(context: Context) -> Iterator[Address]:
    """Yield columns and sequences of which something must be taken away and given again, wanted as it is or not."""
    fates = context.fates
    for table in context.kept_tables():
        if physical.leans_on_made_anew(context.new_tables[table.address], context):
            yield table.address
        for each in table.columns:
            where = table.address_of(each)
            if not fates.swapped and (each.default is None or not context.old_needs.recorded(default_of(where))):
                continue
            kept = where in context.after and where not in fates.recreated
            reset = each.default is not None and context.lets_go(default_of(where))
            if kept and (reset or _is_swapped(each, context)):
                yield where
    for each in context.old.sequences:
        where = address.sequence(each.schema, each.name)
        if each.owned_by is not None and where in context.after and address.column(*each.owned_by) in fates.recreated:
            yield where


def refuse_unmanaged(changes: Iterable[Change], context: Context) -> None:
    """Raise Unsupported where an object that is not managed needs one that is dropped, replaced or of another type."""
    unmanaged = frozenset(context.old.unmanaged)
    gone = {change.address for change in changes if isinstance(change, Drop)}
    gone |= context.fates.swapped | context.fates.recreated | _typed_columns(changes, context)
    in_the_way = [d for d in context.old.dependencies if d.dependent in unmanaged and d.referenced in gone]
    if in_the_way:
        first = in_the_way[0]
        raise Unsupported(
            f"cannot change {first.referenced}: {first.dependent} needs it, and is of a kind that is not managed",
            hint=f"drop {first.dependent} in a hand-written migration (mizzle generate --custom), then make the change",
            objects=tuple(str(each.dependent) for each in in_the_way),
        )


_SWAPPABLE = frozenset({"type", "domain", "composite type", "range type"})


def _swapped_types(changes: Sequence[Change], context: Context) -> frozenset[Address]:
    """Return the types that are replaced by another of the same name, with those that are made of them."""
    found = {
        change.address
        for change in changes
        if isinstance(change, Alter)
        and (
            enum.swaps(change.old, change.new)
            if isinstance(change.old, Enum) and isinstance(change.new, Enum)
            else isinstance(change.new, Domain | Composite) and not dispatch.in_place(change.old, change.new, context)
        )
    }
    dropped = {change.address for change in changes if isinstance(change, Drop)}
    come = {change.address.names for change in changes if isinstance(change, Create)}
    found |= {where for where in dropped if where.kind in _SWAPPABLE and where.names in come}
    made = [each.address for each in (*context.old.domains, *context.old.composites) if each.address in context.after]
    while more := {where for where in made if where not in found and _needs(where, context) & found}:
        found |= more
    return frozenset(found)


def _swapped_columns(context: Context) -> frozenset[Address]:
    """Return the columns that are of a swapped type."""
    tables = context.kept_tables() if context.fates.swapped else ()
    return frozenset(t.address_of(each) for t in tables for each in t.columns if _is_swapped(each, context))


def _is_swapped(each: Column, context: Context) -> bool:
    return any(uses(each, type_) for type_ in context.fates.swapped)


def _typed_columns(changes: Iterable[Change], context: Context) -> frozenset[Address]:
    """Return the columns whose type changes in any way: PostgreSQL refuses that below a view, say."""
    return _swapped_columns(context) | {
        where for where, old, new in _altered(changes) if (old.type, old.collation) != (new.type, new.collation)
    }


def _recreated_columns(changes: Iterable[Change], context: Context) -> frozenset[Address]:
    """Return the columns that are dropped and added again.

    They are those that no ALTER leads to what is wanted, and the generated ones in the way of another change: of the
    type of what they are computed from, of an enum in their expression.
    """
    found = {where for where, old, new in _altered(changes) if column.must_recreate(old, new, major=context.major)}
    typed = _typed_columns(changes, context) | context.fates.swapped | context.fates.lost
    for where in _generated(context):
        if ({where} | context.old_needs.get(default_of(where))) & typed:
            found.add(where)
    context = replace(context, fates=replace(context.fates, recreated=frozenset(found)))
    found |= {where for where in _generated(context) if _torn(where, context)}
    return frozenset(found)


def _torn(where: Address, context: Context) -> bool:
    """Say whether an expression would have to go before its successor can come: both lean on what changes."""
    old, new = context.old_column(where), context.new_column(where)
    changed = old is not None and new is not None and old.generated != new.generated
    return changed and context.lets_go(default_of(where)) and context.waits(default_of(where))


def _generated(context: Context) -> Iterator[Address]:
    for table in context.kept_tables():
        for each in table.columns:
            wanted = context.new_column(table.address_of(each)) if each.generated is not None else None
            if wanted is not None and wanted.generated is not None:
                yield table.address_of(each)


def _altered(changes: Iterable[Change]) -> Iterator[tuple[Address, Column, Column]]:
    for change in changes:
        if isinstance(change, Alter) and isinstance(change.old, Column) and isinstance(change.new, Column):
            yield change.address, change.old, change.new


def _lost(changes: Sequence[Change], context: Context) -> frozenset[Address]:
    """Return what is wanted before and after, and cannot stay in between: constraints, indexes, views and the like."""
    retyped = frozenset(where for where, old, new in _altered(changes) if column.retyped(old, new))
    typed = _Typed(retyped, retyped | _swapped_columns(context), _typed_columns(changes, context))
    gone = _rebuilt(changes) | context.fates.swapped | context.fates.recreated
    found = {*_stubborn(changes, context), *circles.persistent_keys(_persisted(changes), context)}
    dropped = {part for each in changes if isinstance(each, Drop) for part in circles.contents(each.address, context)}
    if not (gone or found or typed.any or dropped):
        return frozenset()
    stays = context.after.keys() | {change.address for change in changes if isinstance(change, Rename)}
    left = [(where, thing) for where, thing in _losable(context) if where in stays and where not in found]
    found |= {where for where, _ in left if where in dropped}  # of the same name, on another holder
    # What is changed in place may let go by itself of what is dropped.
    found |= {where for where, _ in left if where not in context.fates.altered and _needs(where, context) & dropped}
    while True:
        left = [(where, thing) for where, thing in left if where not in found]
        more = {where for where, thing in left if _needs(where, context) & (gone | found | _unfit(thing, typed))}
        if not more:
            return frozenset(found)
        found |= more


def _stubborn(changes: Iterable[Change], context: Context) -> Iterator[Address]:
    """Yield what changes in a way that leads over its drop."""
    for change in changes:
        swappable = isinstance(change, Alter) and isinstance(change.new, Domain | Composite)
        if isinstance(change, Alter) and not swappable and not dispatch.in_place(change.old, change.new, context):
            yield change.address


def _losable(context: Context) -> Iterator[tuple[Address, Part | Defined]]:
    """Yield what may be dropped and made again, since no data is in it alone."""
    for table in context.kept_tables():
        yield from ((where, part) for where, part in table.parts() if not isinstance(part, Column))
    for thing in context.old.defined():
        if not isinstance(thing, Domain | Composite):
            yield thing.address, thing
        if isinstance(thing, MaterializedView):
            yield from thing.parts()


class _Typed(NamedTuple):
    """Columns whose type changes: to another base type, or by a swap of that type, or in any way."""

    retyped: frozenset[Address]
    converted: frozenset[Address]
    any: frozenset[Address]


def _unfit(thing: Part | Defined, typed: _Typed) -> frozenset[Address]:
    """Return the columns whose change of type PostgreSQL does not bring to this object by itself."""
    match thing:
        case PrimaryKey() | Unique():
            return frozenset()
        case Statistics():
            return typed.any if thing.target >= 0 else frozenset()  # PostgreSQL makes them again, but not their target
        case Index():
            return frozenset() if index.plain(thing) else typed.retyped
        case Column() | Check() | Exclusion() | ForeignKey():
            return typed.converted
        case _:
            return typed.any


def _rebuilt(changes: Iterable[Change]) -> frozenset[Address]:
    """Return the keys and indexes that go, or go and come back: a foreign key may lean on them."""
    return frozenset(
        change.address
        for change in changes
        if (isinstance(change, Drop) and change.address.kind in {"constraint", "index"})
        or (
            isinstance(change, Alter)
            and isinstance(change.old, PrimaryKey | Unique | Index)
            and change.old.definition != getattr(change.new, "definition", "")
        )
    )


def _persisted(changes: Iterable[Change]) -> frozenset[Address]:
    """Return the tables that are made logged, or no longer."""
    return frozenset(
        change.address
        for change in changes
        if isinstance(change, Alter)
        and isinstance(change.old, Table)
        and isinstance(change.new, Table)
        and change.old.unlogged != change.new.unlogged
    )


_GIVING_UP = frozenset({"constraint", "index", "sequence", "trigger", "policy"})
"""Kinds of objects whose names are paired by what they are otherwise: one may get the name that another gives up."""


def _vacated(changes: Iterable[Change], context: Context) -> Iterator[Claim]:
    for change in changes:
        if isinstance(change, Rename) and change.address.kind in _GIVING_UP:
            yield from claims(change.address, context.before)
    for where, old, new in _altered(changes):
        if old.identity is not None and new.identity is not None and old.identity.sequence != new.identity.sequence:
            yield from claims(default_of(where), context.before)


def _needs(where: Address, context: Context) -> frozenset[Address]:
    return context.old_needs.get(where)
