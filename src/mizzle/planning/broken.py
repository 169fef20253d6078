"""What a change breaks of a table: its name, its columns, what they take, and what is demanded of its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec

from mizzle import names
from mizzle.catalog import address, inheritance
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Object
from mizzle.catalog.column import Column
from mizzle.catalog.constraint import Check, Constraint, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.catalog.view import View
from mizzle.differ.renames import PLACED, Answers
from mizzle.planning.widening import works_on


class Break(msgspec.Struct, frozen=True):
    """One way in which old code fails: `relation` is what it uses, by its old name, `subject` what is another now.

    `what` is said behind the relation's name (`name is called full_name`), `message` is a sentence by itself.
    """

    relation: Address
    subject: Address
    what: str
    message: str


@dataclass(frozen=True)
class Sides:
    """The old catalog, the same after its renames, and the new one."""

    old: Catalog
    mapped: Catalog
    new: Catalog
    answers: Answers

    @cached_property
    def standing(self) -> Mapping[Address, Object]:
        """What stands on its own in the new catalog."""
        return dict(self.new.top_level())

    @cached_property
    def old_tables(self) -> Mapping[Address, Table]:
        """The old tables after the renames, by their addresses."""
        return {each.address: each for each in self.mapped.tables}

    @cached_property
    def new_tables(self) -> Mapping[Address, Table]:
        """The new tables by their addresses."""
        return {each.address: each for each in self.new.tables}

    @cached_property
    def origins(self) -> Mapping[Address, Address]:
        """What was called otherwise, by what it is called now."""
        pairs = ((self.final(where), where) for where, _ in self.old.top_level())
        return {now: where for now, where in pairs if now != where}

    def final(self, where: Address) -> Address:
        """Return where an old object that stands on its own is after the renames."""
        return Address(where.kind, self.answers.final(where.names)) if where.kind in PLACED else where

    def was(self, now: Address) -> Address:
        """Return the old name of a relation."""
        return self.origins.get(now, now)

    def stands_in(self, where: Address, columns: Collection[str]) -> bool:
        """Say whether a view has the old name of a relation, and all of its columns."""
        found = self.standing.get(Address("view", where.names))
        return isinstance(found, View) and {*columns} <= {name for name, _ in found.columns}


def gone(where: Address) -> Break:
    """Return the break of an object that is not there any more."""
    return Break(where, where, "is gone", f"drops {where}: code that uses it fails")


def renamed(where: Address, now: Address) -> Break:
    """Return the break of an object that has another name, or is in another schema."""
    called = names.ident(now.name) if where.names[:-1] == now.names[:-1] else now.sql
    return Break(where, where, f"is called {called}", f"renames {where}: code that uses the old name fails")


def of_table(old: Table, sides: Sides) -> Iterator[Break]:
    """Yield what breaks of a table as it is after the renames; for a partition it is said of the table above."""
    now = old.address
    was = sides.was(now)
    new = sides.new_tables.get(now)
    called = {sides.answers.final((*was.names, name))[-1]: name for name in _old_names(was, sides)}
    if now != was or new is None:
        if sides.stands_in(was, called.values()):
            was = now
        else:
            yield gone(was) if new is None else renamed(was, now)
    if new is None:
        return
    if old.bound is None or new.bound is None:
        yield from _columns(old, new, called, sides)
    yield from _constraints(old, new, sides)
    if (new.row_security and not old.row_security) or (new.force_row_security and not old.force_row_security):
        message = f"shows whoever may read {now} only the rows that a policy allows"
        yield Break(sides.was(now), now, "has row security", message)


def _old_names(was: Address, sides: Sides) -> tuple[str, ...]:
    return next((each.order for each in sides.old.tables if each.address == was), ())


def _columns(old: Table, new: Table, called: Mapping[str, str], sides: Sides) -> Iterator[Break]:
    there, then = effective(old, sides.old_tables), effective(new, sides.new_tables)
    relation = sides.was(new.address)
    for name, column in there.items():
        subject, was = address.column(new.schema, new.name, name), called.get(name, name)
        if name not in then:
            yield Break(relation, subject, f"{name} is gone", f"drops {subject}: code that uses it fails")
            continue
        if was != name:
            before = Address("column", (*relation.names, was))
            message = f"renames {before}: code that uses the old name fails"
            yield Break(relation, before, f"{was} is called {name}", message)
        yield from (Break(relation, subject, *said) for said in _column(column, then[name], subject))
    for name in sorted(then.keys() - there.keys()):
        if demands(then[name]):
            subject = address.column(new.schema, new.name, name)
            message = f"adds {subject}, which must have a value: code that inserts without it fails"
            yield Break(relation, subject, f"inserts without {name} fail", message)


def effective(table: Table, tables: Mapping[Address, Table]) -> dict[str, Column]:
    """Return the columns of a table by their names, those that it has from others, too."""
    found = {each.name: each for each in table.columns}
    for name in table.order:
        above = inheritance.inherited(table, name, tables) if name not in found else None
        if above is not None:
            found[name] = above
    return found


def demands(column: Column) -> bool:
    """Say whether a row cannot be inserted without a value for the column."""
    filled = column.default is not None or column.identity is not None or column.generated is not None
    return not column.nullable and not filled


def _column(old: Column, new: Column, subject: Address) -> Iterator[tuple[str, str]]:
    """Yield what breaks of a column that stays: in a line behind its table, and as a sentence."""
    name = new.name
    if new.generated is not None and old.generated is None:
        yield f"{name} is computed", f"{subject} is computed: code that writes it fails"
        return
    if not works_on(old.type, new.type):
        message = f"changes {subject} from {old.type} to {new.type}: code that reads or writes it may fail"
        yield f"{name} is {new.type}, was {old.type}", message
    if demands(new) and not demands(old) and not old.nullable:
        message = f"takes the default of {subject}: code that inserts without it fails"
        yield f"inserts without {name} fail", message
    elif old.nullable and not new.nullable and new.generated is None:
        yield f"{name} must have a value", f"demands a value in {subject}: code that writes none fails"
    if new.identity is not None and new.identity.always and not (old.identity is not None and old.identity.always):
        yield f"{name} is always generated", f"{subject} is always generated: code that writes it fails"


def _constraints(old: Table, new: Table, sides: Sides) -> Iterator[Break]:
    """Yield the constraints and unique indexes that rows of old code may be against."""
    held = (inheritance.expanded(old, sides.old_tables) if old.inherits else old).parts()
    there = {bare(part) for _, part in held if not isinstance(part, Column)}
    columns, before = effective(new, sides.new_tables), effective(old, sides.old_tables)
    added = columns.keys() - before.keys()
    for where, part in new.parts():
        if isinstance(part, Column) or (isinstance(part, Index) and not part.unique):
            continue
        if bare(part) not in there and not spared(part, columns, added):
            kind = "index" if isinstance(part, Index) else "constraint"
            message = f"adds {where}: code that writes rows against it fails"
            yield Break(sides.was(new.address), where, f"rows are held against {kind} {part.name}", message)


def bare(part: Constraint | Index) -> object:
    """Return what a constraint demands, whatever it is called."""
    columns = frozenset(part.columns)
    match part:
        case PrimaryKey() | Unique():
            return "unique", columns, "NULLS NOT DISTINCT" in part.definition
        case Index():
            return "index", columns, part.definition, part.unique
        case Check() | Exclusion():
            return type(part), part.definition.removesuffix(" NOT VALID")
        case ForeignKey():
            return replace(part, name="", comment=None)


def spared(part: Constraint | Index, columns: Mapping[str, Column], added: AbstractSet[str]) -> bool:
    """Say whether no row of code that does not know the `added` columns can be against it."""
    empty = [name for name in part.columns if name in added and _is_empty(columns[name])]
    match part:
        case Check():
            return bool(part.columns) and set(part.columns) <= added and "IS NOT NULL" not in part.definition
        case ForeignKey():
            return bool(empty) and part.match == "SIMPLE"
        case PrimaryKey():
            return any(name in added and _is_counted(columns[name]) for name in part.columns)
        case Unique() | Index() | Exclusion():
            apart = "NULLS NOT DISTINCT" not in part.definition
            counted = any(name in added and _is_counted(columns[name]) for name in part.columns)
            return (bool(empty) and apart) or counted


def _is_empty(column: Column) -> bool:
    """Say whether a column of which code does not know has no value."""
    return column.nullable and column.default is None and column.generated is None


def _is_counted(column: Column) -> bool:
    """Say whether a column of which code does not know has another value in each row, as far as its default shows."""
    return column.identity is not None or "(" in (column.default or "")
