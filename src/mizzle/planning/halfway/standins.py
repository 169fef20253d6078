"""A renamed table half way: it has its new name, and a view of its old columns stands under the old one.

A view that is a plain SELECT from one table is written through (documentation, CREATE VIEW, "Updatable Views"); with
security_invoker (PostgreSQL 15) whoever uses it needs the table's own privileges, and policies are the caller's.
"""

from __future__ import annotations

from dataclasses import replace

from mizzle import names
from mizzle.catalog.access import Grants
from mizzle.catalog.address import Address, on
from mizzle.catalog.catalog import Catalog, Dependency
from mizzle.catalog.table import Table
from mizzle.catalog.view import View
from mizzle.planning.halfway.asked import Asked, refused
from mizzle.planning.steps import Lock, Statement

_INVOKER = 15
_UNPREFIXED = 16
"""The majors from which on a view can be its invoker's, and names of columns have no table before them."""

_ALL = ("DELETE", "INSERT", "SELECT", "UPDATE")


def standin(was: Address, table: Table, asked: Asked, *, major: int) -> View:
    """Return the view for a table, called `was`; `table` is as it is half way, `major` the oldest server."""
    if major < _INVOKER and table.row_security:
        raise refused(was, "it has row security, and a view cannot be its caller's before PostgreSQL 15")
    if table.inherits or any(table.address.names in each.inherits for each in asked.new.tables if each.bound is None):
        raise refused(was, "it has to do with inheritance")
    before = next(each for each in asked.base.tables if each.address == table.address)
    columns = {each.name: each for each in table.columns}
    prefix = "" if asked.new.major >= _UNPREFIXED else f"{names.ident(table.name)}."
    listed = ",\n    ".join(f"{prefix}{names.ident(name)}" for name in before.order)
    typed = tuple((name, _typed(columns[name].type, columns[name].collation)) for name in before.order)
    options = ("security_invoker=true",) if major >= _INVOKER else ()
    schema, name = was.names
    return View(schema, name, typed, f" SELECT {listed}\n   FROM {table.address.sql}", options)


def dependencies(view: View, table: Table) -> tuple[Dependency, ...]:
    """Return what PostgreSQL will record of it."""
    return tuple(Dependency(view.address, Address("column", (*table.address.names, name))) for name, _ in view.columns)


def grants(view: View, table: Table, catalog: Catalog, *, major: int) -> Grants | None:
    """Return who may use it, where grants are managed."""
    if major >= _INVOKER:
        return Grants(str(view.address), tuple(("PUBLIC", each, "", "") for each in _ALL))
    found = next((each for each in catalog.grants if each.subject == table.address), None)
    return found and replace(found, on=str(view.address))


def opened(view: View, *, major: int) -> tuple[Statement, ...]:
    """Return what lets everybody use the view, where grants are not managed: the table asks for its own privileges."""
    if major < _INVOKER:
        return ()
    sql = f"GRANT {', '.join(_ALL)} ON {view.address.sql} TO PUBLIC"
    return (Statement(sql, lock=Lock.NONE, change=f"create {view.address}"),)


def _typed(type_: str, collation: str | None) -> str:
    return type_ if collation is None else f"{type_} COLLATE {collation}"


__all__ = ["dependencies", "grants", "on", "opened", "standin"]
