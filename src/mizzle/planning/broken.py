"""What a change breaks of a table: its name, its columns, what they take, and what is demanded of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from mizzle.differ.renames import Answers
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
    """Both catalogs, and what goes by another name in the new one."""

    old: Catalog
    new: Catalog
    answers: Answers

    @cached_property
    def standing(self) -> Mapping[Address, Object]:
        """What stands on its own in the new catalog."""
        return dict(self.new.top_level())

    @cached_property
    def old_tables(self) -> Mapping[Address, Table]:
        """The old tables by their addresses."""
        return {each.address: each for each in self.old.tables}

    @cached_property
    def new_tables(self) -> Mapping[Address, Table]:
        """The new tables by their addresses."""
        return {each.address: each for each in self.new.tables}

    def now(self, where: Address) -> Address | None:
        """Return where an old object that stands on its own is in the new catalog; None where it is not."""
        final = Address(where.kind, self.answers.final(where.names))
        return final if final in self.standing else None

    def stands_in(self, where: Address) -> bool:
        """Say whether a view, or another of its kind, has the old name of a relation, with all of its columns."""
        found = self.standing.get(address.table(*where.names)) or self.standing.get(Address("view", where.names))
        wanted = self.old_tables[where].order if where in self.old_tables else ()
        there = [name for name, _ in found.columns] if isinstance(found, View) else []
        return isinstance(found, View) and set(wanted) <= set(there)


def gone(where: Address) -> Break:
    """Return the break of an object that is not there any more."""
    return Break(where, where, "is gone", f"drops {where}: code that uses it fails")


def renamed(where: Address, now: Address) -> Break:
    """Return the break of an object that has another name, or is in another schema."""
    called = names.ident(now.name) if where.names[:-1] == now.names[:-1] else now.sql
    return Break(where, where, f"is called {called}", f"renames {where}: code that uses the old name fails")


def of_table(table: Table, sides: Sides) -> Iterator[Break]:
    """Yield what breaks of a table; of a partition, what breaks of the table above is not said again."""
    where = table.address
    now = sides.now(where)
    if now is None:
        if not sides.stands_in(where):
            yield gone(where)
        return
    if now != where and not sides.stands_in(where):
        yield renamed(where, now)
    new = sides.new_tables[now]
    if new == table:
        return
    if table.bound is None or new.bound is None:
        yield from _columns(table, new, sides)
    yield from _constraints(table, new, sides)
    if (new.row_security and not table.row_security) or (new.force_row_security and not table.force_row_security):
        message = f"shows whoever may read {now} only the rows that a policy allows"
        yield Break(where, now, "has row security", message)


def _columns(old: Table, new: Table, sides: Sides) -> Iterator[Break]:
    there, then = effective(old, sides.old_tables), effective(new, sides.new_tables)
    called = {name: sides.answers.final((old.schema, old.name, name))[-1] for name in there}
    for name, column in there.items():
        after = then.get(called[name])
        was = address.column(old.schema, old.name, name)
        if after is None:
            subject = address.column(new.schema, new.name, name)
            yield Break(old.address, subject, f"{name} is gone", f"drops {subject}: code that uses it fails")
            continue
        if called[name] != name:
            what = f"{name} is called {called[name]}"
            yield Break(old.address, was, what, f"renames {was}: code that uses the old name fails")
        subject = address.column(new.schema, new.name, called[name])
        yield from (Break(old.address, subject, *said) for said in _column(column, after, subject))
    for name in sorted(then.keys() - set(called.values())):
        if _demands(column := then[name]):
            subject = address.column(new.schema, new.name, column.name)
            message = f"adds {subject}, which must have a value: code that inserts without it fails"
            yield Break(old.address, subject, f"inserts without {name} fail", message)


def effective(table: Table, tables: Mapping[Address, Table]) -> dict[str, Column]:
    """Return the columns of a table by their names, those that it has from others, too."""
    found = {each.name: each for each in table.columns}
    for name in table.order:
        above = inheritance.inherited(table, name, tables) if name not in found else None
        if above is not None:
            found[name] = above
    return found


def _demands(column: Column) -> bool:
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
    if _demands(new) and not _demands(old) and not old.nullable:
        message = f"takes the default of {subject}: code that inserts without it fails"
        yield f"inserts without {name} fail", message
    elif old.nullable and not new.nullable and new.generated is None:
        yield f"{name} must have a value", f"demands a value in {subject}: code that writes none fails"
    if new.identity is not None and new.identity.always and not (old.identity is not None and old.identity.always):
        yield f"{name} is always generated", f"{subject} is always generated: code that writes it fails"


def _constraints(old: Table, new: Table, sides: Sides) -> Iterator[Break]:
    """Yield the constraints and unique indexes that rows of old code may be against."""
    called = {each: sides.answers.final((old.schema, old.name, each))[-1] for each in effective(old, sides.old_tables)}
    there = {_bare(_referring(part, sides), called) for _, part in old.parts() if not isinstance(part, Column)}
    columns = effective(new, sides.new_tables)
    added = {name: column for name, column in columns.items() if name not in called.values()}
    for where, part in new.parts():
        if isinstance(part, Column) or (isinstance(part, Index) and not part.unique):
            continue
        if _bare(part, {}) not in there and not _spared(part, columns, added):
            kind = "index" if isinstance(part, Index) else "constraint"
            message = f"adds {where}: code that writes rows against it fails"
            yield Break(old.address, where, f"rows are held against {kind} {part.name}", message)


def _referring(part: Constraint | Index, sides: Sides) -> Constraint | Index:
    """Return a foreign key that refers to what it refers to by its names in the new catalog."""
    if not isinstance(part, ForeignKey):
        return part
    where = (part.ref_schema, part.ref_table)
    schema, table = sides.answers.final(where)
    columns = tuple(sides.answers.final((*where, each))[-1] for each in part.ref_columns)
    return replace(part, ref_schema=schema, ref_table=table, ref_columns=columns)


def _bare(part: Constraint | Index, called: Mapping[str, str]) -> object:
    """Return what a constraint demands, whatever it is called; with its columns by the names they have then."""
    columns = frozenset(called.get(name, name) for name in part.columns)
    match part:
        case PrimaryKey() | Unique():
            return "unique", columns, "NULLS NOT DISTINCT" in part.definition
        case Index():
            return ("index", columns, part.definition if not part.unique or "WHERE" in part.definition else "")
        case Check() | Exclusion():
            same = all(called.get(name, name) == name for name in part.columns)
            return type(part), columns, part.definition.removesuffix(" NOT VALID") if same else columns
        case ForeignKey():
            return replace(part, name="", comment=None, columns=tuple(called.get(n, n) for n in part.columns))


def _spared(part: Constraint | Index, columns: Mapping[str, Column], added: Mapping[str, Column]) -> bool:
    """Say whether no row of code that does not know the `added` columns can be against it."""
    empty = [name for name in part.columns if name in added and _is_empty(columns[name])]
    match part:
        case Check():
            return bool(part.columns) and set(part.columns) <= added.keys() and "IS NOT NULL" not in part.definition
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
