"""One tenant's schema, as models and migrations call it: `public`."""

from __future__ import annotations

from dataclasses import replace

from mizzle.catalog import prune
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.errors import DatabaseError
from mizzle.names import ident
from mizzle.planning.plan import plan
from mizzle.project.config import TEMPLATE
from mizzle.server.scratch import Server
from mizzle.server.session import UNCHECKED

MISSING = frozenset({"3F000", "42704", "42883", "42P01"})
"""What PostgreSQL says of a schema, a type, a function, a relation that is not there."""


def as_template(server: Server, found: Catalog, tenant: str) -> Catalog:
    """Return what is in the schema of `tenant` as it would be in `public`, told by `server`.

    PostgreSQL itself renames the schema, after it was built. The schema's owner and grants are not a tenant's. What a
    body of a function says of the schema by name it goes on saying. Raises DatabaseError where something is needed that
    lies in another schema.
    """
    try:
        home = server.rehome(found)
        return home if tenant == TEMPLATE else _renamed(server, home, tenant)
    except DatabaseError as error:
        if error.sqlstate not in MISSING:
            raise
        raise DatabaseError(
            f"schema {tenant} needs what is not in it: {error.message}",
            hint="a tenant's schema has all that it needs (per_schema): leave out what needs more by `ignore`",
            sqlstate=error.sqlstate,
        ) from error


def _renamed(server: Server, home: Catalog, tenant: str) -> Catalog:
    managed = prune.managed(home)
    made = prune.keep(managed, lambda where: where.names != (tenant,) or where.kind == "schema")
    said = plan(EMPTY, made, major=server.major).sql
    template = ident(TEMPLATE)
    moved = server.load(
        f"{UNCHECKED};\n{said}\nDROP SCHEMA {template};\nALTER SCHEMA {ident(tenant)} RENAME TO {template};"
    )
    gone = {*home.unmanaged, *(home.addresses() - managed.addresses())}
    return replace(moved, unmanaged=tuple(sorted(_moved(where, tenant) for where in gone)))


def _moved(where: Address, tenant: str) -> Address:
    return Address(where.kind, (TEMPLATE, *where.names[1:])) if where.names[0] == tenant else where
