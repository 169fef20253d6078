"""Schemas and extensions."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.extension import Extension
from mizzle.catalog.schema import Schema
from mizzle.errors import Unsupported
from mizzle.planning.operations import Operation, Phase, drops, finishes, makes
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Hazard, HazardCode, Statement


def create(schema: Schema) -> list[Operation]:
    """CREATE SCHEMA."""
    where, name = address.schema(schema.name), names.ident(schema.name)
    statements = [
        Statement(f"CREATE SCHEMA {name}", change=f"create {where}"),
        *created("SCHEMA", name, schema.comment),
    ]
    return [makes(Phase.CREATE_OUTER, statements, where)]


def drop(schema: Schema) -> list[Operation]:
    """DROP SCHEMA, without CASCADE: what is still in it keeps it."""
    where = address.schema(schema.name)
    return [drops(Phase.DROP_OUTER, [Statement(f"DROP SCHEMA {where.sql}", change=f"drop {where}")], where)]


def alter(old: Schema, new: Schema) -> list[Operation]:
    """Only a comment can differ."""
    where = address.schema(old.name)
    return [finishes([comment("SCHEMA", where.sql, new.comment)], where)]


def create_extension(extension: Extension) -> list[Operation]:
    """CREATE EXTENSION in its schema, in the version that the server has."""
    where = address.extension(extension.name)
    sql = f"CREATE EXTENSION {where.sql} WITH SCHEMA {names.ident(extension.schema)}"
    return [makes(Phase.CREATE_OUTER, [Statement(sql, change=f"create {where}")], where)]


def drop_extension(extension: Extension) -> list[Operation]:
    """DROP EXTENSION, without CASCADE."""
    where = address.extension(extension.name)
    hazard = Hazard(HazardCode.BREAKS_OLD_CODE, str(where), f"drops {where}: its functions, types and operators go")
    statement = Statement(f"DROP EXTENSION {where.sql}", hazards=(hazard,), change=f"drop {where}")
    return [drops(Phase.DROP_OUTER, [statement], where)]


def alter_extension(old: Extension, new: Extension) -> list[Operation]:
    """An extension in another schema: not every extension can be moved, so it is refused by name."""
    raise Unsupported(
        f"cannot move extension {old.name} from schema {old.schema} to {new.schema}",
        hint="move it in a hand-written migration: mizzle generate --custom",
        objects=(f"extension {old.name}",),
    )
