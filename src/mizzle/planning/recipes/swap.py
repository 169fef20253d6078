"""A type replaced by another of the same name: what is of it moves over before the old one goes."""

from __future__ import annotations

from dataclasses import replace

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, drops, makes
from mizzle.planning.steps import Statement


def swap(where: Address, kind: str, made: list[Statement], context: Context) -> list[Operation]:
    """Put the type at `where`, a TYPE or DOMAIN (`kind`), aside, make the new one, and drop the old one at the end."""
    moved, gone = _statements(where, kind, context)
    return [makes(Phase.ALTER_TYPE, [moved, *made], where), _goes(gone, where)]


def replaced(where: Address, context: Context) -> list[Operation]:
    """Put the type at `where` aside for one of another kind that takes its name, and drop it at the end."""
    kind = "DOMAIN" if where.kind == "domain" else "TYPE"
    moved, gone = _statements(where, kind, context)
    aside = Operation(Phase.ALTER_TYPE, (moved,), alters=frozenset({where}), frees=frozenset({where}))
    return [aside, _goes(gone, where)]


def _goes(gone: Statement, where: Address) -> Operation:
    """Drop what was put aside, which it is when the other is there."""
    return replace(drops(Phase.ALTER_TABLE, [gone], where), follows=frozenset({where}))


def _statements(where: Address, kind: str, context: Context) -> tuple[Statement, Statement]:
    schema, name = where.names
    aside = names.aside(name, context.taken(schema))
    change = f"alter {where}"
    moved = Statement(f"ALTER {kind} {where.sql} RENAME TO {names.ident(aside)}", change=change)
    return moved, Statement(f"DROP {kind} {names.dotted(schema, aside)}", change=change)


def uses(column: Column, type_: Address) -> bool:
    """Say whether the column is of the type or an array of it."""
    return column.type.removesuffix("[]") == type_.sql
