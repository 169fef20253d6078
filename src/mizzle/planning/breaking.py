"""What a change breaks for code that was written for the schema before it: asked of both catalogs, object by object.

Code for a schema names its tables and columns, leaves out what has a default, and writes what the columns take. What
only becomes more than it was breaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

import msgspec

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Object
from mizzle.catalog.enum import Enum
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.routine import Routine
from mizzle.catalog.schema import Schema
from mizzle.catalog.sequence import Sequence
from mizzle.catalog.table import Table
from mizzle.catalog.view import View
from mizzle.differ.renames import Answers, renamed
from mizzle.planning.broken import Break, Sides, gone, of_table
from mizzle.planning.broken import renamed as has_name
from mizzle.planning.operations import Operation
from mizzle.planning.recipes.swap import uses
from mizzle.planning.steps import Hazard, HazardCode
from mizzle.planning.widening import works_on

__all__ = ["Break", "breaks", "told"]

_QUIET = frozenset(
    {"schema", "extension", "trigger", "rule", "statistics", "event trigger", "grants on", "owner of", "default"}
)
"""Kinds of objects that code does not call by their names."""


def breaks(old: Catalog, new: Catalog, *, renames: Mapping[str, str] | None = None) -> tuple[Break, ...]:
    """Return what code for `old` fails on in `new`, relation after relation; `renames` as compare() takes them."""
    sides = Sides(old, renamed(old, new, renames or {})[0], new, Answers.of(renames or {}))
    found = chain.from_iterable(_standing(where, thing, sides) for where, thing in sides.mapped.top_level())
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (each.relation.names, each.relation.kind)))


def told(operations: Iterable[Operation], found: Iterable[Break]) -> list[Operation]:
    """Return `operations` in which each break is a hazard of the statement that brings it."""
    listed = list(operations)
    hazards = (hazard for each in listed for statement in each.statements for hazard in statement.hazards)
    known = {hazard.subject for hazard in hazards if hazard.code is HazardCode.BREAKS_OLD_CODE}
    for each in found:
        if str(each.subject) not in known:
            known.add(str(each.subject))
            listed = _with_hazard(listed, each)
    return listed


def _with_hazard(operations: list[Operation], found: Break) -> list[Operation]:
    hazard = Hazard(HazardCode.BREAKS_OLD_CODE, str(found.subject), found.message)
    for subject in (found.subject, found.subject.table):  # a column changes with its table that gets a parent
        for place, operation in enumerate(operations):
            for at, statement in enumerate(operation.statements):
                if statement.change.partition(" ")[2] == str(subject):
                    one = msgspec.structs.replace(statement, hazards=(*statement.hazards, hazard))
                    statements = (*operation.statements[:at], one, *operation.statements[at + 1 :])
                    changed = replace(operation, statements=statements)
                    return [*operations[:place], changed, *operations[place + 1 :]]
    return operations


def _standing(where: Address, thing: Object, sides: Sides) -> Iterator[Break]:
    """Yield what breaks of an object that stands on its own."""
    if isinstance(thing, Table):
        yield from of_table(thing, sides)
        return
    if where.kind.startswith(tuple(_QUIET)) or isinstance(thing, Schema):
        return
    if isinstance(thing, Sequence) and thing.owned_by is not None:
        return
    if isinstance(thing, Routine) and thing.result in {"trigger", "event_trigger"}:
        return
    if where.kind == "policy":
        yield from _policy(where, sides)
        return
    was = sides.was(where)
    if where not in sides.standing:
        yield from _of_type(where, gone(was), sides) if isinstance(thing, Enum) else (gone(was),)
        return
    if was != where and not sides.stands_in(was, [name for name, _ in getattr(thing, "columns", ())]):
        yield has_name(was, where)
    yield from _changed(where, thing, sides.standing[where], sides)


def _changed(where: Address, old: Object, new: Object, sides: Sides) -> Iterator[Break]:
    match old, new:
        case Enum(), Enum():
            was = sides.was(where)
            before = next(each.labels for each in sides.old.enums if (each.schema, each.name) == was.names)
            for label in before:
                called = sides.answers.final((*was.names, label))[-1]
                if called not in new.labels or called != label:
                    yield from _of_type(where, _label(was, label, called, new), sides)
        case View() | MaterializedView(), View() | MaterializedView():
            then = dict(new.columns)
            for name, type_ in old.columns:
                if name not in then:
                    yield Break(where, where, f"{name} is gone", f"takes {name} from {where}: code that uses it fails")
                elif not works_on(type_, then[name]):
                    what = f"{name} is {then[name]}, was {type_}"
                    yield Break(where, where, what, f"changes {name} of {where}: code that uses it may fail")
        case Routine(), Routine():
            if (old.identity, old.result) != (new.identity, new.result) or old.defaults > new.defaults:
                message = (
                    f"makes {where} anew, with other arguments or another result: code that uses the old ones fails"
                )
                yield Break(where, where, "has other arguments or another result", message)
        case _:
            return


def _label(where: Address, label: str, called: str, new: Enum) -> Break:
    if called in new.labels:
        message = f"renames value {label} of {where}: code that writes or reads the old one fails"
        return Break(where, where, f"value {label} of {where} is called {called}", message)
    message = f"takes value {label} from {where}: code that writes or reads it fails"
    return Break(where, where, f"value {label} of {where} is gone", message)


def _of_type(where: Address, found: Break, sides: Sides) -> Iterator[Break]:
    """Yield a break of a type as one of each table that has it, or of the type where none has."""
    users = [each.address for each in sides.mapped.tables if any(uses(column, where) for column in each.columns)]
    for user in users:
        what = f"{found.relation} is gone" if found.what == "is gone" else found.what
        yield msgspec.structs.replace(found, relation=sides.was(user), what=what)
    if not users:
        yield found


def _policy(where: Address, sides: Sides) -> Iterator[Break]:
    """Yield the break of a policy that goes while the row security of its table stays."""
    table = Address("table", where.names[:2])
    after = sides.new_tables.get(table)
    if after is not None and after.row_security and where not in sides.standing:
        message = f"drops {where}: what rows others see changes"
        yield Break(sides.was(table), where, f"policy {where.name} is gone", message)
