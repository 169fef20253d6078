"""Texts that went through PostgreSQL once more.

What PostgreSQL prints of an expression is not always what it prints again after reading that: `IN` on varchar and
`BETWEEN` come out differently the first time, and stay the same from the second on. So each expression that was read is
put back in under a name of its own beside the original, read once more, and all of it is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.aggregate import Aggregate
from mizzle.catalog.cast import Cast
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.column import Column, Generated
from mizzle.catalog.constraint import Check, Exclusion
from mizzle.catalog.defined import FIELDS, Defined
from mizzle.catalog.domain import Domain
from mizzle.catalog.index import Index
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.publication import Publication
from mizzle.catalog.read import read_kind
from mizzle.catalog.routine import Routine
from mizzle.catalog.table import Table
from mizzle.planning import dispatch
from mizzle.planning.recipes import domain, routine
from mizzle.server import session

if TYPE_CHECKING:
    from mizzle.server.session import Connection

_PREFIX = "mizzle trip "

# A default made of these nodes alone prints the same each time; what has operators in it may not.
_DEFAULTS = r"""
SELECT n.nspname, c.relname, a.attname
FROM pg_attrdef d
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attgenerated = '' AND d.adbin::text ~
  '\{(?!CONST |FUNCEXPR |COERCEVIAIO |RELABELTYPE |SQLVALUEFUNCTION |NEXTVALUEEXPR )[A-Z]'
"""
_INDEXES = """
SELECT n.nspname, c.relname
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND i.indexrelid >= 16384
"""
_CONSTRAINT_TEXTS = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE starts_with(conname, %s)"
_INDEX_TEXTS = """
SELECT c.relname, pg_get_indexdef(c.oid)
FROM pg_class c
WHERE c.relkind IN ('i', 'I') AND starts_with(c.relname, %s)
  AND NOT EXISTS (SELECT FROM pg_constraint x WHERE x.conindid = c.oid)
"""
_COLUMN_TEXTS = """
SELECT a.attname, pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE starts_with(a.attname, %s) AND NOT a.attisdropped
"""


class Trip(msgspec.Struct, frozen=True):
    """One expression on its way: the statement that puts it in as `name`."""

    address: Address
    name: str
    sql: str


def canonical(connection: Connection, catalog: Catalog) -> Catalog:
    """Return `catalog`, read in the open transaction of `connection`, with its texts as they are after another load."""
    copies = {f"{_PREFIX}of {number}": thing for number, thing in enumerate(_told(catalog))}
    trips = list(_trips(connection, catalog))
    if not trips and not copies:
        return catalog
    connection.execute("SAVEPOINT trip")
    quiet = [f"ALTER EVENT TRIGGER {names.ident(each.name)} DISABLE" for each in catalog.event_triggers]
    made = [_again(thing, name) for name, thing in copies.items()]
    session.run(connection, ";\n".join((*quiet, *(trip.sql for trip in trips), *made)))
    found = dict[str, str]()
    for query in (_CONSTRAINT_TEXTS, _INDEX_TEXTS, _COLUMN_TEXTS) if trips else ():
        found |= dict(connection.execute(query, (_PREFIX,)).fetchall())
    kinds = [kind for kind in FIELDS if any(isinstance(thing, kind) for thing in copies.values())]
    told = [each for kind in kinds for each in read_kind(connection, kind)]
    connection.execute("ROLLBACK TO SAVEPOINT trip")
    again = {copies[each.name].address: each for each in told if each.name in copies}
    again |= {each.address: each for each in told if isinstance(each, Routine)}
    texts = {trip.address: found[trip.name] for trip in trips}
    catalog = catalog.mapped(lambda thing: _with_indexes(retold(thing, again.get(thing.address)), texts))
    return replace(catalog, tables=tuple(_table(table, texts) for table in catalog.tables))


def _with_indexes(thing: Defined, texts: Mapping[Address, str]) -> Defined:
    if not isinstance(thing, MaterializedView):
        return thing
    return replace(thing, indexes=tuple(_index(thing, index, texts.get(where)) for where, index in thing.parts()))


def _again(thing: Defined, name: str) -> str:
    """Return what makes `thing` again, beside the first; a routine in its own place: its body may hold its name."""
    if isinstance(thing, Routine):
        return routine.definition(thing, replace=True)
    copy = _copy(thing, name)
    if isinstance(copy, Domain):  # checks that are not valid come behind
        return ";\n".join(statement.sql for operation in domain.create(copy) for statement in operation.statements)
    return dispatch.definition(copy)


def _copy(thing: Defined, name: str) -> Defined:
    if isinstance(thing, MaterializedView):
        return replace(thing, name=name, populated=False)
    return replace(thing, name=name)


def retold(thing: Defined, told: Defined | None) -> Defined:
    """Return `thing` with its texts as `told`, which is the same object elsewhere, has them."""
    if type(told) is not type(thing):
        return thing
    texts: dict[str, Any] = {name: getattr(told, name) for name in thing.TEXTS}
    if isinstance(thing, MaterializedView) and isinstance(told, MaterializedView) and told.name == thing.name:
        indexes = dict(told.parts())
        texts["indexes"] = tuple(replace(indexes.get(w, i), valid=i.valid) for w, i in thing.parts())
    return replace(thing, **texts)


def _told(catalog: Catalog) -> Iterator[Defined]:
    """Yield the objects that have texts which PostgreSQL may print otherwise the next time."""
    for thing in catalog.defined():
        if isinstance(thing, Aggregate | Publication | Cast) or (isinstance(thing, Routine) and not thing.parsed):
            continue
        if any(getattr(thing, name) for name in thing.TEXTS):
            yield thing


def _trips(connection: Connection, catalog: Catalog) -> Iterator[Trip]:
    if not (catalog.tables or catalog.materialized_views):
        return
    defaults = {Address("column", row) for row in connection.execute(_DEFAULTS).fetchall()}
    indexes = {Address("index", row) for row in connection.execute(_INDEXES).fetchall()}
    number = 0
    for table in (*catalog.tables, *catalog.materialized_views):
        for where, part in table.parts():
            name = f"{_PREFIX}{number}"
            sql = _sql(table, part, name, unstable=where in defaults or where in indexes)
            if sql:
                number += 1
                yield Trip(where, name, sql)


def _sql(table: Table | MaterializedView, part: object, name: str, *, unstable: bool) -> str:
    on, quoted = table.address.sql, names.ident(name)
    match part:
        case Check() | Exclusion():
            return f"ALTER TABLE {on} ADD CONSTRAINT {quoted} {part.definition}"
        case Index() if unstable:
            unique = "UNIQUE " if part.unique else ""
            return f"CREATE {unique}INDEX {quoted} ON {on} {part.definition}"
        case Column(generated=Generated()) if isinstance(table, Table) and table.bound is not None:
            return ""  # nothing can be added to a partition alone
        case Column(generated=Generated() as generated):
            clause = f"GENERATED ALWAYS AS ({generated.expression}) {generated.kind.upper()}"
            collation = f" COLLATE {part.collation}" if part.collation else ""
            return f"ALTER TABLE {on} ADD COLUMN {quoted} {part.type}{collation} {clause}"
        case Column(default=str() as default) if unstable:  # rows would have to take it, and it names no column
            return f"CREATE TEMPORARY TABLE {quoted} ({quoted} {part.type} DEFAULT {default})"
        case _:
            return ""


def _table(table: Table, texts: Mapping[Address, str]) -> Table:
    if not any(where in texts for where, _ in table.parts()):
        return table
    return replace(
        table,
        columns=tuple(_column(c, texts.get(table.address_of(c))) for c in table.columns),
        checks=tuple(replace(c, definition=texts[table.address_of(c)]) for c in table.checks),
        exclusions=tuple(replace(c, definition=texts[table.address_of(c)]) for c in table.exclusions),
        indexes=tuple(_index(table, i, texts.get(table.address_of(i))) for i in table.indexes),
    )


def _column(column: Column, text: str | None) -> Column:
    if text is None:
        return column
    if column.generated is not None:
        return replace(column, generated=Generated(text, column.generated.kind))
    return replace(column, default=text)


def _index(table: Table | MaterializedView, index: Index, text: str | None) -> Index:
    if text is None:
        return index
    text = text.replace(" ON ONLY ", " ON ", 1)
    return replace(index, definition=text.partition(f" ON {table.address.sql} ")[2])
