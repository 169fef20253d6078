"""Grants and owners after a rename: they follow the object that they are about, and its columns."""

from __future__ import annotations

from dataclasses import replace

from mizzle.catalog.access import DefaultPrivileges, Grants, Owner
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Dependency
from mizzle.differ.changes import Rename


def with_access(old: Catalog, new: Catalog, change: Rename) -> Catalog:
    """Return `new`, which is `old` after a rename, with what roles have to do with what was renamed."""
    if change.address.kind == "schema":
        new = new.mapped(lambda thing: _with_schema(thing, change) if isinstance(thing, DefaultPrivileges) else thing)
    if not (old.grants or old.owners):
        return new
    called: dict[Address, Address] = {}

    def each(thing: Grants | Owner) -> Grants | Owner:
        subject = _renamed(thing.subject, change, old)
        found = replace(thing, on=str(subject))
        if isinstance(found, Grants) and change.address.kind == "column" and subject.names == change.address.names[:2]:
            grants = (g._replace(column=change.to.name) if g.column == change.address.name else g for g in found.all)
            found = replace(found, grants=tuple(sorted(map(tuple, grants))))
        called[thing.address] = found.address
        return found

    told = new.mapped(lambda thing: each(thing) if isinstance(thing, Grants | Owner) else thing)
    dependencies = (Dependency(called.get(d.dependent, d.dependent), d.referenced) for d in told.dependencies)
    return replace(told, dependencies=tuple(dependencies))


def _with_schema(privileges: DefaultPrivileges, change: Rename) -> DefaultPrivileges:
    return replace(privileges, schema=change.to.name) if privileges.schema == change.address.name else privileges


def _renamed(subject: Address, change: Rename, old: Catalog) -> Address:
    where, to = change.address, change.to
    if subject == where:
        return to
    if where.kind == "schema" and subject.schema == where.name:
        return Address(subject.kind, (to.name, *subject.names[1:]))
    if (
        where.kind == "table"
        and subject.kind == "sequence"
        and subject.schema != to.schema
        and _owned(subject, where, old)
    ):
        return Address("sequence", (to.schema, subject.name))
    return subject


def _owned(sequence: Address, table: Address, old: Catalog) -> bool:
    """Say whether a sequence moves to another schema with its table."""
    if any((s.schema, s.name) == sequence.names and (s.owned_by or ())[:2] == table.names for s in old.sequences):
        return True
    return any(
        column.identity is not None and (each.schema, column.identity.sequence) == sequence.names
        for each in old.tables
        if each.address == table
        for column in each.columns
    )
